"""What the linear probe is put on: features, pixels, an untrained network's, HOG."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from skimage.feature import hog
from torch import Tensor

from repro.batches import Split
from repro.features import features
from repro.fixed_images import PROBED, fixed_images
from repro.probabilities import Classifier, in_sequence
from repro.probe import probe
from repro.views import centre_views

AT_MOST = 10_000  # images of a split
MOST = 50_000  # training images of the last row, the best that HOG can do here
PIXEL_SIDE = 32
CELLS, BLOCK, ORIENTATIONS = 7, 2, 9  # of HOG: a side in cells, a block in cells

Vectors = Callable[[str, np.ndarray], Tensor]


def probe_rows(
    untrained: Classifier,
    splits: dict[str, Split],
    matrices: dict[str, np.ndarray],
    *,
    classes: int,
    device: torch.device,
) -> list[dict[str, Any]]:
    """Rows of probe.csv: the same images, the same probe, four kinds of vectors.

    `matrices` are the trained network's features, row by row of train and test. Where
    there are more training images a last row is of HOG on up to MOST of them.
    """

    def of_features(split: str, positions: np.ndarray) -> Tensor:
        return torch.from_numpy(matrices[split][positions]).to(device).float()

    def of_untrained(split: str, positions: np.ndarray) -> Tensor:
        found = features(untrained, splits[split], device, positions)
        return torch.cat([batch.clone() for batch in found])  # none of inference mode

    def of_pixels(split: str, positions: np.ndarray) -> Tensor:
        return pixels(untrained, splits[split], positions, device)

    def of_gradients(split: str, positions: np.ndarray) -> Tensor:
        return histograms(untrained, splits[split], positions, device)

    kinds: dict[str, tuple[Vectors, int]] = {
        "features": (of_features, AT_MOST),
        "pixels": (of_pixels, AT_MOST),
        "untrained features": (of_untrained, AT_MOST),
        "HOG": (of_gradients, AT_MOST),
    }
    if len(splits["train"]) > AT_MOST:
        kinds["HOG, more images"] = (of_gradients, MOST)
    rows = []
    for kind, (vectors, most) in kinds.items():
        parts = []
        for split, at_most in (("train", most), ("test", AT_MOST)):
            positions = fixed_images(len(splits[split]), PROBED, at_most)
            labels = labels_of(splits[split], positions).to(device)
            parts.append((vectors(split, positions), labels))
        rows.append({"vectors": kind, **probe(*parts, classes)})
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


def histograms(
    classifier: Classifier, split: Split, positions: np.ndarray, device: torch.device
) -> Tensor:
    """(N, D): histograms of oriented gradients of the centre views (Dalal, Triggs 2005).

    CELLS x CELLS cells whatever the size, of the channel that changes most; what is
    left over at the far edges is not looked at.
    """
    found = []
    for images, _ in in_sequence(split, device, positions):
        for image in centre_views(images, classifier.augmentation).cpu().numpy():
            vector = hog(
                image,
                orientations=ORIENTATIONS,
                pixels_per_cell=[max(1, side // CELLS) for side in image.shape[:2]],
                cells_per_block=(BLOCK, BLOCK),
                channel_axis=-1,
            )
            found.append(vector.astype(np.float32))
    return torch.from_numpy(np.stack(found)).to(device)
