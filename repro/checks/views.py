"""Section 4.1: the ten views of an image, and the noise of colours."""

from dataclasses import replace

import numpy as np
import torch
from scipy.special import softmax
from torch import Tensor, nn

from repro.checks.number import SMALL, Checked, relative_deviation
from repro.data.views import measure_pixels, training_input
from repro.recipes.presets import PAPER_TEXT
from repro.recipes.recipe import Augmentation
from repro.trained.classifier import Classifier, probabilities

SIDE, SEEN = 256, 224
CORNERS = ((0, 0), (0, 32), (32, 0), (32, 32), (16, 16))  # four, and the centre
SIGMA, DRAWS = 0.1, 100_000


def checked() -> list[Checked]:
    """What training and testing make of stored pixels."""
    return [*ten_views(), *colours()]


class _Watched(nn.Module):
    """Lets its input pass and keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[np.ndarray] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x.numpy().copy())
        return x


def ten_views() -> list[Checked]:
    """Which views of an image the network sees, and what becomes of them."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, size=(3, SIDE, SIDE, 3), dtype=np.uint8)
    mean = rng.integers(100, 150, size=(SIDE, SIDE, 3)).astype(np.float32)
    weights = rng.normal(size=(10, 3 * SEEN**2)).astype(np.float32) / 5e4
    pixels = measure_pixels(mean, np.eye(3), Augmentation())
    watched, last = _Watched(), nn.Linear(3 * SEEN**2, 10)
    with torch.no_grad():
        last.weight.copy_(torch.from_numpy(weights))
        last.bias.zero_()
    network = nn.Sequential(watched, nn.Flatten(), last)
    classifier = Classifier(network, Augmentation(), pixels)
    found = probabilities(classifier, torch.from_numpy(images), 10).numpy()
    shares = []
    for top, left in CORNERS:
        corner = images[:, top : top + SEEN, left : left + SEEN].astype(float)
        for view in (corner, corner[:, :, ::-1]):
            centred = view - mean[16 : 16 + SEEN, 16 : 16 + SEEN]
            logits = centred.transpose(0, 3, 1, 2).reshape(3, -1) @ weights.T
            shares.append(softmax(logits, axis=1))
    different = {view[0].tobytes() for view in watched.seen}
    common = {"claim": "S4.1d", "n": len(images), "counted": "images"}
    return [
        Checked(
            quantity="views",
            measured=len(different),
            expected=10,
            compared="different inputs that the network sees of one image with corners, "
            "centre and their mirrors",
            **common,
        ),
        Checked(
            quantity="deviation",
            measured=relative_deviation(found, np.mean(shares, axis=0)),
            expected=0,
            tolerance=SMALL,
            compared="probabilities from ten views of a linear network, 224 of 256 "
            "pixels, 32 bits, with the mean of ten softmaxes by NumPy and SciPy at 64",
            **common,
        ),
    ]


def colours() -> list[Checked]:
    """The draws, solved from the shifts along the axes of the pixels themselves."""
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(5000, 3)) @ rng.normal(size=(3, 3)) * 40 + 128
    flat = mixed.clip(0, 255).round()
    augmentation = replace(PAPER_TEXT.augmentation, crop="whole", flip=False)
    covariance = np.cov(flat.T, bias=True)
    shifts = _shifts(np.zeros((DRAWS, 1, 1, 3)), covariance, augmentation)[:, 0, 0]
    centred = (flat - flat.mean(axis=0)) / 255  # as pixels from 0 to 1
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    eigenvalues = sizes**2 / len(flat)
    deviations = (shifts / 255 @ axes.T / eigenvalues).std(axis=0)
    images = rng.integers(0, 256, size=(100, 8, 8, 3))
    within = np.ptp(_shifts(images, covariance, augmentation), axis=(1, 2))
    return [
        Checked(
            claim="S4.1f",
            quantity="deviation of the draws",
            measured=max(deviations, key=lambda deviation: abs(deviation - SIGMA)),
            expected=SIGMA,
            tolerance=0.001,
            n=DRAWS,
            counted="shifts",
            compared="shifts of paper-text along each of the three principal colours, "
            "over the eigenvalues from a singular value decomposition of the pixels; "
            "the axis furthest from 0.1",
        ),
        Checked(
            claim="S4.1f",
            quantity="spread within an image",
            measured=float(within.max()),
            expected=0,
            tolerance=0.001,
            n=len(images),
            counted="images",
            compared="shifts of all pixels of an image with each other, grey levels",
        ),
    ]


def _shifts(
    images: np.ndarray, covariance: np.ndarray, augmentation: Augmentation
) -> np.ndarray:
    """What training adds to each pixel, (N, H, W, 3) in grey levels."""
    nothing = np.zeros(images.shape[1:])
    pixels = measure_pixels(nothing, covariance, augmentation)
    given = torch.from_numpy(images.astype(np.uint8))
    seen = training_input(given, augmentation, pixels, seed=0, step=0)
    return seen.permute(0, 2, 3, 1).double().numpy() - images
