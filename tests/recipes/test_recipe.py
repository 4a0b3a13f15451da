"""Recipes: unique fields, checked overrides, folder names."""

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
    with_epochs,
)
from repro.recipes.settings import (
    WHOLE,
    as_dict,
    field_types,
    override,
    parse_override,
    run_name,
    with_settings,
)
from repro.recipes.variants import VARIANTS


def test_field_names_are_unique_over_the_parts():
    names = [
        f.name for part in recipes.PARTS.values() for f in dataclasses.fields(part)
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("learning_rate=1e-4", ("learning_rate", 0.0001)),
        ("epochs=3", ("epochs", 3)),
        ("flip=false", ("flip", False)),
        ("activation=abs-tanh", ("activation", "abs-tanh")),
        ("drop_epochs=3,5", ("drop_epochs", (3, 5))),
        ("drop_epochs=", ("drop_epochs", ())),
        ("removed=conv3,conv4", ("removed", ("conv3", "conv4"))),
    ],
)
def test_overrides_are_typed(text, expected):
    assert parse_override(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epochs", "expected field=value"),
        ("lr=1", "known fields: layout, activation, width"),
        ("epochs=1.5", "epochs='1.5': expected a whole number"),
        ("learning_rate=fast", "expected a number"),
        ("flip=yes", "allowed are true, false"),
        ("activation=elu", "allowed are relu, tanh, logistic, abs-tanh"),
        ("drop_epochs=1,x", "whole numbers with commas"),
    ],
)
def test_bad_overrides_name_what_is_allowed(text, said):
    with pytest.raises(RecipeError, match=said):
        parse_override(text)


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


def test_override_changes_one_field_and_nothing_else():
    changed = override(CIFAR_13PCT, {"activation": "tanh", "hold_out": False})
    assert changed.network.activation == "tanh"
    assert not changed.hold_out
    assert override(changed, {"activation": "relu", "hold_out": True}) == CIFAR_13PCT
    with pytest.raises(RecipeError, match="unknown field 'depth'"):
        override(CIFAR_13PCT, {"depth": 3})


def test_unknown_recipe_names_the_known_ones():
    with pytest.raises(RecipeError, match="cifar-80sec, cifar-18pct"):
        find_recipe("alexnet2")


def test_run_name_sorts_changes_and_shortens_numbers():
    changes = {"learning_rate": 0.010, "activation": "tanh", "flip": False}
    assert run_name("a", changes) == "a+activation=tanh+flip=false+learning_rate=0.01"
    assert run_name("a", {"drop_epochs": (3, 5)}) == "a+drop_epochs=3,5"


def test_no_two_presets_are_the_same_recipe():
    assert len({repr(recipe) for recipe in RECIPES.values()}) == len(RECIPES)


def test_published_pair_differs_in_the_three_documented_things():
    # normalisation, maps of local3 (through the layout), decay of the output
    different = {
        name
        for name in field_types()
        if _value(CIFAR_11PCT, name) != _value(CIFAR_13PCT, name)
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


def test_every_variant_states_only_its_difference():
    defaults = as_dict(Recipe())
    for name, changes in VARIANTS.items():
        for field, value in changes.items():
            plain = [part[field] for part in defaults.values() if _has(part, field)]
            plain += [defaults[field]] if field in defaults else []
            shown = list(value) if isinstance(value, tuple) else value
            assert plain and plain[0] != shown, f"{name} repeats {field}"


def _has(part, field):
    return isinstance(part, dict) and field in part


def _value(recipe, name):
    if name in WHOLE:
        return getattr(recipe, name)
    parts = [getattr(recipe, part) for part in recipes.PARTS]
    return next(getattr(part, name) for part in parts if hasattr(part, name))


def test_set_epochs_moves_the_drops_along_unless_they_are_set_too():
    shorter = with_settings(Recipe(), {"epochs": 31, "momentum": 0.8}).optimisation
    assert (shorter.epochs, shorter.momentum) == (31, 0.8)
    assert (shorter.drop_epochs, shorter.late_epochs) == ((8, 17, 26), (23, 24))
    own = with_settings(Recipe(), {"epochs": 31, "drop_epochs": (5,)}).optimisation
    assert (own.drop_epochs, own.late_epochs) == ((5,), (23, 24))
    assert with_settings(Recipe(), {"momentum": 0.8}) == override(
        Recipe(), {"momentum": 0.8}
    )
    with pytest.raises(RecipeError, match="epochs=0: must be above 0"):
        with_settings(Recipe(), {"epochs": 0})


def test_a_window_within_a_map_has_a_middle():
    with pytest.raises(RecipeError, match="size=4: must be at least 1, and odd within"):
        override(CIFAR_18PCT, {"size": 4})
    assert override(Recipe(), {"size": 4}).normalisation.size == 4  # across maps
