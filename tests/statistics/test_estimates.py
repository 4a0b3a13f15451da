"""Intervals over seeds: numbers by hand, SciPy, censoring, coverage by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.statistics.estimates import difference, over_seeds, ratio_of_means


def test_over_seeds_is_students_t():
    found = over_seeds([0.01, 0.02, 0.03], images=100)
    half = 4.302653 * 0.01 / math.sqrt(3)  # t of 2 degrees of freedom, 97.5 %
    assert found.value == pytest.approx(0.02)
    assert (found.low, found.high) == pytest.approx((0.02 - half, 0.02 + half))
    assert (found.over, found.seeds, found.images) == ("seeds", 3, 100)
    assert found.points == "+2.00 (−0.48 to +4.48)"
    assert found.covers == "3 seeds"


def test_a_lower_level_is_narrower():
    wide, narrow = (over_seeds([0.1, 0.3], images=9, level=p) for p in (0.95, 0.9))
    assert narrow.high - narrow.value == pytest.approx(6.313752 * 0.1)
    assert wide.high - wide.value == pytest.approx(12.706205 * 0.1)


def test_one_value_has_no_interval_and_excludes_nothing():
    found = over_seeds([0.01], images=100)
    assert found.over == "nothing" and math.isnan(found.low)
    assert found.points == "+1.00"
    assert found.covers == "one seed: no interval"
    assert not found.excludes(0.5)


def test_welch_on_two_pairs():
    """Standard error 1 on one degree of freedom, whose t is 12.706."""
    found = difference([1, 3], [0, 0])
    limits = (found.value, found.low, found.high)
    assert limits == pytest.approx((2, -10.706, 14.706), abs=1e-3)
    assert found.has_interval and found.over == "seeds"


def test_one_seed_has_no_interval_and_no_spread_has_no_width():
    found = difference([1], [0, 2])
    assert found.value == 0 and not found.has_interval
    found = difference([2, 2], [1, 1])
    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_equal_relative_spread_by_hand():
    """Logarithms 0.1 on either side of those of 10 and 5.

    Each mean has a variance of 0.02 / 2, so the half-width is t(2 x 1 degrees) x
    sqrt(0.02) = 0.6085.
    """
    apart = math.exp(0.1)
    ratio = ratio_of_means(
        [10 / apart, 10 * apart], [5 / apart, 5 * apart], limits=(40, 40)
    )
    assert ratio.value == pytest.approx(2)
    assert ratio.low == pytest.approx(2 * math.exp(-0.608486), rel=1e-5)
    assert ratio.high == pytest.approx(2 * math.exp(0.608486), rel=1e-5)
    assert ratio.bound == "none"


def test_agrees_with_welch_on_logarithms():
    above, below = np.array([3.0, 8.1, 12.5]), np.array([5.2, 5.3, 7.6])
    ratio = ratio_of_means(above, below, limits=(40, 40))
    expected = stats.ttest_ind(np.log(above), np.log(below), equal_var=False)
    low, high = np.exp(expected.confidence_interval(0.95))
    assert (ratio.low, ratio.high) == pytest.approx((low, high))


def test_covers_the_true_ratio_as_often_as_it_says():
    rng = np.random.default_rng(0)
    samples = rng.normal([[[8.0], [5.0]]], [[[0.4], [0.2]]], size=(2000, 2, 3))
    ratios = [ratio_of_means(*pair, limits=(40, 40)) for pair in samples]
    covered = np.mean([not ratio.excludes(1.6) for ratio in ratios])
    assert 0.93 < covered < 0.98


def test_one_seed_has_no_interval():
    ratio = ratio_of_means([8], [5, 6], limits=(40, 40))
    assert ratio.value == pytest.approx(8 / math.sqrt(30))
    assert math.isnan(ratio.low) and math.isnan(ratio.high)
    assert (ratio.ratio, ratio.limits) == ("1.46", "")


def test_no_spread_gives_a_point():
    ratio = ratio_of_means([8, 8], [4, 4], limits=(40, 40))
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((2, 2, 2))


def test_a_censored_numerator_gives_a_lower_bound():
    ratio = ratio_of_means([math.inf, math.inf], [5, 5], limits=(40, 40))
    assert (ratio.value, ratio.low) == pytest.approx((8, 8))
    assert (ratio.high, ratio.bound) == (math.inf, "at least")
    assert ratio.ratio == ratio.limits == "at least 8.00"


def test_a_censored_denominator_gives_an_upper_bound():
    ratio = ratio_of_means([20, 20], [math.inf, 40], limits=(40, 40))
    assert (ratio.value, ratio.high) == pytest.approx((0.5, 0.5))
    assert (ratio.low, ratio.bound) == (0, "at most")


@pytest.mark.parametrize("samples", [([math.inf], [math.inf]), ([], [1]), ([1], [])])
def test_nothing_is_known_without_a_value_on_one_side(samples):
    ratio = ratio_of_means(*samples, limits=(40, 40))
    assert ratio.bound == "unknown"
    assert (ratio.ratio, ratio.limits) == ("unknown", "")
    assert not ratio.excludes(6)
