"""From stored pixels to what the network sees, on the device, one draw per image."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from repro import draws
from repro.recipes import Augmentation


@dataclass(frozen=True)
class Pixels:
    """How stored pixels are centred and scaled: measured on the training set.

    `mean` is (size, size, 3), the centre crop of the mean image at every crop position
    (released code, convdata_jpeg.py); `deviation` is (3,), ones for 0-255 input.
    """

    mean: Tensor
    deviation: Tensor

    def scale(self, views: Tensor) -> Tensor:
        """(B, size, size, 3) uint8 to (B, 3, size, size) float32, channels last."""
        views = (views.float() - self.mean) / self.deviation
        return views.permute(0, 3, 1, 2)


def pixel_statistics(
    mean: np.ndarray, covariance: np.ndarray, augmentation: Augmentation
) -> tuple[np.ndarray, np.ndarray]:
    """The mean image's centre crop and the divisor per channel.

    `mean` is (H, W, 3), `covariance` the (3, 3) covariance of RGB values.
    """
    top = (mean.shape[0] - _size(mean.shape[0], augmentation)) // 2
    side = _size(mean.shape[0], augmentation)
    deviation = np.ones(3)
    if augmentation.pixels == "standardised":
        deviation = np.sqrt(np.diag(covariance))
    return mean[top : top + side, top : top + side], deviation


def _size(side: int, augmentation: Augmentation) -> int:
    return side if augmentation.crop == "whole" else augmentation.crop_size


def centre_views(images: Tensor, augmentation: Augmentation) -> Tensor:
    """(B, H, W, 3) to the centre (B, size, size, 3)."""
    size = _size(images.shape[1], augmentation)
    top = (images.shape[1] - size) // 2
    return images[:, top : top + size, top : top + size]


def training_views(
    images: Tensor, augmentation: Augmentation, *, seed: int, step: int
) -> Tensor:
    """(B, H, W, 3) to (B, size, size, 3): cropped and flipped, image by image.

    Offsets 0 to H - size inclusive; the draw depends on (seed, step, position in the
    batch). Section 4.1.
    """
    if augmentation.crop != "random" and not augmentation.flip:
        return centre_views(images, augmentation)
    batch, side = len(images), images.shape[1]
    size = _size(side, augmentation)
    rng = draws.generator(draws.CROP, seed, step)
    offsets = rng.integers(0, side - size + 1, size=(2, batch))
    mirrored = rng.random(batch) < 0.5
    if augmentation.crop != "random":
        offsets[:] = (side - size) // 2
    if not augmentation.flip:
        mirrored[:] = False
    return crops(images, offsets[0], offsets[1], mirrored, size)


def crops(
    images: Tensor, top: np.ndarray, left: np.ndarray, mirrored: np.ndarray, size: int
) -> Tensor:
    """One (size, size) crop per image at (top, left), mirrored where asked."""
    span = np.arange(size)
    rows = top[:, None] + span
    columns = left[:, None] + np.where(mirrored[:, None], span[::-1], span)
    device = images.device
    rows = torch.from_numpy(rows).to(device)[:, :, None]
    columns = torch.from_numpy(columns).to(device)[:, None, :]
    return images[
        torch.arange(len(images), device=device)[:, None, None], rows, columns
    ]
