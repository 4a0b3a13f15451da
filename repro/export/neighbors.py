"""The training images nearest to test images, in features and in pixels (section 6.1).

Euclidean distances in float64, neither normalised nor centred. What is nearer is decided
by squared distances without their last 13 binary digits: those of pixels, whole numbers,
stay exact, and those of features lose what every processor rounds in its own way. Of
equal distances the smaller position comes first.

The database is read in pieces of CHUNK_BYTES: whatever its size, there are in memory at
a time about three pieces (as stored, in float64 and squared), the queries and some
copies of the distances of a piece. For 200 queries among 1.28 million x 4096 features
that is 0.4 GB.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from repro.data.batches import Split
from repro.data.fixed_images import QUERIES, fixed_images

NEIGHBORS = 16  # the released code's
ASKED = 200  # test images whose neighbours are searched
SHOWN_QUERIES, SHOWN_NEIGHBORS = 5, 6  # the first ones: Figure 4, right
CHUNK_BYTES = 128 << 20  # of float64
LEFT_OUT = {torch.float64: 13, torch.float32: 0}  # last binary digits

Rows = Callable[[np.ndarray], Tensor]


@dataclass(frozen=True)
class Space:
    """N vectors; `rows` gives those at some positions, (B, ...), flattened later."""

    size: int
    rows: Rows
    dtype: torch.dtype = torch.float64

    def vectors(self, positions: np.ndarray) -> Tensor:
        """(B, D) of `dtype`."""
        return self.rows(positions).flatten(1).to(self.dtype)

    def chunks(self) -> Iterator[tuple[int, Tensor]]:
        """Where each piece starts, and the piece (B, D): about 128 MB at a time."""
        width = self.vectors(np.arange(1)).shape[1]
        step = max(1, CHUNK_BYTES // (8 * width))
        for start in range(0, self.size, step):
            yield start, self.vectors(np.arange(start, min(start + step, self.size)))


def query_positions(test: Split) -> np.ndarray:
    """Which images of the test split are the queries."""
    return fixed_images(len(test), QUERIES, ASKED)


def feature_space(matrix: np.ndarray, device: torch.device) -> Space:
    """Rows of an (N, D) array, which may be a memory map."""
    return Space(len(matrix), lambda rows: torch.from_numpy(matrix[rows]).to(device))


def pixel_space(split: Split, device: torch.device) -> Space:
    """The stored images of a split, whole."""
    return Space(len(split), lambda rows: split.gather(rows, device)[0])


def squared_distances(queries: Tensor, vectors: Tensor) -> Tensor:
    """(Q, B) between (Q, D) and (B, D), rounded: in float64 to 1e-12 of the lengths.

    Whole numbers stay exact where squared lengths, together, are below 2^40. What is
    not a number is infinitely far.
    """
    ours, theirs = (each.square().sum(1) for each in (queries, vectors))
    lengths = ours[:, None] + theirs
    large = lengths * 2 ** LEFT_OUT[lengths.dtype]  # a sum with it has no room for more
    rounded = lengths - 2 * (queries @ vectors.T) + large - large
    return rounded.clamp_min(0).nan_to_num(nan=torch.inf, posinf=torch.inf)


def nearest(queries: Tensor, database: Space, k: int) -> tuple[Tensor, Tensor]:
    """Distances and positions, both (Q, k), of the k nearest to each of (Q, D)."""
    squares = queries.new_empty(len(queries), 0)
    positions = torch.empty(len(queries), 0, dtype=torch.long, device=queries.device)
    for start, chunk in database.chunks():
        found, places = _smallest(squared_distances(queries, chunk), k)
        squares = torch.cat([squares, found], 1)
        positions = torch.cat([positions, places + start], 1)
        squares, order = _smallest(squares, k)
        positions = positions.gather(1, order)
    return squares.sqrt(), positions


def _smallest(values: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Values and places, both (Q, at most k), of equal values the first places.

    topk alone gives any of the equal ones; to sort them all takes a hundred times as
    long.
    """
    k = min(k, values.shape[1])
    last = values.topk(k, largest=False).values.amax(1, keepdim=True)
    less, equal = values < last, values == last
    wanted = k - less.sum(1, keepdim=True)
    places = (less | equal & (equal.cumsum(1) <= wanted)).nonzero()[:, 1].view(-1, k)
    found, order = values.gather(1, places).sort(dim=1, stable=True)
    return found, places.gather(1, order)


def ranks(queries: Tensor, database: Space, positions: Tensor) -> Tensor:
    """(Q, k): one plus how many of the database are nearer to the query than that one.

    `positions`, (Q, k), are positions in the database.
    """
    limits = []
    for query, own in zip(queries, positions.cpu().numpy(), strict=True):
        limits.append(squared_distances(query[None], database.vectors(own)))
    limits = torch.cat(limits)
    nearer = torch.zeros_like(positions)
    for _, chunk in database.chunks():
        ordered = squared_distances(queries, chunk).sort(dim=1).values
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
