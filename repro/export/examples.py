"""The few images that figures show, at most 64 pixels a side, with what they are.

They stay under the terms of the data set that they come from, whose name is with them.
"""

from collections.abc import Iterable

import numpy as np
from PIL import Image

from repro.data.fixed_images import SHOWN, fixed_images
from repro.data.packs import Pack
from repro.export.neighbors import SHOWN_NEIGHBORS, SHOWN_QUERIES

SIDE = 64
PREDICTIONS = 8  # test images of Figure 4, left


def examples(
    packs: dict[str, Pack], neighbors: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Thumbnails of what Figure 4 shows, each image once.

    `packs` are `test` and `train`; `neighbors` are the arrays of neighbors.npz, whose
    indices are rows of the packs. `shown_index` are the test images on the left.
    """
    rows = packs["test"].rows
    shown = rows[fixed_images(len(rows), SHOWN, PREDICTIONS)]
    wanted = [("test", row) for row in [*shown, *_first(neighbors["query_index"])]]
    for space in ("features", "pixels"):
        rows = _first(neighbors[f"{space}_index"], SHOWN_NEIGHBORS)
        wanted += [("train", row) for row in rows]
    wanted = list(dict.fromkeys((split, int(row)) for split, row in wanted))
    labels = [int(packs[split].labels[row]) for split, row in wanted]
    return {
        "images": np.stack([thumbnail(packs[s].images[row]) for s, row in wanted]),
        "split": np.array([split for split, _ in wanted]),
        "index": np.array([row for _, row in wanted], np.int32),
        "label": np.array(labels, np.uint16),
        "class_name": np.array([packs["train"].classes[label] for label in labels]),
        "shown_index": shown.astype(np.int32),
        "source": np.array(packs["test"].manifest["source"]),
    }


def _first(indices: np.ndarray, columns: int | None = None) -> Iterable[int]:
    """The rows that the figure shows, flat."""
    rows = indices[:SHOWN_QUERIES]
    return (rows if columns is None else rows[:, :columns]).ravel()


def thumbnail(image: np.ndarray, side: int = SIDE) -> np.ndarray:
    """(H, W, 3) uint8, its longer side brought down to `side` where it is larger."""
    longer = max(image.shape[:2])
    if longer <= side:
        return np.asarray(image)
    height, width = (max(1, round(n * side / longer)) for n in image.shape[:2])
    small = Image.fromarray(np.asarray(image)).resize((width, height), Image.LANCZOS)
    return np.asarray(small)
