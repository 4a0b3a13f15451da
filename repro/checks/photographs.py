"""Section 2: the square of a photograph, and the mean image that is taken away."""

import io

import numpy as np
import torch
from PIL import Image
from torch import nn

from repro.checks.number import Checked
from repro.data.photographs.decoding import to_pixels
from repro.data.views import measure_pixels
from repro.recipes.presets import RELEASED_145
from repro.trained.classifier import Classifier

SIDE = 256
SHAPES = ((500, 375), (375, 500), (640, 426), (200, 300), (300, 300))  # width, height
LEVELS = 4  # of 255 along a ramp: the longer side and the offset are whole pixels


def checked() -> list[Checked]:
    """What stands between a photograph and the input of the network."""
    return [*squares("S2.5"), *squares("X24"), centring()]


def squares(claim: str) -> list[Checked]:
    """A ramp of red across and one of green down say where each pixel comes from."""
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
    """A PNG file: red from 0 at the left to 255 at the right, green from the top down."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width).round()
    pixels[..., 1] = np.linspace(0, 255, height).round()[:, None]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def centring() -> Checked:
    """What the network sees of the centre of images beside pixels minus their mean."""
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
