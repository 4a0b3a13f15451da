"""Response normalisation and dropout are checked: sections 3.3 and 4.2."""

import itertools

import numpy as np
import torch
from torch import nn

from repro.checks.checked import SMALL, Checked, relative_deviation
from repro.networks.build import meta_network
from repro.recipes.presets import PAPER_TEXT, RELEASED_145
from repro.recipes.recipe import Recipe

MAPS = {"norm1": 96, "norm2": 256}
K, N, ALPHA, BETA = 2.0, 5, 1e-4, 0.75  # as printed
LARGE = 1e60  # beside its square k is nothing
SCALE = 200  # of the inputs: the squares weigh about as much as k
INPUTS, IMAGES = 8, 40  # of the linear model
KEPT = 0.5


def layers(recipe: Recipe) -> dict[str, nn.Module]:
    """Return norm1 and norm2 of the network at the paper's size, without parameters."""
    network = meta_network(recipe, classes=1000, side=224)
    return {name: network.get_submodule(name) for name in MAPS}


def by_loop(a: np.ndarray) -> np.ndarray:
    """Apply the equation of section 3.3 as printed, (B, N, H, W) to the same shape."""
    b = np.empty_like(a)
    maps = a.shape[1]
    for i in range(maps):
        total = 0.0
        for j in range(max(0, i - N // 2), min(maps - 1, i + N // 2) + 1):
            total = total + a[:, j] ** 2
        b[:, i] = a[:, i] / (K + ALPHA * total) ** BETA
    return b


def _inputs(maps: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2, maps, 3, 3)) * SCALE


def _normalised(layer: nn.Module, x: np.ndarray) -> np.ndarray:
    return layer(torch.from_numpy(x)).numpy()


def formula() -> Checked:
    """Compare both layers of paper-text with the equation."""
    found, outputs = [], 0
    for name, layer in layers(PAPER_TEXT).items():
        x = _inputs(MAPS[name])
        found.append(relative_deviation(_normalised(layer, x), by_loop(x)))
        outputs += x.size
    return Checked(
        claim="S3.3a",
        measured=max(found),
        expected=0,
        tolerance=SMALL,
        n=outputs,
        counted="outputs",
        compared="norm1 and norm2 of paper-text at 64 bits with the equation of section "
        "3.3 as a NumPy loop",
    )


def constants() -> list[Checked]:
    """Solve k, n, alpha and beta from the outputs of norm1 of R0.

    One map alone becomes x / (k + alpha x^2)^beta. A vanishing x gives k^-beta. For a
    huge x the ratio of two outputs gives beta, and their size gives alpha.
    """
    layer, maps = layers(RELEASED_145)["norm1"], MAPS["norm1"]

    def factor(x: float) -> float:
        alone = np.zeros((1, maps, 1, 1))
        alone[0, maps // 4] = x
        return float(_normalised(layer, alone)[0, maps // 4, 0, 0] / x)

    ratio = factor(LARGE) / factor(LARGE * np.e)
    beta = np.log(ratio) / 2
    found = {
        "k": (factor(1 / LARGE) ** (-1 / beta), K),
        "n": (_neighbours(layer, maps), N),
        # of each square: the released layer divides the printed alpha by n
        "alpha": (factor(LARGE) ** (-1 / beta) / LARGE**2, ALPHA / N),
        "beta": (beta, BETA),
    }
    return [
        Checked(
            claim="S3.3b",
            quantity=quantity,
            measured=float(f"{measured:.9g}"),
            expected=expected,
            tolerance=SMALL * expected,
            n=1,
            counted="layer",
            compared="norm1 of released-145, solved from its outputs, with the released "
            "files: k 2, n 5, alpha 0.0001 divided by n, beta 0.75",
        )
        for quantity, (measured, expected) in found.items()
    ]


def _neighbours(layer: nn.Module, maps: int) -> int:
    """Count the maps that change the output of one in the middle of a tower."""
    middle = maps // 4
    ones = np.ones((1, maps, 1, 1))
    before = _normalised(layer, ones)[0, middle, 0, 0]
    changed = 0
    for other in range(maps):
        x = ones.copy()
        x[0, other] = SCALE
        changed += bool(_normalised(layer, x)[0, middle, 0, 0] != before)
    return changed


def signs() -> Checked:
    """Count the outputs whose sign is not that of the input.

    Most inputs are positive, so that subtracting a mean would turn many signs.
    """
    otherwise, outputs = 0, 0
    for name, layer in layers(RELEASED_145).items():
        x = _inputs(MAPS[name]) + SCALE
        otherwise += int((np.sign(_normalised(layer, x)) != np.sign(x)).sum())
        outputs += x.size
    return Checked(
        claim="S3.3f",
        measured=otherwise,
        expected=0,
        n=outputs,
        counted="outputs",
        compared="signs of the outputs of norm1 and norm2 of released-145 with those of "
        "the inputs",
    )


def dropout_at_test() -> Checked:
    """Measure the factor by which the dropout layers of R0 multiply at test."""
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


def dropout_regression() -> Checked:
    """Compare least squares over every mask of the inputs with a quadratic penalty.

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
