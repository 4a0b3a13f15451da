"""Intervals over images, against closed forms, published values and SciPy."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.statistics import images
from analysis.statistics.images import (
    bootstrap,
    exact_share,
    mcnemar,
    mean_error,
    paired,
    paired_over_images,
    share,
    unpaired,
    unpaired_standard_error,
)


def test_one_network_has_wilsons_interval_over_images():
    found = share(0.5, 100)
    assert (found.low, found.high) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    assert found.per_cent == "50.00 (40.38–59.62)"
    assert found.covers == "images, 1 seed: without seed noise"
    assert found.excludes(0.4) and not found.excludes(0.41)


@pytest.mark.parametrize(("wrong", "images"), [(0, 30), (1, 30), (77, 300), (30, 30)])
def test_wilsons_interval_is_scipys(wrong, images):
    found = share(wrong / images, images)
    known = stats.binomtest(wrong, images).proportion_ci(0.95, "wilson")
    assert (found.low, found.high) == pytest.approx((known.low, known.high))


def test_wilsons_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    drawn = rng.binomial(200, 0.1, size=400) / 200
    inside = [not share(error, 200).excludes(0.1) for error in drawn]
    assert 0.92 < np.mean(inside) < 0.98


def test_the_mean_error_of_one_seed_is_over_images():
    assert mean_error([0.2], images=50) == share(0.2, 50)
    assert mean_error([0.2, 0.4], images=50).over == "seeds"


@pytest.mark.parametrize("n", [3, 10, 13, 24, 1000])
def test_wilson_of_none_and_of_all_holds_its_share(n):
    """However the last bit is rounded: 'in every run' is 100 %, not a little less."""
    none, every = share(0.0, n), share(1.0, n)
    assert none.low == 0 and every.high == 1
    assert none.high == pytest.approx(1 - every.low) and 0 < none.high < 1


def test_an_exact_share_is_clopper_and_pearsons():
    """Of 8 of 8 the lower limit is the eighth root of 0.025."""
    assert exact_share(8, 8) == pytest.approx((0.025 ** (1 / 8), 1))
    assert exact_share(0, 0) == (0, 1)


def mistakes(both, first, second, neither):
    """Two (N,) arrays with these counts of images wrong in both, one, and none."""
    one = [True] * (both + first) + [False] * (second + neither)
    other = [True] * both + [False] * first + [True] * second + [False] * neither
    return np.array(one), np.array(other)


def test_mcnemar_is_the_exact_binomial_test():
    found = mcnemar(*mistakes(5, 8, 2, 85))
    assert (found.only_first, found.only_second) == (8, 2)
    assert found.p == pytest.approx(2 * (1 + 10 + 45) / 2**10)


def test_mcnemar_without_a_disagreement_says_nothing():
    assert mcnemar(*mistakes(5, 0, 0, 5)).p == 1


def test_mcnemar_does_not_depend_on_what_both_agree_on():
    few, many = (mcnemar(*mistakes(n, 9, 3, 10 * n)) for n in (1, 50))
    assert few == many


def test_of_one_seed_the_interval_is_agresti_and_mins():
    first, second = mistakes(20, 12, 4, 64)
    found = paired(first[None], second[None])
    b, c, n = 12.5, 4.5, 102
    centre = (b - c) / n
    half = 1.959964 * math.sqrt(b + c - (b - c) ** 2 / n) / n
    assert found.value == pytest.approx(0.08)
    assert (found.low, found.high) == pytest.approx((centre - half, centre + half))
    assert found.covers == "images, 1 seed: without seed noise"


def test_networks_that_always_agree_still_have_an_interval():
    found = paired_over_images(*(side[None] for side in mistakes(10, 0, 0, 40)))
    assert found.value == 0 and found.low < 0 < found.high


def test_of_several_seeds_the_interval_is_over_seeds():
    pairs = [mistakes(10, 10 + k, 10 - k, 70) for k in (1, 2, 3)]
    first, second = (np.stack(side) for side in zip(*pairs, strict=True))
    found = paired(first, second)
    half = 4.302653 * 0.02 / math.sqrt(3)  # differences of 2, 4 and 6 %
    assert found.value == pytest.approx(0.04)
    assert (found.low, found.high) == pytest.approx((0.04 - half, 0.04 + half))
    assert found.covers == "3 seeds"


def test_pairing_the_images_is_narrower_than_not():
    first, second = mistakes(400, 30, 10, 560)
    narrow = paired_over_images(first[None], second[None])
    error = unpaired_standard_error(first.mean(), 1000, second.mean(), 1000)
    assert narrow.high - narrow.low < 2 * 1.96 * error


def test_the_interval_over_images_covers_as_often_as_it_says():
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(300):
        drawn = rng.random(300)
        first, second = drawn < 0.30, (drawn > 0.04) & (drawn < 0.30)
        inside.append(not paired_over_images(first[None], second[None]).excludes(0.04))
    assert 0.91 < np.mean(inside) < 0.99


def test_the_standard_error_of_different_images():
    found = unpaired_standard_error(0.5, 100, 0.2, 400)
    assert found == pytest.approx(math.sqrt(0.25 / 100 + 0.16 / 400))


def test_two_queries_have_three_possible_means():
    found = bootstrap([0, 1])  # 0, 1/2, 1 with chance 1/4, 1/2, 1/4
    assert (found.value, found.low, found.high, found.images) == (0.5, 0, 1, 2)


def test_means_agree_with_scipy():
    sample = np.random.default_rng(3).binomial(6, 0.4, size=80) / 6
    expected = stats.bootstrap(
        (sample,), np.mean, method="percentile", rng=np.random.default_rng(4)
    ).confidence_interval
    found = bootstrap(sample)
    assert found.value == pytest.approx(sample.mean())
    assert found.low == pytest.approx(expected.low, abs=0.01)
    assert found.high == pytest.approx(expected.high, abs=0.01)


def test_a_ratio_weighs_queries_by_what_they_count():
    found = bootstrap([1, 0, 5], [1, 3, 0])
    assert found.value == 0.25  # 1 of 4; the third counts nothing
    assert (found.low, found.high, found.images) == (0.0, 1.0, 2)


def test_large_samples_are_drawn_in_pieces(monkeypatch):
    sample = np.arange(50) / 50
    whole = bootstrap(sample)
    monkeypatch.setattr(images, "CHUNK", 333)
    assert bootstrap(sample) == whole


@pytest.mark.parametrize("hits", [[0, 0, 0], [0.5, 0.5], [1]])
def test_queries_that_agree_have_no_interval(hits):
    found = bootstrap(hits)
    assert found.value == hits[0]
    assert math.isnan(found.low) and math.isnan(found.high)
    assert found.limits_per_cent == "" and not found.excludes(0.7)


def test_nothing_to_count_is_no_number():
    found = bootstrap([0, 0], [0, 0])
    assert math.isnan(found.value) and found.images == 0


def test_difference_is_newcombes():
    """The first example of his table II: 56 of 70 less 48 of 80."""
    found = unpaired(share(56 / 70, 70), share(48 / 80, 80))
    assert found.value == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert found.excludes(0) and not found.excludes(0.1)
    assert found.limits_per_cent == "5.2 to 33.4"
