"""Rates against sequences worked out by hand."""

import math

import pytest

from repro.recipes.presets import CIFAR_18PCT, RECIPES
from repro.recipes.recipe import Recipe
from repro.recipes.settings import override
from repro.training.schedule import Rates, late, plateau_drops, rates_at


def test_released_rates_by_epoch():
    """layer-params-145-2010: drops after 23, 51, 78; conv1 slow at 68, still at 72."""
    optimisation = Recipe().optimisation
    expected = {
        0: Rates(0.01, 0.01, 0.02),
        22: Rates(0.01, 0.01, 0.02),
        23: Rates(0.001, 0.001, 0.02),
        51: Rates(0.0001, 0.0001, 0.02),
        67: Rates(0.0001, 0.0001, 0.02),
        68: Rates(0.0001, 0.00001, 0.02),
        72: Rates(0.0001, 0.00001, 0.02, stem_frozen=True),
        78: Rates(0.00001, 0.00001, 0.02, stem_frozen=True),
    }
    for epoch, rates in expected.items():
        found = rates_at(optimisation, epoch)
        assert vars(found) == pytest.approx(vars(rates), rel=1e-12), epoch
    assert [late(optimisation, epoch) for epoch in (67, 68)] == [False, True]


def test_biases_drop_along_where_the_recipe_says_so():
    rates = rates_at(RECIPES["caffe"].optimisation, 40)
    assert (rates.weights, rates.biases) == pytest.approx((1e-4, 2e-4))


def test_original_cifar_rates():
    rates = [rates_at(CIFAR_18PCT.optimisation, e).weights for e in (119, 120, 130)]
    assert rates == pytest.approx([1e-3, 1e-4, 1e-5], rel=1e-12)
    constant = override(CIFAR_18PCT, {"schedule": "constant"}).optimisation
    assert rates_at(constant, 130).weights == 1e-3


def test_plateau_drops_exactly_three_times():
    assert plateau_drops([], 2) == 0
    assert plateau_drops([0.9, 0.8, 0.8], 2) == 0
    assert plateau_drops([0.9, 0.8, 0.8, 0.85], 2) == 1
    assert plateau_drops([0.9, 0.8, 0.8, 0.85, 0.8], 2) == 1  # counted anew
    assert plateau_drops([0.9, 0.8, 0.8, 0.85, 0.7, 0.7, 0.7], 2) == 2
    assert plateau_drops([0.5] * 100, 2) == 3
    optimisation = override(Recipe(), {"schedule": "plateau", "patience": 2})
    optimisation = optimisation.optimisation
    errors = [0.9, 0.8, 0.8, 0.85]
    assert rates_at(optimisation, 4, errors).weights == pytest.approx(0.001)
    assert rates_at(optimisation, 3, errors).weights == 0.01  # knows only the past


def test_warm_up_then_cosine():
    recipe = override(
        Recipe(),
        {"schedule": "cosine", "epochs": 14, "warmup_epochs": 4, "late_epochs": ()},
    )
    rates = [rates_at(recipe.optimisation, epoch).weights for epoch in range(14)]
    expected = [0.002, 0.004, 0.006, 0.008]
    expected += [0.005 * (1 + math.cos(math.pi * k / 10)) for k in range(10)]
    assert rates == pytest.approx(expected)
