"""The permutation null against full enumeration."""

import itertools
import math

import numpy as np
import pytest

from analysis.topics.kernels import towers
from analysis.topics.kernels.towers import (
    compare,
    random_gaps,
)


def all_gaps(values):
    """The gap of every equal split, each as often as any other."""
    values = np.asarray(values, float)
    half = len(values) // 2
    rows = [list(rows) for rows in itertools.combinations(range(len(values)), half)]
    return np.array(
        [abs(values[rows].mean() - np.delete(values, rows).mean()) for rows in rows]
    )


def test_two_and_two_by_hand():
    """Of the six splits of 0, 0, 1, 1 two have a gap of 1 and four one of 0."""
    split = compare([0, 0, 1, 1])
    assert (split.means, split.gap, split.limit) == ((0, 1), 1, 1)
    assert split.p == pytest.approx(1 / 3, abs=0.02)
    assert not split.exceeds


def test_agrees_with_every_split():
    values = np.random.default_rng(1).normal(size=10) + np.r_[np.zeros(5), np.ones(5)]
    split, gaps = compare(values), all_gaps(values)
    assert split.p == pytest.approx((gaps >= split.gap - 1e-12).mean(), abs=0.02)
    assert split.limit == pytest.approx(np.quantile(gaps, 0.95), rel=0.05)


def test_halves_that_differ_exceed_and_those_that_do_not_do_not():
    values = np.r_[np.linspace(0, 0.1, 24), np.linspace(0.5, 0.6, 24)]
    apart, alike = compare(values), compare(values.reshape(2, 24).T.ravel())
    assert apart.exceeds and apart.p == pytest.approx(1 / 10001)
    assert not alike.exceeds and alike.p > 0.2


def test_by_chance_one_in_twenty_exceeds():
    rng = np.random.default_rng(0)
    found = [compare(rng.normal(size=48), draws=400).exceeds for _ in range(600)]
    assert 0.03 < np.mean(found) < 0.075


def test_which_half_is_lower_does_not_matter_to_the_gap():
    values = np.r_[np.zeros(6), np.ones(6)] + np.linspace(0, 0.1, 12)
    there, back = compare(values), compare(values[::-1])
    assert (there.lower, back.lower) == (0, 1)
    assert there.gap == pytest.approx(back.gap)


def test_the_same_draws_every_time_and_others_with_another_seed():
    values = np.arange(12.0)
    assert (random_gaps(values) == random_gaps(values)).all()
    assert (random_gaps(values, seed=1) != random_gaps(values)).any()
    assert random_gaps(values).shape == (towers.DRAWS,)


def test_values_that_are_missing_are_left_out():
    whole = compare([0, 0.1, 0.2, 1, 1.1, 1.2], draws=500)
    short = compare([0, 0.1, 0.2, np.nan, 1, 1.1, 1.2, np.nan], draws=500)
    assert short == whole
    uneven = compare([0, 3, np.nan, 1, 1, 1], draws=500)
    assert uneven.means == (1.5, 1)
    assert math.isnan(compare([np.nan, np.nan, 1, 2]).p)
    assert not compare([np.nan, np.nan, 1, 2]).exceeds
