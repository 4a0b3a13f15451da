"""Areas counted by hand, and intervals against Hanley and McNeil's formula."""

import math

import pandas as pd
import pytest
from scipy import stats

from analysis.topics.plateau.grid import AXES
from analysis.topics.plateau.roc_area import area_under_curve, interval, roc_area


def frame(*rows):
    """Rows of input scale, outcome and signal."""
    table = [
        dict.fromkeys(AXES, 1.0) | {"input_scale": s, "outcome": o, "signal": x}
        for s, o, x in rows
    ]
    return pd.DataFrame(table)


def hanley_mcneil(true, left, stayed):
    """The variance as printed in Radiology 143 (1982), 29-36."""
    both_left, both_stayed = true / (2 - true), 2 * true**2 / (1 + true)
    terms = true * (1 - true) + (left - 1) * (both_left - true**2)
    return (terms + (stayed - 1) * (both_stayed - true**2)) / (left * stayed)


def test_pairs_are_counted_and_ties_count_half():
    """3 > 1, 3 = 3, 4 > 1, 4 > 3."""
    assert area_under_curve([3, 4], [1, 3]) == 3.5 / 4
    assert area_under_curve([1], [2]) == 0
    assert area_under_curve([math.inf], [2]) == 1


@pytest.mark.parametrize("area", [0.3, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("size", [2, 9])
def test_the_bounds_are_where_the_area_is_just_rejected(area, size):
    """With equal sizes Newcombe's variance is Hanley and McNeil's."""
    z = stats.norm.ppf(0.975)
    low, high = interval(area, size, size)
    for bound in {low, high} - {1.0}:
        distance = abs(area - bound) / math.sqrt(hanley_mcneil(bound, size, size))
        assert distance == pytest.approx(z)
    assert low < area <= high


def test_a_perfect_area_keeps_a_width_that_shrinks_with_the_sample():
    (few, top), (many, _) = interval(1, 3, 3), interval(1, 30, 30)
    assert top == 1 and few < many < 1
    assert interval(0, 3, 3) == pytest.approx((0, 1 - few))


def test_it_mirrors():
    low, high = interval(0.8, 4, 7)
    assert interval(0.2, 7, 4) == pytest.approx((1 - high, 1 - low))


def test_seeds_of_a_cell_count_once_in_the_interval():
    starts = frame(
        (1, "left", 0.3), (1, "left", 0.4), (2, "left", 0.2), (2, "stayed", 0.25)
    )
    found = roc_area(starts)
    assert found.area == pytest.approx(2 / 3)
    assert (found.left, found.stayed) == (3, 1)
    assert (found.left_cells, found.stayed_cells) == (2, 1)
    assert (found.low, found.high) == interval(found.area, 2, 1)
    assert (found.lowest_left, found.highest_stayed) == (0.2, 0.25)


def test_diverged_runs_and_those_without_a_signal_are_left_out():
    known = [(1, "left", 0.3), (2, "stayed", 0.1)]
    others = [(1, "diverged", 0.01), (2, "stayed", math.nan)]
    found = roc_area(frame(*known, *others))
    assert (found.area, found.left, found.stayed, found.unknown) == (1, 1, 1, 1)


def test_all_that_end_alike_say_nothing():
    assert roc_area(frame((1, "left", 0.3), (2, "left", 0.1))) is None
    assert roc_area(frame((1, "left", 0.3), (2, "stayed", math.nan))) is None
