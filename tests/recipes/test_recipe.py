"""Recipes: unique fields, ranges of values, and what the presets are."""

import dataclasses

import pytest

from repro.recipes import recipe as recipes
from repro.recipes.presets import (
    CIFAR_11PCT,
    CIFAR_13PCT,
    CIFAR_18PCT,
    RECIPES,
    find_recipe,
)
from repro.recipes.recipe import (
    Augmentation,
    Recipe,
    RecipeError,
    crop_size,
    field_values,
    with_epochs,
)
from repro.recipes.settings import field_types, override
from repro.recipes.variants import VARIANTS


def test_field_names_are_unique_over_the_parts():
    names = [
        f.name for part in recipes.PARTS.values() for f in dataclasses.fields(part)
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("learning_rate", float("nan")),
        ("learning_rate", 0.0),
        ("epochs", 0),
        ("batch_size", -1),
        ("momentum", 1.0),
        ("drop_epochs", (5, 3)),
        ("width", float("inf")),
        ("crop_share", 1.5),
        ("train_share", 0.0),
        ("towers", 3),
        ("channels", (96, 256)),
        ("removed", ("conv9",)),
        ("late_epochs", (5,)),
        ("bias_rate_factor", 0.0),
        ("normalised", ("conv9",)),
        ("towers", 1),  # a CIFAR net has none
        ("dropout", 0.25),
    ],
)
def test_values_out_of_range_are_refused(field, value):
    with pytest.raises(RecipeError, match=field):
        override(CIFAR_13PCT, {field: value})


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("channels", (96, 256, 0, 384, 256), "5 widths above 0"),
        ("hidden", (-4, 8), "2 widths above 0"),
        ("removed", ("fc8",), "among conv1, .*, fc7$"),
        ("removed", ("conv6",), "among conv1"),  # not there before it is added
        ("warmup_epochs", -1, "at least 0"),
    ],
)
def test_values_out_of_range_of_the_2012_network(field, value, allowed):
    with pytest.raises(RecipeError, match=f"{field}=.*: must be {allowed}"):
        override(Recipe(), {field: value})


def test_unknown_recipe_names_the_known_ones():
    with pytest.raises(RecipeError, match="cifar-80sec, cifar-18pct"):
        find_recipe("alexnet2")


def test_no_two_presets_are_the_same_recipe():
    assert len({repr(recipe) for recipe in RECIPES.values()}) == len(RECIPES)


def test_published_pair_differs_in_the_three_documented_things():
    # normalisation, maps of local3 (through the layout), decay of the output
    different = {
        name
        for name in field_types()
        if field_values(CIFAR_11PCT)[name] != field_values(CIFAR_13PCT)[name]
    }
    assert different == {
        *("layout", "normaliser", "k", "size", "alpha"),  # k, size, alpha: of the norm
        "output_weight_decay",
    }


def test_figure_1_has_no_regularisation_and_trains_on_all_images():
    for name, recipe in RECIPES.items():
        if name.startswith("figure1"):
            optimisation = recipe.optimisation
            assert optimisation.weight_decay == optimisation.hidden_weight_decay == 0
            assert optimisation.output_weight_decay == 0
            assert recipe.augmentation.crop == "whole"
            assert not recipe.augmentation.flip
            assert not recipe.hold_out
            assert recipe.normalisation.normaliser == "none"
            assert recipe.augmentation.colour_noise == "none"
            assert recipe.augmentation.colour_divisor == 1


def test_the_defaults_are_the_released_run():
    recipe = RECIPES["released-145"]
    assert recipe == Recipe()
    optimisation = recipe.optimisation
    assert optimisation.drop_epochs == (23, 51, 78)
    assert optimisation.epochs == 93
    assert optimisation.late_epochs == (68, 72)
    assert (recipe.normalisation.k, recipe.normalisation.size) == (2, 5)
    assert crop_size(recipe.augmentation, 256) == 224


def test_crops_of_all_data_sets():
    assert [crop_size(Augmentation(), side) for side in (256, 64, 32)] == [224, 56, 28]
    assert crop_size(RECIPES["caffe"].augmentation, 256) == 227
    assert crop_size(CIFAR_13PCT.augmentation, 32) == 24
    assert crop_size(Augmentation(crop="whole"), 32) == 32


def test_fewer_epochs_keep_their_events_in_order():
    short = with_epochs(Recipe(), 31).optimisation
    assert (short.drop_epochs, short.late_epochs) == ((8, 17, 26), (23, 24))
    shortest = with_epochs(Recipe(), 2).optimisation
    assert (shortest.drop_epochs, shortest.late_epochs) == ((1, 2, 3), (1, 2))
    assert with_epochs(Recipe(), 93) == Recipe()
    assert RECIPES["R-long"].optimisation.drop_epochs == (46, 102, 156)


def test_a_plateau_needs_validation_images():
    with pytest.raises(RecipeError, match="needs hold_out=true"):
        override(Recipe(), {"schedule": "plateau", "hold_out": False})


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_states_only_its_difference(name):
    defaults = field_values(Recipe())
    assert [f for f, value in VARIANTS[name].items() if defaults[f] == value] == []


def test_a_window_within_a_map_has_a_middle():
    with pytest.raises(RecipeError, match="size=4: must be odd within a map"):
        override(CIFAR_18PCT, {"size": 4})
    assert override(Recipe(), {"size": 4}).normalisation.size == 4  # across maps
