"""Intervals over images, against closed forms, published values and SciPy."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.statistics import resampling
from analysis.statistics.resampling import Estimate


def test_two_queries_have_three_possible_means():
    found = resampling.bootstrap([0, 1])  # 0, 1/2, 1 with chance 1/4, 1/2, 1/4
    assert found == Estimate(0.5, 0.0, 1.0, 2)


def test_means_agree_with_scipy():
    sample = np.random.default_rng(3).binomial(6, 0.4, size=80) / 6
    expected = stats.bootstrap(
        (sample,), np.mean, method="percentile", rng=np.random.default_rng(4)
    ).confidence_interval
    found = resampling.bootstrap(sample)
    assert found.value == pytest.approx(sample.mean())
    assert found.low == pytest.approx(expected.low, abs=0.01)
    assert found.high == pytest.approx(expected.high, abs=0.01)


def test_a_ratio_weighs_queries_by_what_they_count():
    found = resampling.bootstrap([1, 0, 5], [1, 3, 0])
    assert found.value == 0.25  # 1 of 4; the third counts nothing
    assert (found.low, found.high, found.n) == (0.0, 1.0, 2)


def test_large_samples_are_drawn_in_pieces(monkeypatch):
    sample = np.arange(50) / 50
    whole = resampling.bootstrap(sample)
    monkeypatch.setattr(resampling, "CHUNK", 333)
    assert resampling.bootstrap(sample) == whole


@pytest.mark.parametrize("hits", [[0, 0, 0], [0.5, 0.5], [1]])
def test_queries_that_agree_have_no_interval(hits):
    found = resampling.bootstrap(hits)
    assert found.value == hits[0]
    assert math.isnan(found.low) and math.isnan(found.high)
    assert found.interval == "" and not found.excludes(0.7)


def test_nothing_to_count_is_no_number():
    found = resampling.bootstrap([0, 0], [0, 0])
    assert math.isnan(found.value) and found.n == 0


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (81, 263), (5, 5)])
def test_wilson_agrees_with_scipy(hits, n):
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    found = resampling.wilson(hits / n, n)
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.high == pytest.approx(expected.high)


@pytest.mark.parametrize("n", [3, 10, 13, 24, 1000])
def test_wilson_of_none_and_of_all_holds_its_share(n):
    """However the last bit is rounded: 'in every run' is 100 %, not a little less."""
    none, every = resampling.wilson(0.0, n), resampling.wilson(1.0, n)
    assert none.low == 0 and every.high == 1
    assert none.high == pytest.approx(1 - every.low) and 0 < none.high < 1


def test_difference_is_newcombes():
    """The first example of his table II: 56 of 70 less 48 of 80."""
    found = resampling.difference(
        resampling.wilson(56 / 70, 70), resampling.wilson(48 / 80, 80)
    )
    assert found.value == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert found.excludes(0) and not found.excludes(0.1)
    assert found.interval == "5.2 to 33.4"
