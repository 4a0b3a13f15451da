"""Section 3.3: the normalising layers of the network against the printed equation."""

import numpy as np
import torch
from torch import nn

from repro.checks.number import SMALL, Checked, relative_deviation
from repro.networks.build import meta_network
from repro.recipes.presets import PAPER_TEXT, RELEASED_145
from repro.recipes.recipe import Recipe

MAPS = {"norm1": 96, "norm2": 256}
K, N, ALPHA, BETA = 2.0, 5, 1e-4, 0.75  # as printed
LARGE = 1e60  # beside its square k is nothing
SCALE = 200  # of the inputs: the squares weigh about as much as k


def checked() -> list[Checked]:
    """The equation, its constants, and the signs."""
    return [formula(), *constants(), signs()]


def layers(recipe: Recipe) -> dict[str, nn.Module]:
    """The two layers of the network at the paper's size; they have no parameters."""
    network = meta_network(recipe, classes=1000, side=224)
    return {name: network.get_submodule(name) for name in MAPS}


def by_loop(a: np.ndarray) -> np.ndarray:
    """The equation of section 3.3 as printed, (B, N, H, W) to the same shape."""
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
    """Both layers of paper-text beside the equation."""
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
    """Solved from what norm1 of R0 makes of single maps: x / (k + alpha x^2)^beta.

    A vanishing x leaves k^-beta; where x is huge, the ratio of two outputs leaves beta
    and the size alpha.
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
    """How many maps change the output of one in the middle of a tower."""
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
    """Inputs are mostly positive, so that a mean taken away would turn many."""
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
