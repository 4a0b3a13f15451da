"""What the network sees of a photograph is checked: sections 2 and 4.1.

Checked are the square that is packed, the mean image that is subtracted, the ten views
of an image at test and the noise of colours in training.
"""

import io
from dataclasses import replace

import numpy as np
import torch
from PIL import Image
from scipy.special import softmax
from torch import nn

from repro.checks.checked import SMALL, Checked, relative_deviation
from repro.data.photographs.decoding import to_pixels
from repro.data.views import measure_pixels, training_input
from repro.recipes.presets import PAPER_TEXT, RELEASED_145
from repro.recipes.recipe import Augmentation
from repro.trained.classifier import Classifier, probabilities

SIDE, SEEN = 256, 224
SHAPES = ((500, 375), (375, 500), (640, 426), (200, 300), (300, 300))  # width, height
LEVELS = 4  # of 255 along a ramp: the longer side and the offset are whole pixels
CORNERS = ((0, 0), (0, 32), (32, 0), (32, 32), (16, 16))  # four, and the centre
SIGMA, DRAWS = 0.1, 100_000


def squares(claim: str) -> list[Checked]:
    """Compare packed squares with the places that their pixels should come from.

    Red grows from left to right and green from the top down, so that the colour of a
    pixel tells its place in the photograph.
    """
    packed = {shape: to_pixels(_ramp(*shape), SIDE) for shape in SHAPES}
    sides = {side for square in packed.values() for side in square.shape[:2]}
    off = 0.0
    for shape, square in packed.items():
        scale = min(shape) / SIDE
        seen = (square[..., 0], square[..., 1].T)  # along the last axis
        for length, levels in zip(shape, seen, strict=True):
            places = (np.arange(SIDE) + 0.5 - SIDE / 2) * scale + length / 2 - 0.5
            expected = 255 * places.clip(0, length - 1) / (length - 1)
            off = max(off, float(abs(levels - expected).max()))
    shapes = ", ".join(f"{width} x {height}" for width, height in SHAPES)
    common = {
        "claim": claim,
        "n": len(SHAPES),
        "counted": "shapes",
        "compared": f"packed squares of ramps of {shapes} pixels with the ramp at the "
        "places to which the shorter side scaled to 256 pixels and the central square "
        "put them",
    }
    furthest = max(sides, key=lambda side: abs(side - SIDE))
    return [
        Checked(quantity="side", measured=furthest, expected=SIDE, **common),
        Checked(
            quantity="grey levels off",
            measured=off,
            expected=0,
            tolerance=LEVELS,
            **common,
        ),
    ]


def _ramp(width: int, height: int) -> bytes:
    """Return a PNG file whose red grows to the right and whose green grows downward."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width).round()
    pixels[..., 1] = np.linspace(0, 255, height).round()[:, None]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def centring() -> Checked:
    """Compare the centre view of images with their pixels minus the mean image."""
    images = np.random.default_rng(0).integers(0, 256, size=(20, 32, 32, 3))
    images = images.astype(np.uint8)
    mean = images.mean(axis=0, dtype=np.float64)
    pixels = measure_pixels(mean, np.eye(3), RELEASED_145.augmentation)
    plain = Classifier(nn.Sequential(), RELEASED_145.augmentation, pixels)
    seen = plain.centre(torch.from_numpy(images)).permute(0, 2, 3, 1).numpy()
    expected = (images - mean)[:, 2:30, 2:30]
    return Checked(
        claim="S2.6",
        quantity="grey levels off",
        measured=float(abs(seen - expected).max()),
        expected=0,
        tolerance=0.001,
        n=len(images),
        counted="images",
        compared="centre views as released-145 sees them in tests, 28 of 32 pixels, with "
        "pixels from 0 to 255 minus their mean image in NumPy",
    )


def ten_views() -> list[Checked]:
    """Count the views that the network sees, and check how it averages them."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, size=(3, SIDE, SIDE, 3), dtype=np.uint8)
    mean = rng.integers(100, 150, size=(SIDE, SIDE, 3)).astype(np.float32)
    weights = rng.normal(size=(10, 3 * SEEN**2)).astype(np.float32) / 5e4
    pixels = measure_pixels(mean, np.eye(3), Augmentation())
    last, seen = nn.Linear(3 * SEEN**2, 10), []
    with torch.no_grad():
        last.weight.copy_(torch.from_numpy(weights))
        last.bias.zero_()
    network = nn.Sequential(nn.Flatten(), last)
    network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].clone()))
    classifier = Classifier(network, Augmentation(), pixels)
    found = probabilities(classifier, torch.from_numpy(images), 10).numpy()
    shares = []
    for top, left in CORNERS:
        corner = images[:, top : top + SEEN, left : left + SEEN].astype(float)
        for view in (corner, corner[:, :, ::-1]):
            centred = view - mean[16 : 16 + SEEN, 16 : 16 + SEEN]
            logits = centred.transpose(0, 3, 1, 2).reshape(3, -1) @ weights.T
            shares.append(softmax(logits, axis=1))
    different = {view[0].numpy().tobytes() for view in seen}
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
    """Check the size of the draws, and that an image has one draw for all its pixels.

    The draws are solved from the shifts of the pixels along their principal axes.
    """
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
    """Return what training adds to each pixel, (N, H, W, 3) in grey levels."""
    nothing = np.zeros(images.shape[1:])
    pixels = measure_pixels(nothing, covariance, augmentation)
    given = torch.from_numpy(images.astype(np.uint8))
    seen = training_input(given, augmentation, pixels, seed=0, step=0)
    return seen.permute(0, 2, 3, 1).double().numpy() - images
