"""Top-1 and top-5 errors and the five most probable classes of every image.

The same two files, errors.csv and predictions.npz, are written of a run and of an
ensemble.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from repro.data.batches import Split
from repro.machine.ranks import ONE, Ranks
from repro.runs.exported import ERRORS, PREDICTIONS
from repro.runs.folder import save_arrays, save_table
from repro.trained.classifier import Classifier, mean_probabilities, shared_out

VIEWS = (1, 10)


@dataclass(frozen=True)
class TopFive:
    """What was predicted for N images; k is 5, or the number of classes if smaller."""

    labels: np.ndarray  # (N,) uint16
    classes: np.ndarray  # (N, k) uint16, the most probable first
    probabilities: np.ndarray  # (N, k) float16

    def errors(self) -> dict[str, Any]:
        """`top1_error` and `top5_error` as fractions, and the number of images, `n`."""
        right = self.classes == self.labels[:, None]
        right &= ~np.isnan(self.probabilities)  # as training.evaluate.wrong counts
        return {
            "top1_error": 1 - right[:, 0].mean(),
            "top5_error": 1 - right.any(1).mean(),
            "n": len(self.labels),
        }


def top_five(
    classifiers: Sequence[Classifier],
    split: Split,
    views: int,
    device: torch.device,
    ranks: Ranks = ONE,
) -> TopFive:
    """The most probable classes by the mean over `classifiers`, batch by batch.

    Of equal probabilities the earlier class goes first. The images are shared out among
    the ranks.
    """

    def best(images: Tensor, labels: Tensor) -> list[Tensor]:
        shares = mean_probabilities(classifiers, images, views)
        ordered = shares.sort(dim=1, descending=True, stable=True)
        return [labels, ordered.indices[:, :5], ordered.values[:, :5]]

    found = [
        [part.cpu().numpy() for part in batch]
        for batch in shared_out(best, split, device, ranks)
    ]
    labels, classes, shares = map(np.concatenate, zip(*found, strict=True))
    return TopFive(
        labels.astype(np.uint16), classes.astype(np.uint16), shares.astype(np.float16)
    )


def save_errors(
    folder: Path,
    found: dict[tuple[str, int], TopFive],
    classes: Sequence[str],
    *,
    weights: str,
    networks: int,
    protocol: Callable[[int], str],
) -> None:
    """Write what was found of a split with so many views.

    predictions.npz is of the test images in the order of their pack: `class_names`,
    `labels` (N,) and, for each number of views v, `classes_<v>` and `probabilities_<v>`
    (N, k), the most probable class first. `protocol` says how v views were taken.
    """
    rows, arrays = [], {"class_names": np.array(classes)}
    for (split, views), top in found.items():
        row = {"split": split, "views": views, **top.errors(), "weights": weights}
        rows.append(row | {"networks": networks, "protocol": protocol(views)})
        if split == "test":
            arrays["labels"] = top.labels
            arrays[f"classes_{views}"] = top.classes
            arrays[f"probabilities_{views}"] = top.probabilities
    save_arrays(folder / PREDICTIONS, arrays)
    save_table(folder / ERRORS, rows)


def protocol_of(views: int, size: int, side: int) -> str:
    """How the probabilities were made, in words; `size` of `side` pixels are seen."""
    seen = f"{size} of {side} pixels, mean image centre-cropped"
    if views == 1:
        return f"softmax of the centre view, {seen}"
    return f"mean softmax of corners, centre and their mirrors, each {seen}"
