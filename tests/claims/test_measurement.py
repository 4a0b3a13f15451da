"""One measured number: what may stand in it, and how it is worded."""

import math

import pytest

from analysis.claims.measurement import (
    Measured,
    Printed,
    interval,
    number,
)

GIVEN = {"value": 1.5, "unit": "points", "stated": "1.50", "dataset": "CIFAR-10"}


def test_without_an_interval_its_limits_are_not_numbers():
    measured = Measured(**GIVEN)
    assert not measured.has_interval
    assert math.isnan(measured.low) and math.isnan(measured.high)


def test_a_bound_has_one_infinite_limit():
    assert Measured(**GIVEN, low=1, high=math.inf).has_interval


def test_only_arithmetic_needs_no_data():
    exact = GIVEN | {"exact": True}
    assert Measured(**GIVEN).needs_data
    assert Measured(**exact).needs_data
    assert not Measured(**exact | {"dataset": ""}).needs_data


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": math.nan}, "not a number is not a measurement"),
        ({"low": 1.0}, "no interval: 1.0 to nan"),
        ({"low": 2.0, "high": 1.0}, "no interval: 2.0 to 1.0"),
        ({"low": 1.0, "high": 2.0, "exact": True}, "what is exact has no interval"),
        ({"dataset": ""}, "'1.50': does not say on which data"),
        ({"stated": ""}, "1.5 points: says nothing to the reader"),
    ],
)
def test_parts_that_contradict_each_other(changes, message):
    with pytest.raises(ValueError, match=message):
        Measured(**GIVEN | changes)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (60_000_000, "", "60,000,000"),
        (1.7, "points", "1.7 points"),
        (-0.5, "points", "\N{MINUS SIGN}0.5 points"),
        (6, "times", "6"),
        (0.0001, "", "0.0001"),
        (Printed("17.0"), "%", "17.0 %"),
    ],
)
def test_numbers_in_words(value, unit, words):
    assert number(value, unit) == words


def test_a_printed_number_counts_as_what_it_is():
    assert Printed("17.0") == 17 and Printed("0.5") + 1 == 1.5


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1.351, 1.793, "1.35 to 1.79 points"),
        (-0.2, 0.4, "\N{MINUS SIGN}0.20 to 0.40 points"),
        (6.5, math.inf, "at least 6.50 points"),
        (-math.inf, 2, "at most 2.00 points"),
    ],
)
def test_intervals_in_words(low, high, words):
    assert interval(low, high, "points") == words
