"""The ablations: recipes that exist, runs that pair."""

from decimal import Decimal

import pytest

from analysis.evidence import runs as results
from analysis.topics.ablations.comparisons import COMPARISONS, R0, Arm, compared, pairs
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


def test_a_name_is_taken_apart_as_it_was_made():
    arm = Arm("R-gap", ("dropout=0",))
    assert arm.name(("epochs=17",)) == "R-gap+dropout=0+epochs=17"
    assert arm.condition("R-gap+dropout=0+epochs=17") == ("epochs=17",)
    assert arm.condition("R-gap+epochs=17") is None
    assert arm.condition("R-gap2+dropout=0") is None
    assert R0.condition("released-145") == ()


def test_what_the_arm_sets_goes_before_the_condition():
    assert Arm("R", ("epochs=1",)).name(("epochs=2",)) == "R+epochs=1"


@pytest.mark.parametrize(
    ("recipe", "paper", "notes"),
    [
        ("R-half", ("1.7", "1.2"), ("1.70", "1.23")),
        ("R-nolrn", ("1.4", "1.2"), ("1.37", "1.15")),
        ("R-pool2", ("0.4", "0.3"), ("0.39", "0.30")),
    ],
)
def test_the_notes_round_to_what_the_paper_prints(recipe, paper, notes):
    found = BY_RECIPE[recipe]
    assert (found.paper.top1, found.paper.top5) == tuple(map(Decimal, paper))
    assert (found.notes.top1, found.notes.top5) == tuple(map(Decimal, notes))


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
    assert [(each.condition, each.seeds) for each in found] == [
        (("epochs=17",), [0, 1])
    ]
    names = {(v.name, r.name) for v, r in found[0].runs}
    assert names == {("R-nolrn+epochs=17", "released-145+epochs=17")}


def test_runs_of_other_data_do_not_pair(tmp_path):
    data = {"dataset": "d", "split": "train", "sha256": {"images": "x", "labels": "y"}}
    write_exported(tmp_path, wrong=WRONG)
    write_exported(tmp_path, "R-nolrn", wrong=WRONG, data=data)
    assert pairs(load(tmp_path), BY_RECIPE["R-nolrn"]) == []


def test_seeds_on_other_data_are_no_more_pairs(tmp_path):
    """Both arms ran on both data: those of most seeds count."""
    data = {"dataset": "d", "split": "train", "sha256": {"images": "x", "labels": "y"}}
    for name in ("released-145", "R-nolrn"):
        write_exported(tmp_path, name, 0, wrong=WRONG, data=data)
        for seed in (1, 2):
            write_exported(tmp_path, name, seed, wrong=WRONG)
    (found,) = pairs(load(tmp_path), BY_RECIPE["R-nolrn"])
    assert found.seeds == [1, 2]


def test_a_condition_that_sets_what_varies_compares_nothing(tmp_path):
    for name in ("released-145", "R-long"):
        write_exported(tmp_path, f"{name}+epochs=17", wrong=WRONG)
        write_exported(tmp_path, f"{name}+width=0.5", wrong=WRONG)
    (found,) = pairs(load(tmp_path), BY_RECIPE["R-long"])
    assert found.condition == ("width=0.5",)


def test_a_comparison_with_settings_of_its_own(tmp_path):
    for name in (
        "R-gap+dropout=0+epochs=17",
        "R-gap+epochs=17",
        "released-145+epochs=17",
    ):
        write_exported(tmp_path, name, wrong=WRONG)
    runs = load(tmp_path)
    found = {one.name: pairs(runs, one) for one in COMPARISONS if "X20" in one.claims}
    assert len(found.pop("R-gap+dropout=0 against R-gap")) == 1
    assert len(found.pop("R-gap against released-145")) == 1
    assert found == {"R-nodrop against released-145": []}


def test_other_recipes_that_ran_are_compared_too(tmp_path):
    write_exported(tmp_path, "R-scale+epochs=17", wrong=WRONG)
    write_exported(tmp_path, "paper-text", wrong=WRONG)
    extra = compared(load(tmp_path))[len(COMPARISONS) :]
    assert [each.name for each in extra] == ["R-scale against released-145"]
