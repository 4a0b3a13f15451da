"""Stored pixels become what the network sees, on the device, by one draw per image.

Sources: section 4.1, and convdata_jpeg.py of the released code.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from repro.machine import draws
from repro.machine.ranks import Rows
from repro.recipes.recipe import Augmentation, crop_size

SHARED = 32  # released code: consecutive images with the same crop and mirror


@dataclass(frozen=True)
class Pixels:
    """How stored pixels are centred and scaled: measured on the training set.

    `mean` is (size, size, 3), the centre crop of the mean image at every crop position
    (convdata_jpeg.py); `divisor` is (3,), ones for 0-255 input; `colour` is (3, 3): its
    product with three unit normal draws is the colour shift of an image.
    """

    mean: Tensor
    divisor: Tensor
    colour: Tensor

    def scale(self, views: Tensor, shift: Tensor | None = None) -> Tensor:
        """Turn (B, size, size, 3) uint8 into (B, 3, size, size) float32, channels last.

        `shift`, (B, 3), is added to every pixel of its image.
        """
        scaled = torch.sub(views, self.mean).contiguous()
        size = scaled.shape[2]
        rows = scaled.flatten(2)  # whole rows of pixels are faster
        if shift is not None:
            rows += shift.repeat(1, size)[:, None]
        rows /= self.divisor.repeat(size)
        return scaled.permute(0, 3, 1, 2)

    def to(self, device: torch.device) -> "Pixels":
        """Return the same on `device`."""
        return Pixels(*(part.to(device) for part in vars(self).values()))


def measure_pixels(
    mean: np.ndarray, covariance: np.ndarray, augmentation: Augmentation
) -> Pixels:
    """Measure from the (H, W, 3) mean image and (3, 3) covariance of 0-255 RGB values."""
    side = mean.shape[0]
    size = crop_size(augmentation, side)
    top = (side - size) // 2
    divisor = np.ones(3)
    if augmentation.pixels == "standardised":
        divisor = np.sqrt(np.diag(covariance))
    return Pixels(
        torch.from_numpy(mean[top : top + size, top : top + size].copy()).float(),
        torch.from_numpy(divisor / augmentation.input_scale).float(),
        torch.from_numpy(colour_matrix(covariance, augmentation)).float(),
    )


def colour_matrix(covariance: np.ndarray, augmentation: Augmentation) -> np.ndarray:
    """Return eigenvectors times the size of the shift along each, in levels of 255.

    "released": square roots of the eigenvalues (`color_stdevs`); "text": the
    eigenvalues of pixels in [0, 1], as section 4.1 is usually read.
    """
    if augmentation.colour_noise == "none":
        return np.zeros((3, 3))
    eigenvalues, vectors = np.linalg.eigh(covariance)
    sizes = np.sqrt(np.maximum(eigenvalues, 0))
    if augmentation.colour_noise == "text":
        sizes = eigenvalues / 255**2 * 255
    return vectors * sizes * augmentation.colour_sigma


def training_input(
    images: Tensor,
    augmentation: Augmentation,
    pixels: Pixels,
    *,
    seed: int,
    step: int,
    noisy: bool = True,
    rows: Rows | None = None,
) -> Tensor:
    """Crop, mirror, colour and scale (B, H, W, 3) uint8 to (B, 3, size, size).

    Without `noisy` there is neither colour noise nor its divisor (the late phase of
    released log #145). `rows` says which rows of the batch the images are; by default
    they are all.
    """
    rows = rows or Rows(0, len(images), len(images))
    views = training_views(images, augmentation, seed=seed, step=step, rows=rows)
    if augmentation.colour_noise == "none" or not noisy:
        return pixels.scale(views)
    unit = draws.generator(draws.COLOUR, seed, step).standard_normal((rows.of, 3))
    shift = (
        torch.from_numpy(unit[rows.here]).float().to(images.device) @ pixels.colour.T
    )
    return pixels.scale(views, shift).div_(augmentation.colour_divisor)


def training_views(
    images: Tensor,
    augmentation: Augmentation,
    *,
    seed: int,
    step: int,
    rows: Rows | None = None,
) -> Tensor:
    """Crop and mirror (B, H, W, 3) to (B, size, size, 3), image by image.

    Offsets are 0 to H - size inclusive. A draw depends on seed, step and position in
    the batch.
    """
    moving = augmentation.crop in ("random", "shared")
    if not moving and not augmentation.flip:
        return centre_views(images, augmentation)
    rows = rows or Rows(0, len(images), len(images))
    batch, side = rows.of, images.shape[1]
    size = crop_size(augmentation, side)
    rng = draws.generator(draws.CROP, seed, step)
    offsets = rng.integers(0, side - size + 1, size=(2, batch))
    mirrored = rng.random(batch) < 0.5
    if augmentation.crop == "shared":
        first = np.arange(batch) // SHARED * SHARED
        offsets, mirrored = offsets[:, first], mirrored[first]
    if not moving:
        offsets[:] = (side - size) // 2
    if not augmentation.flip:
        mirrored[:] = False
    top, left = offsets[:, rows.here]
    return crops(images, top, left, mirrored[rows.here], size)


def crops(
    images: Tensor, top: np.ndarray, left: np.ndarray, mirrored: np.ndarray, size: int
) -> Tensor:
    """Cut one (size, size) crop per image at (top, left), mirrored where asked.

    On a CPU image by image, which is many times faster there than pixels by number.
    """
    one_by_one = images.device.type == "cpu"
    crop = _copied if one_by_one else _gathered
    return crop(images, top, left, mirrored, size)


def _gathered(
    images: Tensor, top: np.ndarray, left: np.ndarray, mirrored: np.ndarray, size: int
) -> Tensor:
    # Few numbers an image cross over: a longer copy would wait for the device.
    drawn = torch.from_numpy(np.stack([top, left, mirrored])).to(images.device)
    first_row, first_column, turned = drawn[:, :, None]
    span = torch.arange(size, device=images.device)
    rows = first_row + span
    columns = first_column + torch.where(turned > 0, span.flip(0), span)
    each = torch.arange(len(images), device=images.device)
    return images[each[:, None, None], rows[:, :, None], columns[:, None, :]]


def _copied(
    images: Tensor, top: np.ndarray, left: np.ndarray, mirrored: np.ndarray, size: int
) -> Tensor:
    found = images.new_empty(len(images), size, size, *images.shape[3:])
    places = zip(images, top, left, mirrored, found, strict=True)
    for image, row, column, turned, view in places:
        seen = image[row : row + size, column : column + size]
        view.copy_(seen.flip(1) if turned else seen)
    return found


def centre_views(images: Tensor, augmentation: Augmentation) -> Tensor:
    """Return the centres (B, size, size, 3) of (B, H, W, 3)."""
    size = crop_size(augmentation, images.shape[1])
    top = (images.shape[1] - size) // 2
    return images[:, top : top + size, top : top + size]


def ten_views(images: Tensor, augmentation: Augmentation) -> list[Tensor]:
    """Return four corners and the centre, then their mirrors: ten (B, size, size, 3)."""
    size = crop_size(augmentation, images.shape[1])
    far = images.shape[1] - size
    middle = far // 2
    corners = [(0, 0), (0, far), (middle, middle), (far, 0), (far, far)]
    views = [images[:, t : t + size, left : left + size] for t, left in corners]
    return views + [view.flip(2) for view in views]
