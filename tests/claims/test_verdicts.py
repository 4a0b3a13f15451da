"""The rules of the verdicts, at their boundaries, on numbers worked out by hand."""

import math

import pytest

from analysis.claims import verdicts
from analysis.claims.claims import COLUMNS, Claim, Quantity
from analysis.claims.measurement import Measured
from analysis.claims.verdicts import WORDS, Case
from analysis.evidence.runs import ReportError


def case(
    quantity, *, profile="cifar10", mark="=", kind="ablation", test="", **measured
):
    """A measurement of `quantity`; 2 points (1 to 3) of 3 and 3 runs unless said."""
    known = {"unit": quantity.unit, "stated": "2.00", "dataset": "CIFAR-10"}
    known |= {"value": 2.0, "seeds": (3, 3)}
    if not measured.get("exact"):
        known |= {"low": 1.0, "high": 3.0}
    claim = Claim.model_construct(
        id="S1",
        group="a group",
        section="1",
        kind=kind,
        statement="It is so.",
        test=test,
        quantities=(quantity,),
        testable_on=dict.fromkeys(COLUMNS, mark),
        data="ILSVRC-2010 test",
    )
    return Case(claim, quantity, Measured(**known | measured), profile)


def effect(paper=None, direction="greater", **changes):
    known = {"unit": "points", "no_effect": 0.0, "direction": direction}
    return Quantity.model_construct(paper=paper, **known | changes)


def test_words_are_those_of_the_design():
    assert WORDS == (
        *("exact", "reproduced", "direction reproduced", "inconclusive"),
        *("contradicted", "paper inconsistent", "not run", "not testable here"),
    )


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        # The paper: 2 points. Half-width at most 1: a width of 2 is the limit.
        (1.0, 3.0, "reproduced"),
        (1.0, 3.25, "direction reproduced"),
        (2.0, 3.0, "reproduced"),
        (2.125, 3.0, "direction reproduced"),
        (0.5, 2.0, "reproduced"),
        (0.5, 1.875, "direction reproduced"),
        (0.125, 2.125, "reproduced"),
        (0.125, math.inf, "direction reproduced"),
        (0.0, 2.0, "inconclusive"),
        (-1.0, 2.0, "inconclusive"),
        (-2.0, 0.0, "inconclusive"),
        (-2.0, -0.125, "contradicted"),
        (math.nan, math.nan, "inconclusive"),
    ],
)
def test_a_difference_against_the_papers_two_points(low, high, word):
    assert verdicts.difference(case(effect(2.0), low=low, high=high)).word == word


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (-3.0, -1.0, "reproduced"),
        (-1.5, -0.5, "direction reproduced"),
        (-1.0, 0.0, "inconclusive"),
        (0.125, 1.0, "contradicted"),
    ],
)
def test_the_other_direction(low, high, word):
    found = case(effect(-2.0, direction="less"), low=low, high=high)
    assert verdicts.difference(found).word == word


def test_a_direction_without_a_value():
    verdict = verdicts.difference(case(effect()))
    assert verdict.word == "direction reproduced"
    assert verdict.reason == "The interval lies above 0 points."


@pytest.mark.parametrize(
    ("low", "high", "reason"),
    [
        (1.0, 3.0, "lies above 0 points and contains the paper's 2 points."),
        (2.5, 3.0, "lies above 0 points; the paper's 2 points lies outside it."),
        (0.5, 9.0, "contains the paper's 2 points, but is wider than that effect."),
        (-1.0, 1.0, "contains 0 points."),
        (-2.0, -1.0, "lies below 0 points, not above it."),
    ],
)
def test_reasons_say_which_rule_decided(low, high, reason):
    verdict = verdicts.difference(case(effect(2), low=low, high=high))
    assert verdict.reason.endswith(reason)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "reproduced"),
        ({"mark": "~"}, "direction reproduced"),
        ({"mark": "~?"}, "direction reproduced"),
        ({"dataset": "CIFAR-10, 4 classes"}, "direction reproduced"),
    ],
)
def test_the_value_counts_on_whole_data_marked_for_it_only(changes, word):
    verdict = verdicts.difference(case(effect(2.0), **changes))
    assert verdict.word == word
    elsewhere = "the paper's data: ILSVRC-2010 test"
    assert (elsewhere in verdict.reason) == bool(changes)


def test_one_run_in_an_arm_decides_nothing():
    assert verdicts.difference(case(effect(2.0), seeds=(3, 1))).word == "inconclusive"
    assert verdicts.difference(case(effect(2.0), seeds=(1,))).word == "reproduced"


def test_no_interval_names_the_runs():
    verdict = verdicts.difference(case(effect(), low=math.nan, high=math.nan))
    assert verdict.reason == "No interval (runs: 3 and 3)."


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        # At least 1: every interval that reaches 1 holds an allowed value.
        (0.75, 1.0, "reproduced"),
        (0.75, 0.875, "direction reproduced"),
        (1.5, 2.5, "reproduced"),
        (1.5, 2.75, "direction reproduced"),
    ],
)
def test_a_value_that_is_a_bound(low, high, word):
    found = case(effect(1.0, bound="at least"), low=low, high=high)
    assert verdicts.difference(found).word == word


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (5.0, 8.0, "reproduced"),
        (1.5, 6.5, "reproduced"),
        (1.5, 6.75, "direction reproduced"),
        (6.5, math.inf, "direction reproduced"),
        (1.0, 6.0, "inconclusive"),
        (0.5, 0.75, "contradicted"),
    ],
)
def test_a_ratio_against_the_papers_six(low, high, word):
    quantity = effect(6.0, unit="times", no_effect=1.0)
    assert verdicts.ratio(case(quantity, low=low, high=high)).word == word


def test_a_ratio_is_positive():
    quantity = effect(6.0, unit="times", no_effect=1.0)
    with pytest.raises(ReportError, match=r"S1: '2\.00' is no ratio"):
        verdicts.ratio(case(quantity, value=-1.0))


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (47.8, 100.0, "direction reproduced"),
        (28.4, 99.5, "direction reproduced"),
        (5.0, 60.0, "inconclusive"),
        (0.0, 4.0, "contradicted"),
    ],
)
def test_a_permutation_against_chance(low, high, word):
    quantity = effect(unit="%", no_effect=5.0)
    verdict = verdicts.permutation(case(quantity, low=low, high=high, value=60))
    assert verdict.word == word
    assert "chance, 5 %" in verdict.reason


@pytest.mark.parametrize(
    ("value", "low", "high", "word"),
    [
        # Five of five runs exceed the null: 47.8 to 100 %, half-width 26.1 of 47.5.
        (100, 47.8, 100.0, "reproduced"),
        (80, 28.4, 99.5, "contradicted"),
        (0, 0.0, 97.5, "contradicted"),  # one run, which does not
        (100, 2.5, 100.0, "inconclusive"),  # one run, which does
    ],
)
def test_what_is_claimed_of_every_run_has_no_exception(value, low, high, word):
    every = effect(100.0, unit="%", no_effect=5.0)
    verdict = verdicts.permutation(case(every, low=low, high=high, value=value))
    assert verdict.word == word
    exception = "does not contain the paper's 100 %" in verdict.reason
    assert exception == (word == "contradicted")


def test_a_permutation_is_a_share():
    with pytest.raises(ReportError, match="is no share"):
        verdicts.permutation(case(effect(unit="%", no_effect=5.0), value=120))


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (-0.5, 0.5, "reproduced"),
        (0.125, 0.375, "reproduced"),  # an effect, but within the margin
        (-0.5, 0.625, "inconclusive"),
        (0.25, 2.0, "inconclusive"),
        (0.5, 2.0, "inconclusive"),
        (0.625, 2.0, "contradicted"),
        (-2.0, -0.625, "contradicted"),
    ],
)
def test_an_effect_that_is_claimed_to_be_none(low, high, word):
    quantity = effect(direction=None, margin=0.5)
    assert verdicts.difference(case(quantity, low=low, high=high)).word == word
    if word == "reproduced":
        found = case(quantity, low=low, high=high, mark="~")
        assert verdicts.difference(found).word == "direction reproduced"


@pytest.mark.parametrize(
    ("value", "paper", "word"),
    [
        (0.925, None, "exact"),
        (0.925, 0.925, "exact"),
        (0.925, 0.9, "direction reproduced"),
        (1.0, None, "contradicted"),
        (1.25, None, "contradicted"),
    ],
)
def test_an_effect_that_is_arithmetic(value, paper, word):
    quantity = effect(paper, direction="less", unit="times", no_effect=1.0)
    found = case(quantity, exact=True, value=value, dataset="", seeds=())
    assert verdicts.ratio(found).word == word


def test_no_effect_at_all_is_not_the_direction():
    quantity = effect(direction="less", unit="times", no_effect=1.0)
    found = case(quantity, exact=True, value=1.0, dataset="", seeds=())
    assert verdicts.ratio(found).reason == "The value lies at 1, not below it."


def test_equivalence_that_is_arithmetic():
    quantity = effect(direction=None, margin=0.05, unit="times", no_effect=1.0)
    for value, word in ((0.981, "exact"), (0.9, "contradicted")):
        found = case(quantity, exact=True, value=value, dataset="", seeds=())
        assert verdicts.ratio(found).word == word


@pytest.mark.parametrize(
    ("value", "quantity", "word"),
    [
        (96, Quantity(paper=96), "exact"),
        (95, Quantity(paper=96), "contradicted"),
        (60_965_224, Quantity(paper=60_000_000, rounding=10_000_000), "exact"),
        (65_000_000, Quantity(paper=60_000_000, rounding=10_000_000), "exact"),
        (65_000_001, Quantity(paper=60_000_000, rounding=10_000_000), "contradicted"),
        (650_080, Quantity(paper=650_000, rounding=10_000), "exact"),
        (659_272, Quantity(paper=650_000, rounding=10_000), "contradicted"),
        (290_400, Quantity(paper=253_440, implied=290_400), "paper inconsistent"),
        (253_440, Quantity(paper=253_440, implied=290_400), "exact"),
        (290_401, Quantity(paper=253_440, implied=290_400), "contradicted"),
        (1.0, Quantity(paper=1, bound="at most"), "exact"),
        (0.73, Quantity(paper=1, bound="at most"), "exact"),
        (1.45, Quantity(paper=1, bound="at most", implied=1.45), "paper inconsistent"),
        (0.5, Quantity(paper=1, bound="at least"), "contradicted"),
        (0.00004, Quantity(paper=0, rounding=0.0001), "exact"),
        (0.00006, Quantity(paper=0, rounding=0.0001), "contradicted"),
        (0.1 + 0.2, Quantity(paper=0.3), "exact"),
    ],
)
def test_counts_agree_up_to_the_printed_digits(value, quantity, word):
    found = case(quantity, exact=True, value=value, dataset="", seeds=())
    assert verdicts.count(found).word == word


def test_a_count_is_exact():
    with pytest.raises(ReportError, match=r"S1: '2\.00' is not exact"):
        verdicts.count(case(Quantity(paper=2)))


def test_a_record_that_follows_the_authors_files_and_not_the_text():
    quantity = Quantity(paper=0.01, logged=0.03)
    found = case(quantity, exact=True, value=0.03, dataset="", seeds=())
    verdict = verdicts.equality(found)
    assert verdict.word == "contradicted"
    assert verdict.reason == "The authors' files have this, not the paper's 0.01."


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (36.5, 38.5, "reproduced"),
        (36.5, 38.75, "inconclusive"),
        (37.5, 38.0, "reproduced"),
        (37.625, 38.0, "contradicted"),
        (36.0, 37.25, "contradicted"),
        (math.nan, math.nan, "inconclusive"),
    ],
)
def test_a_value_without_an_effect(low, high, word):
    quantity = Quantity(paper=37.5, within=1, unit="%")
    assert verdicts.equality(case(quantity, low=low, high=high)).word == word


def test_a_value_of_other_data_is_not_compared():
    quantity = Quantity(paper=37.5, within=1, unit="%")
    verdict = verdicts.equality(case(quantity, mark="~"))
    assert verdict.word == "not testable here"
    assert "measured on CIFAR-10, the paper's data: ILSVRC-2010" in verdict.reason


def test_a_value_with_an_interval_needs_a_widest_one():
    with pytest.raises(ReportError, match="S1: no `within`"):
        verdicts.equality(case(Quantity(paper=2, unit="%")))


def test_later_notes_are_not_the_paper():
    found = case(effect(2.0), kind="note")
    assert "the notes' 2 points" in verdicts.difference(found).reason


PAIRS = (effect(name="a over b"), effect(name="b over c"))


def ordered(*intervals):
    cases = [
        case(pair, low=low, high=high)
        for pair, (low, high) in zip(PAIRS, intervals, strict=False)
    ]
    claim = Claim.model_construct(**vars(cases[0].claim) | {"quantities": PAIRS})
    return verdicts.ordering(
        [Case(claim, one.quantity, one.measured, one.profile) for one in cases]
    )


@pytest.mark.parametrize(
    ("intervals", "word", "reason"),
    [
        (((1, 2), (1, 2)), "direction reproduced", "All 2 neighbouring pairs"),
        (((1, 2), (-1, 2)), "inconclusive", "Not settled: b over c."),
        (((1, 2),), "inconclusive", "Not settled: b over c."),
        (((-1, 2), (-2, -1)), "contradicted", "the other way round: b over c."),
    ],
)
def test_an_order_is_as_good_as_its_pairs(intervals, word, reason):
    verdict = ordered(*intervals)
    assert verdict.word == word
    assert reason in verdict.reason
