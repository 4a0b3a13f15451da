"""The training images nearest to test images, in features and in pixels (section 6.1).

Euclidean distances in float64, neither normalised nor centred; of pixels, which are
whole numbers, they are exact. The database is read in pieces of CHUNK_BYTES: whatever
its size, there are in memory at a time about three pieces (as stored, in float64, and
once more in torch.cdist), two copies of the queries and the distances of a piece. For
200 queries among 1.28 million x 4096 features that is 0.4 GB.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from repro.data.batches import Split

NEIGHBORS = 16  # the released code's; the paper shows 6
QUERIES = 200
SHOWN_QUERIES = 5  # the first ones: Figure 4, right
CHUNK_BYTES = 128 << 20  # of float64

Rows = Callable[[np.ndarray], Tensor]


@dataclass(frozen=True)
class Space:
    """N vectors; `rows` gives those at some positions, (B, ...), flattened later."""

    size: int
    rows: Rows

    def vectors(self, positions: np.ndarray) -> Tensor:
        """(B, D) float64."""
        return self.rows(positions).flatten(1).double()

    def chunks(self) -> Iterator[tuple[int, Tensor]]:
        """Where each piece starts, and the piece (B, D): about 128 MB at a time."""
        width = self.vectors(np.arange(1)).shape[1]
        step = max(1, CHUNK_BYTES // (8 * width))
        for start in range(0, self.size, step):
            yield start, self.vectors(np.arange(start, min(start + step, self.size)))


def feature_space(matrix: np.ndarray, device: torch.device) -> Space:
    """Rows of an (N, D) array, which may be a memory map."""
    return Space(len(matrix), lambda rows: torch.from_numpy(matrix[rows]).to(device))


def pixel_space(split: Split, device: torch.device) -> Space:
    """The stored images of a split, whole."""
    return Space(len(split), lambda rows: split.gather(rows, device)[0])


def nearest(queries: Tensor, database: Space, k: int) -> tuple[Tensor, Tensor]:
    """Distances and positions, both (Q, k), of the k nearest to each of (Q, D)."""
    distances = torch.empty(len(queries), 0, dtype=torch.float64, device=queries.device)
    positions = torch.empty(len(queries), 0, dtype=torch.long, device=queries.device)
    for start, chunk in database.chunks():
        found = torch.cdist(queries, chunk).topk(min(k, len(chunk)), largest=False)
        distances = torch.cat([distances, found.values], 1)
        positions = torch.cat([positions, found.indices + start], 1)
        distances, order = distances.sort(dim=1, stable=True)
        distances = distances[:, :k]
        positions = positions.gather(1, order)[:, :k]
    return distances, positions


def ranks(queries: Tensor, database: Space, positions: Tensor) -> Tensor:
    """(Q, k): one plus how many of the database are nearer to the query than that one.

    `positions`, (Q, k), are positions in the database.
    """
    limits = []
    for query, own in zip(queries, positions.cpu().numpy(), strict=True):
        limits.append(torch.cdist(query[None], database.vectors(own)))
    limits = torch.cat(limits)
    nearer = torch.zeros_like(positions)
    for _, chunk in database.chunks():
        ordered = torch.cdist(queries, chunk).sort(dim=1).values
        nearer += torch.searchsorted(ordered, limits)
    return nearer + 1


def neighbors(
    queries: np.ndarray, test: dict[str, Space], train: dict[str, Space]
) -> dict[str, np.ndarray]:
    """`<space>_index` and `<space>_distance`, (Q, k), for `features` and `pixels`.

    `queries` are positions in the test spaces, indices are positions in the train
    spaces; `features_pixel_rank` says how near in pixels a neighbour in features is.
    """
    found: dict[str, np.ndarray] = {}
    for name, space in train.items():
        asked = test[name].vectors(queries)
        distances, positions = nearest(asked, space, min(NEIGHBORS, space.size))
        found[f"{name}_index"] = positions.cpu().numpy().astype(np.int32)
        found[f"{name}_distance"] = distances.cpu().numpy().astype(np.float32)
    in_features = torch.from_numpy(found["features_index"]).long().to(asked.device)
    rank = ranks(test["pixels"].vectors(queries), train["pixels"], in_features)
    found["features_pixel_rank"] = rank.cpu().numpy().astype(np.int32)
    return found
