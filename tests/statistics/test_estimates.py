"""Intervals of errors, by hand and against the textbook."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.statistics.estimates import (
    counted,
    mean_error,
    of_error,
    over_seeds,
    signed,
)


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


def test_one_network_has_wilsons_interval_over_images():
    found = of_error(0.5, 100)
    assert (found.low, found.high) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    assert found.per_cent == "50.00 (40.38–59.62)"
    assert found.covers == "images, 1 seed: without seed noise"
    assert found.excludes(0.4) and not found.excludes(0.41)


@pytest.mark.parametrize(("wrong", "images"), [(0, 30), (1, 30), (77, 300), (30, 30)])
def test_wilsons_interval_is_scipys(wrong, images):
    found = of_error(wrong / images, images)
    known = stats.binomtest(wrong, images).proportion_ci(0.95, "wilson")
    assert (found.low, found.high) == pytest.approx((known.low, known.high))


def test_wilsons_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    drawn = rng.binomial(200, 0.1, size=400) / 200
    inside = [not of_error(error, 200).excludes(0.1) for error in drawn]
    assert 0.92 < np.mean(inside) < 0.98


def test_the_mean_error_of_one_seed_is_over_images():
    assert mean_error([0.2], images=50) == of_error(0.2, 50)
    assert mean_error([0.2, 0.4], images=50).over == "seeds"


@pytest.mark.parametrize(
    ("points", "text"),
    [(1.234, "+1.23"), (-0.5, "−0.50"), (0.004, "0.00"), (-0.004, "0.00")],
)
def test_signs(points, text):
    assert signed(points) == text


def test_plurals():
    assert [counted(n, "view") for n in (1, 10, 1000)] == [
        "1 view",
        "10 views",
        "1,000 views",
    ]
