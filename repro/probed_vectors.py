"""What the linear probe is put on: features, pixels, an untrained network's features."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from repro.batches import Split
from repro.features import features
from repro.fixed_images import PROBED, fixed_images
from repro.probabilities import Classifier, in_sequence
from repro.probe import probe

AT_MOST = 10_000  # images of a split
PIXEL_SIDE = 32

Vectors = Callable[[str, np.ndarray], Tensor]


def probe_rows(
    untrained: Classifier,
    splits: dict[str, Split],
    matrices: dict[str, np.ndarray],
    *,
    classes: int,
    device: torch.device,
) -> list[dict[str, Any]]:
    """Rows of probe.csv: the same images, the same probe, three kinds of vectors.

    `matrices` are the trained network's features, row by row of train and test.
    """

    def of_features(split: str, positions: np.ndarray) -> Tensor:
        return torch.from_numpy(matrices[split][positions]).to(device).float()

    def of_untrained(split: str, positions: np.ndarray) -> Tensor:
        found = features(untrained, splits[split], device, positions)
        return torch.cat([batch.clone() for batch in found])  # none of inference mode

    def of_pixels(split: str, positions: np.ndarray) -> Tensor:
        return pixels(untrained, splits[split], positions, device)

    kinds: dict[str, Vectors] = {
        "features": of_features,
        "pixels": of_pixels,
        "untrained features": of_untrained,
    }
    chosen = {
        split: fixed_images(len(splits[split]), PROBED, AT_MOST)
        for split in ("train", "test")
    }
    labels = {
        split: labels_of(splits[split], positions).to(device)
        for split, positions in chosen.items()
    }
    rows = []
    for kind, vectors in kinds.items():
        train, test = (
            (vectors(split, chosen[split]), labels[split]) for split in chosen
        )
        rows.append({"vectors": kind, **probe(train, test, classes)})
    return rows


def labels_of(split: Split, positions: np.ndarray) -> Tensor:
    """(N,) without reading the images."""
    rows = torch.from_numpy(split.indices[positions])
    return torch.as_tensor(split.labels)[rows]


def pixels(
    classifier: Classifier, split: Split, positions: np.ndarray, device: torch.device
) -> Tensor:
    """(N, D): the centre views, averaged down to at most 32 pixels a side, flat."""
    found = []
    for images, _ in in_sequence(split, device, positions):
        seen = classifier.centre(images)
        if seen.shape[2] > PIXEL_SIDE:
            seen = F.adaptive_avg_pool2d(seen, PIXEL_SIDE)
        found.append(seen.flatten(1))
    return torch.cat(found)
