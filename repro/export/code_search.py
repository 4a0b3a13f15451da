"""Retrieval by short codes beside the full search, in features and in raw pixels.

Queries and database are those of neighbors.npz. Pixels are those of whole stored
images, averaged down to at most 32 a side as in the paper's reference 14. Codes are
fitted to the training images of the linear probe.

`seconds` are of the search alone, for all queries together, the median of 3: after
coding and packing, with vectors of up to 2 GiB in the device's memory as float16 (more
are read, and averaged, while searching). The full search is exhaustive, in float32; what
is nearest is found by another one, in float64.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from repro.data.batches import Split
from repro.data.fixed_images import PROBED, QUERIES, fixed_images
from repro.export import neighbors
from repro.export.codes import (
    Coder,
    autoencoder,
    codes,
    nearest_codes,
    packed,
    random_projection,
)
from repro.export.neighbors import Space, nearest
from repro.export.probed_vectors import AT_MOST, PIXEL_SIDE, labels_of
from repro.trained.classifier import in_sequence

BITS = (64, 128)
COLUMNS = 6  # neighbours: as many as the paper shows
REPEATS = 3
HELD_BYTES = 2 << 30
CODERS: dict[str, Callable[[Tensor, int], Coder]] = {
    "autoencoder": autoencoder,
    "random projection": random_projection,
}


@dataclass(frozen=True)
class Single(Space):
    """A Space in float32, as a search for speed would have it."""

    def vectors(self, positions: np.ndarray) -> Tensor:
        """(B, D) float32."""
        return self.rows(positions).flatten(1).float()


def code_rows(
    splits: dict[str, Split], matrices: dict[str, np.ndarray], device: torch.device
) -> list[dict[str, Any]]:
    """Rows of codes.csv: no code, then each code of each size, of features and pixels.

    `matrices` are the network's features, row by row of train and test.
    `precision_at_6` is the share of the six nearest, or of all where the database is
    smaller, that have the query's class; `bits` is None without a code.
    """
    train, test = splits["train"], splits["test"]
    queries = fixed_images(len(test), QUERIES, neighbors.QUERIES)
    wanted = labels_of(test, queries)[:, None].cpu()
    owned = labels_of(train, np.arange(len(train))).cpu()
    spaces = {
        "features": [features(matrices[name], device) for name in ("train", "test")],
        "pixels": [pixels(split, device) for split in (train, test)],
    }
    rows = []
    for source, (database, others) in spaces.items():
        asked, database = others.vectors(queries), held(database)
        for way, search in searches(database, asked):
            found, seconds = timed(search)
            if way["code"] == "none":  # no answer hangs on how float32 rounds
                exact = Space(database.size, database.rows)
                found = nearest(asked.double(), exact, COLUMNS)[1].cpu()
            alike = owned[found] == wanted
            precision = alike.double().mean().item()
            row = way | {"source": source, "precision_at_6": precision}
            rows.append(row | {"seconds": seconds, "n": len(queries)})
    return rows


def searches(
    database: Space, queries: Tensor
) -> Iterator[tuple[dict[str, Any], Callable[[], Tensor]]]:
    """Each way to search for (Q, D) queries, and the search: positions (Q, k)."""
    yield {"code": "none", "bits": None}, lambda: nearest(queries, database, COLUMNS)[1]
    fitted = database.vectors(fixed_images(database.size, PROBED, AT_MOST))
    for code, fit in CODERS.items():
        for bits in BITS:
            coder = fit(fitted, bits)
            ours, theirs = packed(coder.bits(queries)), codes(coder, database)
            search = partial(nearest_codes, ours, theirs, COLUMNS)
            yield {"code": code, "bits": bits}, search


def features(matrix: np.ndarray, device: torch.device) -> Single:
    """Rows of an (N, D) float16 array, which may be a memory map."""
    return Single(len(matrix), neighbors.feature_space(matrix, device).rows)


def pixels(split: Split, device: torch.device) -> Single:
    """The stored images of a split, whole, averaged down."""

    def rows(positions: np.ndarray) -> Tensor:
        batches = in_sequence(split, device, positions)
        return torch.cat([_averaged(images) for images, _ in batches])

    return Single(len(split), rows)


def _averaged(images: Tensor) -> Tensor:
    """(B, H, W, 3) uint8 to (B, 3, h, w) float16, each side at most PIXEL_SIDE."""
    images = images.permute(0, 3, 1, 2).float()
    sides = [min(side, PIXEL_SIDE) for side in images.shape[2:]]
    return F.adaptive_avg_pool2d(images, sides).half()


def held(space: Single) -> Single:
    """The same, its vectors in memory as float16 if they take at most HELD_BYTES."""
    first = space.vectors(np.arange(1))
    if 2 * space.size * first.shape[1] > HELD_BYTES:
        return space
    matrix = first.new_empty(space.size, first.shape[1], dtype=torch.float16)
    for start, piece in space.chunks():
        matrix[start : start + len(piece)] = piece
    return Single(
        space.size, lambda rows: matrix[torch.from_numpy(rows).to(matrix.device)]
    )


def timed(search: Callable[[], Tensor]) -> tuple[Tensor, float]:
    """What a search finds, on the CPU, and the median of its seconds."""
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        found = search().cpu()  # which waits for the device
        seconds.append(time.perf_counter() - start)
    return found, statistics.median(seconds)
