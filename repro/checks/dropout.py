"""Section 4.2: what dropout does at test, and what it is on a linear model."""

import itertools

import numpy as np
import torch

from repro.checks.number import SMALL, Checked, relative_deviation
from repro.networks.build import meta_network
from repro.recipes.presets import RELEASED_145

INPUTS, IMAGES = 8, 40  # of the linear model
KEPT = 0.5


def checked() -> list[Checked]:
    """The factor of the layers, and linear regression under every mask."""
    return [at_test(), regression()]


def at_test() -> Checked:
    """By what the layers of R0 multiply at test."""
    network = meta_network(RELEASED_145, classes=1000, side=224).eval()
    x = torch.linspace(1, 100, 4096)
    factors = {
        factor
        for name in ("drop6", "drop7")
        for factor in (network.get_submodule(name)(x) / x).unique().tolist()
    }
    return Checked(
        claim="S4.2a",
        quantity="factor at test",
        measured=max(factors, key=lambda factor: abs(factor - KEPT)),
        expected=KEPT,
        n=2 * len(x),
        counted="units",
        compared="outputs of drop6 and drop7 of released-145 at test with their inputs",
    )


def regression() -> Checked:
    """Least squares with every mask of the inputs once, against a quadratic penalty.

    The mean over masks m of |y - (m * X) w|^2 is |y - q X w|^2 plus
    q (1 - q) sum_j w_j^2 |x_j|^2, where q is the probability to keep an input.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=(IMAGES, INPUTS)) * np.arange(1, INPUTS + 1)
    y = x @ rng.normal(size=INPUTS) + rng.normal(size=IMAGES)
    masks = [np.array(mask) for mask in itertools.product((0, 1), repeat=INPUTS)]
    masked = np.concatenate([x * mask for mask in masks])
    ours, *_ = np.linalg.lstsq(masked, np.tile(y, len(masks)), rcond=None)
    penalty = KEPT * (1 - KEPT) * np.diag((x**2).sum(axis=0))
    ridge = np.linalg.solve(KEPT**2 * x.T @ x + penalty, KEPT * x.T @ y)
    return Checked(
        claim="X7",
        measured=relative_deviation(ours, ridge),
        expected=0,
        tolerance=SMALL,
        n=len(masks),
        counted="masks",
        compared=f"least squares over all masks of {INPUTS} inputs with the closed form "
        "under the penalty q (1 - q) times the sum of the squares of inputs and weights",
    )
