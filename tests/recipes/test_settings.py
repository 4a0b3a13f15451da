"""A recipe by its fields: changed from text, written to JSON and read back."""

import copy
import json

import pytest

from repro.recipes.presets import CIFAR_13PCT, RECIPES
from repro.recipes.recipe import Recipe, RecipeError
from repro.recipes.settings import (
    as_dict,
    from_dict,
    override,
    parse_override,
    run_name,
    with_settings,
)
from repro.runs.folder import ROOT

COMMITTED = sorted((ROOT / "reports").glob("*/runs/*/*/recipe.json"))


@pytest.mark.parametrize("name", RECIPES)
def test_every_preset_is_read_back(name):
    assert from_dict(as_dict(RECIPES[name])) == RECIPES[name]


def test_committed_records_are_those_that_would_be_written_now():
    assert COMMITTED
    for path in COMMITTED:
        record = json.loads(path.read_text())["recipe"]
        assert as_dict(from_dict(record)) == record, path


def test_what_early_records_lack_is_recorded_where_it_is_used():
    assert not as_dict(Recipe()).keys() & {"classes", "pretrained"}
    used = as_dict(RECIPES["transfer-finetuned"])
    assert used["classes"] == ["cat", "dog"]
    assert used["pretrained"] == "transfer-source"


def changed(part, field, value):
    record = copy.deepcopy(as_dict(Recipe()))
    (record[part] if part else record)[field] = value
    return record


@pytest.mark.parametrize(
    ("part", "field", "value", "reason"),
    [
        ("network", "depth", 8, "recorded network: unknown depth"),
        ("", "teacher", "none", "recorded recipe: unknown teacher"),
        ("network", "activation", "gelu", "activation='gelu': not a value"),
        ("network", "width", "1.0", "width='1.0': not a value"),
        ("network", "width", True, "width=True: not a value"),
        ("network", "towers", 2.0, "towers=2.0: not a value"),
        ("optimisation", "batch_size", True, "batch_size=True: not a value"),
        ("network", "joined", "conv3", "joined='conv3': not a value"),
        ("network", "channels", [96, "256", 384, 384, 256], "channels='256'"),
        ("", "hold_out", 1, "hold_out=1: not a value"),
        ("", "network", None, "recorded network: None is not a table"),
        ("network", "width", -1.0, "width=-1.0: must be above 0"),
    ],
)
def test_what_a_recipe_cannot_be_is_refused(part, field, value, reason):
    with pytest.raises(RecipeError, match=reason):
        from_dict(changed(part, field, value))


@pytest.mark.parametrize("part", ["", "augmentation"])
def test_no_default_stands_in_for_a_missing_field(part):
    record = copy.deepcopy(as_dict(Recipe()))
    owner = record[part] if part else record
    gone = list(owner)[-1]
    del owner[gone]
    with pytest.raises(RecipeError, match=f"missing {gone}"):
        from_dict(record)


def test_whole_numbers_stand_for_floats():
    assert from_dict(changed("network", "width", 2)).network.width == 2.0


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


def test_override_changes_one_field_and_nothing_else():
    changed = override(CIFAR_13PCT, {"activation": "tanh", "hold_out": False})
    assert changed.network.activation == "tanh"
    assert not changed.hold_out
    assert override(changed, {"activation": "relu", "hold_out": True}) == CIFAR_13PCT
    with pytest.raises(RecipeError, match="unknown field 'depth'"):
        override(CIFAR_13PCT, {"depth": 3})


def test_run_name_sorts_changes_and_shortens_numbers():
    changes = {"learning_rate": 0.010, "activation": "tanh", "flip": False}
    assert run_name("a", changes) == "a+activation=tanh+flip=false+learning_rate=0.01"
    assert run_name("a", {"drop_epochs": (3, 5)}) == "a+drop_epochs=3,5"


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
