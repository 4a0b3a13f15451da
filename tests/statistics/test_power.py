"""Runs that an effect needs, by hand."""

import math

import pytest

from analysis.statistics.power import pooled_spread, runs_needed


def test_the_spread_is_pooled_over_recipes():
    found = pooled_spread([[1, 3], [1, 3, 5], [7]])
    assert found.deviation == pytest.approx(math.sqrt((2 + 8) / 3))
    assert found.degrees == 3


def test_without_two_seeds_there_is_no_spread():
    assert pooled_spread([[0.3], [0.4]]) is None
    assert pooled_spread([]) is None


def test_runs_for_an_effect_of_one_deviation():
    assert runs_needed(0.4, 0.4) == 16  # 2 (1.9600 + 0.8416)^2 = 15.7


def test_half_the_effect_takes_four_times_the_runs():
    assert runs_needed(0.2, 0.4) == 63  # 62.8


def test_an_effect_of_either_sign_takes_at_least_two_runs():
    assert runs_needed(-5, 0.1) == 2
