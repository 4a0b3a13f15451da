"""Every preset survives being written and read; anything else is refused by name."""

import copy
import json

import pytest

from repro.recipes.presets import RECIPES
from repro.recipes.recipe import Recipe, RecipeError
from repro.recipes.recorded_recipe import from_dict
from repro.recipes.settings import as_dict
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
