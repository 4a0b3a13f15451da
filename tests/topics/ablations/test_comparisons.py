"""The ablations: recipes that exist, runs that pair."""

import pytest

from analysis.evidence import runs as results
from analysis.topics.ablations.comparisons import COMPARISONS, compared, pairs
from repro.recipes.presets import RECIPES
from repro.recipes.settings import override, parse_override, run_name
from tests.made.errors import mistakes, write_exported

WRONG = mistakes(8, 6, 3, 2)
BY_RECIPE = {comparison.variant.recipe: comparison for comparison in COMPARISONS}


def load(reports):
    return results.load("tiny-imagenet", reports)


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda one: one.name)
def test_every_arm_can_be_trained_and_has_the_name_of_its_runs(comparison):
    for arm in (comparison.variant, comparison.reference):
        changes = dict(map(parse_override, (*arm.settings, "epochs=17")))
        override(RECIPES[arm.recipe], changes)  # raises where it is not allowed
        assert arm.name(("epochs=17",)) == run_name(arm.recipe, changes)


def test_comparisons_have_names_of_their_own():
    assert len({comparison.name for comparison in COMPARISONS}) == len(COMPARISONS)


def test_runs_pair_by_condition_and_seed(tmp_path):
    for name, seeds in (
        ("released-145+epochs=17", (0, 1)),
        ("R-nolrn+epochs=17", (2, 1, 0)),
        ("released-145", (0,)),
        ("R-nolrn+epochs=5", (0,)),
    ):
        for seed in seeds:
            write_exported(tmp_path, name, seed, wrong=WRONG)
    found = pairs(load(tmp_path), BY_RECIPE["R-nolrn"])
    assert found.keys() == {("epochs=17",)}
    assert [(v.name, v.seed, r.name, r.seed) for v, r in found["epochs=17",]] == [
        ("R-nolrn+epochs=17", seed, "released-145+epochs=17", seed) for seed in (0, 1)
    ]


def test_runs_of_other_data_do_not_pair(tmp_path):
    data = {"dataset": "d", "split": "train", "sha256": {"images": "x", "labels": "y"}}
    write_exported(tmp_path, wrong=WRONG)
    write_exported(tmp_path, "R-nolrn", wrong=WRONG, data=data)
    assert pairs(load(tmp_path), BY_RECIPE["R-nolrn"]) == {}


def test_seeds_on_other_data_are_no_more_pairs(tmp_path):
    """Both arms ran on both data: those of most seeds count."""
    data = {"dataset": "d", "split": "train", "sha256": {"images": "x", "labels": "y"}}
    for name in ("released-145", "R-nolrn"):
        write_exported(tmp_path, name, 0, wrong=WRONG, data=data)
        for seed in (1, 2):
            write_exported(tmp_path, name, seed, wrong=WRONG)
    (found,) = pairs(load(tmp_path), BY_RECIPE["R-nolrn"]).values()
    assert [variant.seed for variant, _ in found] == [1, 2]


def test_a_condition_that_sets_what_varies_compares_nothing(tmp_path):
    for name in ("released-145", "R-long"):
        write_exported(tmp_path, f"{name}+epochs=17", wrong=WRONG)
        write_exported(tmp_path, f"{name}+width=0.5", wrong=WRONG)
    (found,) = pairs(load(tmp_path), BY_RECIPE["R-long"])
    assert found == ("width=0.5",)


def test_a_comparison_with_settings_of_its_own(tmp_path):
    for name in (
        "R-gap+dropout=0+epochs=17",
        "R-gap+epochs=17",
        "released-145+epochs=17",
    ):
        write_exported(tmp_path, name, wrong=WRONG)
    runs = load(tmp_path)
    found = {one.name: pairs(runs, one) for one in COMPARISONS if "X20" in one.bears_on}
    assert len(found.pop("R-gap+dropout=0 against R-gap")) == 1
    assert len(found.pop("R-gap against released-145")) == 1
    assert found == {"R-nodrop against released-145": {}}


def test_other_recipes_that_ran_are_compared_too(tmp_path):
    write_exported(tmp_path, "R-scale+epochs=17", wrong=WRONG)
    write_exported(tmp_path, "paper-text", wrong=WRONG)
    extra = compared(load(tmp_path))[len(COMPARISONS) :]
    assert [each.name for each in extra] == ["R-scale against released-145"]
