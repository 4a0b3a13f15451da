"""Recipes: unique fields, checked overrides, folder names."""

import dataclasses

import pytest

from repro import recipes
from repro.presets import CIFAR_11PCT, CIFAR_13PCT, RECIPES, find_recipe
from repro.recipes import RecipeError, override, parse_override, run_name


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
    ],
)
def test_overrides_are_typed(text, expected):
    assert parse_override(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epochs", "expected field=value"),
        ("lr=1", "known fields: layout, activation"),
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
    ],
)
def test_values_out_of_range_are_refused(field, value):
    with pytest.raises(RecipeError, match=field):
        override(CIFAR_13PCT, {field: value})


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
        for name in recipes.field_types()
        if _value(CIFAR_11PCT, name) != _value(CIFAR_13PCT, name)
    }
    assert different == {"layout", "normalisation", "output_weight_decay"}


def test_figure_1_has_no_regularisation_and_trains_on_all_images():
    for name, recipe in RECIPES.items():
        if name.startswith("figure1"):
            optimisation = recipe.optimisation
            assert optimisation.weight_decay == optimisation.hidden_weight_decay == 0
            assert optimisation.output_weight_decay == 0
            assert recipe.augmentation.crop == "whole"
            assert not recipe.augmentation.flip
            assert not recipe.hold_out
            assert recipe.network.normalisation == "none"


def test_crop_larger_than_the_images_is_refused():
    with pytest.raises(RecipeError, match="at most 16"):
        recipes.check_fits(CIFAR_13PCT, 16)
    recipes.check_fits(CIFAR_13PCT, 24)


def _value(recipe, name):
    if name == "hold_out":
        return recipe.hold_out
    parts = [getattr(recipe, part) for part in recipes.PARTS]
    return next(getattr(part, name) for part in parts if hasattr(part, name))
