"""Test errors on disturbed images: in other light, and with the object off the centre.

Section 4.1: what an object is does not depend on the intensity and colour of the light.
Section 6.1: objects off the centre are recognised. Every network gets the same images.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from repro.data.batches import Split
from repro.data.fixed_images import DISTURBED, fixed_images
from repro.data.views import centre_views, colour_matrix
from repro.recipes.recipe import Augmentation
from repro.trained.classifier import Classifier, in_sequence
from repro.training.evaluate import wrong

NONE, SHIFT, SCALED = "none", "shift", "light scaled"
AXES = ("colour axis 1", "colour axis 2", "colour axis 3")  # 1: nearly grey, intensity
SHARES = (1 / 16, 1 / 8, 1 / 4)  # of the side; R0's training crops reach the first
DEVIATIONS = (3.0, 6.0)  # of the noise: the most that training shows, and twice that
FACTORS = (1.25, 1.5)
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1))  # down, right

View = Callable[[Classifier, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Disturbance:
    """`view` turns images (B, H, W, 3) and turns (B,) into views (B, size, size, 3).

    An image's turn, drawn once, says in which of the directions it is disturbed.
    """

    name: str
    amount: float
    view: View
    words: str


def disturbances(covariance: np.ndarray) -> list[Disturbance]:
    """All of them; `covariance` (3, 3) is that of the training set's RGB values."""
    towards = "half of the images either way, not clipped"
    noise = f"standard deviations of the released colour noise, {towards}"
    edges = "up, down, left or right, a quarter of the images each; mean image outside"
    matrix = colour_matrix(covariance, Augmentation())
    found = [Disturbance(NONE, 0.0, lit, "as it is")]
    for share in SHARES:
        view, words = partial(moved, share=share), f"share of the side, {edges}"
        found.append(Disturbance(SHIFT, share, view, words))
    for name, axis in zip(AXES, matrix.T[::-1], strict=True):  # the largest first
        up = axis if axis[0] >= 0 else -axis  # an eigenvector has no sign of its own
        for deviations in DEVIATIONS:
            view = partial(lit, colour=tuple(deviations * up))
            found.append(Disturbance(name, deviations, view, noise))
    for factor in FACTORS:
        view = partial(lit, factor=factor)
        words = f"pixels times or divided by it, {towards}"
        found.append(Disturbance(SCALED, factor, view, words))
    return found


def lit(
    classifier: Classifier,
    images: Tensor,
    turns: Tensor,
    *,
    colour: tuple[float, ...] = (0.0, 0.0, 0.0),
    factor: float = 1.0,
) -> Tensor:
    """The centre view with `colour` added to each pixel, or taken off, and scaled."""
    views = centre_views(images, classifier.augmentation)
    up = (turns % 2 == 0)[:, None, None, None]
    scale = torch.where(up, factor, 1 / factor)
    shift = torch.tensor(colour, device=images.device, dtype=torch.float32)
    return views * scale + torch.where(up, shift, -shift)


def moved(
    classifier: Classifier, images: Tensor, turns: Tensor, *, share: float
) -> Tensor:
    """The centre view of images moved by a share of their side.

    What was in the margin around the view moves in; where the image ends there is the
    mean image, which the network sees as 0. Edges repeated would be new objects.
    """
    mean, side = classifier.pixels.mean, images.shape[1]
    views = mean.repeat(len(images), 1, 1, 1)
    for number, direction in enumerate(DIRECTIONS):
        own = turns % len(DIRECTIONS) == number
        (rows, from_rows), (columns, from_columns) = (
            _overlap(side, len(mean), step * round(share * side)) for step in direction
        )
        views[own, rows, columns] = images[own][:, from_rows, from_columns].float()
    return views


def _overlap(side: int, size: int, steps: int) -> tuple[slice, slice]:
    """Which of the view's rows the moved image fills, and with which of its own."""
    offset = (side - size) // 2 - steps
    first, end = max(0, -offset), min(size, side - offset)
    return slice(first, end), slice(first + offset, end + offset)


@torch.inference_mode()
def disturbed_rows(
    classifier: Classifier, split: Split, covariance: np.ndarray, device: torch.device
) -> list[dict[str, Any]]:
    """Rows of disturbed.csv: errors of all images by disturbance and amount, one view.

    `amount` is in the unit that `protocol` says. The light is the released recipe's
    noise, whatever noise the network was trained with.
    """
    network = classifier.network.eval()
    every = disturbances(covariance)
    drawn = fixed_images(len(split), DISTURBED, len(split))
    turns = torch.from_numpy(drawn).to(device)
    counts = torch.zeros(len(every), 2, dtype=torch.float64, device=device)
    start = 0
    for images, labels in in_sequence(split, device):
        own = turns[start : start + len(images)]
        start += len(images)
        for each, count in zip(every, counts, strict=True):
            views = each.view(classifier, images, own)
            logits = network(classifier.pixels.scale(views))
            count += torch.stack([wrong(logits, labels, top) for top in (1, 5)])
    errors = (counts / len(split)).tolist()
    return [
        {
            "disturbance": each.name,
            "amount": each.amount,
            "top1_error": top1,
            "top5_error": top5,
            "split": "test",
            "views": 1,
            "n": len(split),
            "protocol": f"centre view; {each.words}",
        }
        for each, (top1, top5) in zip(every, errors, strict=True)
    ]
