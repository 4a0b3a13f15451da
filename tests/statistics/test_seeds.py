"""Means with ranges, and differences of means, against values worked out by hand."""

import math

import pytest

from analysis.statistics.seeds import difference, per_cent, plural, seeds, spread


def test_counts_have_their_noun():
    assert (seeds(1), seeds(2), plural(1200, "epoch")) == (
        "1 seed",
        "2 seeds",
        "1,200 epochs",
    )


def test_a_range_is_shown_only_where_values_differ():
    assert spread([0.2, 0.4], per_cent) == "30.0 (20.0–40.0)"
    assert spread([0.2, 0.2001], per_cent) == "20.0"
    assert spread([math.nan, 0.2], per_cent) == "20.0"
    assert spread([math.nan], per_cent) == spread([], per_cent) == "–"


def test_welch_on_two_pairs():
    """Standard error 1 on one degree of freedom, whose t is 12.706."""
    value, low, high = difference([1, 3], [0, 0])
    assert (value, low, high) == pytest.approx((2, -10.706, 14.706), abs=1e-3)


def test_one_seed_has_no_interval_and_no_spread_has_no_width():
    value, low, high = difference([1], [0, 2])
    assert value == 0 and math.isnan(low) and math.isnan(high)
    assert difference([2, 2], [1, 1]) == (1, 1, 1)
