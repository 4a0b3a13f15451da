"""Mistakes on the same images: McNemar's test and paired differences."""

import math

import numpy as np
import pytest

from analysis.statistics.paired import (
    difference,
    mcnemar,
    over_images,
    unpaired_standard_error,
)


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
    found = difference(first[None], second[None])
    b, c, n = 12.5, 4.5, 102
    centre = (b - c) / n
    half = 1.959964 * math.sqrt(b + c - (b - c) ** 2 / n) / n
    assert found.value == pytest.approx(0.08)
    assert (found.low, found.high) == pytest.approx((centre - half, centre + half))
    assert found.covers == "images, 1 seed: without seed noise"


def test_networks_that_always_agree_still_have_an_interval():
    found = over_images(*(side[None] for side in mistakes(10, 0, 0, 40)))
    assert found.value == 0 and found.low < 0 < found.high


def test_of_several_seeds_the_interval_is_over_seeds():
    pairs = [mistakes(10, 10 + k, 10 - k, 70) for k in (1, 2, 3)]
    first, second = (np.stack(side) for side in zip(*pairs, strict=True))
    found = difference(first, second)
    half = 4.302653 * 0.02 / math.sqrt(3)  # differences of 2, 4 and 6 %
    assert found.value == pytest.approx(0.04)
    assert (found.low, found.high) == pytest.approx((0.04 - half, 0.04 + half))
    assert found.covers == "3 seeds"


def test_pairing_the_images_is_narrower_than_not():
    first, second = mistakes(400, 30, 10, 560)
    paired = over_images(first[None], second[None])
    error = unpaired_standard_error(first.mean(), 1000, second.mean(), 1000)
    assert paired.high - paired.low < 2 * 1.96 * error


def test_the_interval_over_images_covers_as_often_as_it_says():
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(300):
        drawn = rng.random(300)
        first, second = drawn < 0.30, (drawn > 0.04) & (drawn < 0.30)
        inside.append(not over_images(first[None], second[None]).excludes(0.04))
    assert 0.91 < np.mean(inside) < 0.99


def test_the_standard_error_of_different_images():
    found = unpaired_standard_error(0.5, 100, 0.2, 400)
    assert found == pytest.approx(math.sqrt(0.25 / 100 + 0.16 / 400))
