"""Retrieval by short binary codes beside the full search: the rows of codes.csv.

Section 6.1 proposes an auto-encoder for the codes. This one is small: D inputs, one
layer of 64 or 128 logistic code units, D linear outputs. Gaussian noise on what the
code units receive makes them saturate (Salakhutdinov and Hinton, "Semantic Hashing",
2009; their noise is fixed, this one is drawn anew at each step). A bit says whether a
unit is above one half. The auto-encoder is fitted to standardised vectors of at most
10,000 training images, those of the linear probe, by 300 steps of Adam on the mean
squared error, 100 vectors a step. The control, signs of a random projection, is the
same code before the first step.

Queries and database are those of neighbors.npz. Pixels are those of whole stored
images, averaged down to at most 32 a side as in the paper's reference 14.

`seconds` are of the search alone, for all queries together, the median of 3: after
coding and packing, with vectors of up to 2 GiB in the device's memory as float16 (more
are read, and averaged, while searching). The full search is exhaustive, in float32; what
is nearest is found by another one, in float64.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from repro.data.batches import Split
from repro.data.fixed_images import PROBED, fixed_images
from repro.export.neighbors import (
    SHOWN_NEIGHBORS,
    Space,
    feature_space,
    nearest,
    query_positions,
)
from repro.export.probe import AT_MOST, PIXEL_SIDE, labels_of
from repro.machine import draws
from repro.trained.classifier import in_sequence

BITS = (64, 128)
REPEATS = 3
HELD_BYTES = 2 << 30
STEPS = 300  # on pixels of CIFAR-10, 1,000 steps of 250 retrieved no better
BATCH = 100  # vectors a step, drawn with replacement
LEARNING_RATE = 0.001
NOISE = 4.0  # its standard deviation; what a unit receives starts at about 1
WORD = 64  # bits
BLOCK = {"cpu": 1 << 16, "cuda": 1 << 24}  # distances at once; a CPU's fit its cache

# Masks of Warren's "Hacker's Delight", figure 5-2: pairs of bits, fours and bytes.
PAIRS, FOURS, BYTES = 0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F


@dataclass(frozen=True)
class Coder:
    """Bits of vectors: signs of a linear map of their standardised values."""

    mean: Tensor  # (D,)
    std: Tensor  # (D,), 1 where a dimension never changes
    weight: Tensor  # (D, bits)
    bias: Tensor  # (bits,)

    def standardised(self, vectors: Tensor) -> Tensor:
        """(N, D) float32."""
        return (vectors.float() - self.mean) / self.std

    def bits(self, vectors: Tensor) -> Tensor:
        """(N, D) to (N, bits), of bool."""
        return torch.addmm(self.bias, self.standardised(vectors), self.weight) > 0


def random_projection(vectors: Tensor, bits: int) -> Coder:
    """Signs of Gaussian projections, standardised by these (N, D) vectors."""
    vectors = vectors.float()
    low, high = vectors.aminmax(dim=0)
    changes = high > low
    std, mean = torch.std_mean(vectors, dim=0, correction=0)
    shape = vectors.shape[1], bits
    drawn = draws.generator(draws.INITIAL, 0).standard_normal(shape, np.float32)
    return Coder(
        torch.where(changes, mean, low),  # what never changes becomes exactly zero
        torch.where(changes, std, torch.ones_like(std)),
        torch.from_numpy(drawn).to(vectors.device) / shape[0] ** 0.5,
        vectors.new_zeros(bits),
    )


def autoencoder(vectors: Tensor, bits: int) -> Coder:
    """The encoder of an auto-encoder fitted to these (N, D) vectors."""
    start = random_projection(vectors, bits)
    inputs = start.standardised(vectors)
    encoder = [start.weight.clone(), start.bias.clone()]
    decoder = [start.weight.T.clone(), torch.zeros_like(start.mean)]
    parameters = [part.requires_grad_() for part in (*encoder, *decoder)]
    optimizer = torch.optim.Adam(parameters, LEARNING_RATE)
    for step in range(STEPS):
        chosen, noise = _drawn(step, len(inputs), bits)
        batch = inputs[chosen.to(inputs.device)]
        received = torch.addmm(encoder[1], batch, encoder[0])
        code = torch.sigmoid(received + NOISE * noise.to(inputs.device))
        loss = F.mse_loss(torch.addmm(decoder[1], code, decoder[0]), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    weight, bias = (part.detach() for part in encoder)
    return Coder(start.mean, start.std, weight, bias)


def _drawn(step: int, size: int, bits: int) -> tuple[Tensor, Tensor]:
    """Positions of a step's vectors, (BATCH,), and their units' noise, (BATCH, bits)."""
    chosen = draws.generator(draws.ORDER, 0, step).integers(size, size=BATCH)
    rng = draws.generator(draws.DROPOUT, 0, step)
    noise = rng.standard_normal((BATCH, bits), np.float32)
    return torch.from_numpy(chosen), torch.from_numpy(noise)


def codes(coder: Coder, space: Space) -> Tensor:
    """(words, N) int64: the bits of all vectors, 64 to a word."""
    return torch.cat([packed(coder.bits(piece)) for _, piece in space.chunks()], 1)


def packed(bits: Tensor) -> Tensor:
    """(N, a multiple of 64) bool to (words, N) int64."""
    assert bits.shape[1] % WORD == 0, bits.shape
    words = np.packbits(bits.cpu().numpy(), axis=1).view(np.int64)
    return torch.from_numpy(np.ascontiguousarray(words.T)).to(bits.device)


def hamming(queries: Tensor, database: Tensor) -> Tensor:
    """(Q, N) int64: in how many bits (words, Q) differ from (words, N)."""
    total = torch.zeros((), dtype=torch.long, device=database.device)
    for ours, theirs in zip(queries, database, strict=True):
        total = total + _ones(ours[:, None] ^ theirs)
    return total


def _ones(words: Tensor) -> Tensor:
    """How many bits of each int64 are set.

    Shifts to the right fill with the sign; the masks drop what they filled.
    """
    counts = words - ((words >> 1) & PAIRS)
    counts = (counts & FOURS) + ((counts >> 2) & FOURS)
    counts = (counts + (counts >> 4)) & BYTES
    counts = counts + (counts >> 8)
    counts = counts + (counts >> 16)
    return (counts + (counts >> 32)) & 0x7F


def nearest_codes(queries: Tensor, database: Tensor, k: int) -> Tensor:
    """(Q, k) positions of the k nearest to each of (words, Q), nearest first.

    Of equal distances the smaller position comes first.
    """
    size = database.shape[1]
    places = torch.arange(size, device=database.device)
    asked = max(1, BLOCK[database.device.type] // size)
    found = []
    for some in queries.split(asked, dim=1):
        keys = hamming(some, database) * size + places  # distance first, then place
        found.append(keys.topk(min(k, size), largest=False).values % size)
    return torch.cat(found)


CODERS: dict[str, Callable[[Tensor, int], Coder]] = {
    "autoencoder": autoencoder,
    "random projection": random_projection,
}


def code_rows(
    splits: dict[str, Split], matrices: dict[str, np.ndarray], device: torch.device
) -> list[dict[str, Any]]:
    """Rows of codes.csv: no code, then each code of each size, of features and pixels.

    `matrices` are the network's features, row by row of train and test.
    `precision_at_6` is the share of the six nearest, or of all where the database is
    smaller, that have the query's class; `bits` is None without a code.
    """
    train, test = splits["train"], splits["test"]
    queries = query_positions(test)
    wanted = labels_of(test, queries)[:, None].cpu()
    owned = labels_of(train, np.arange(len(train))).cpu()
    spaces = {
        "features": [
            replace(feature_space(matrices[name], device), dtype=torch.float32)
            for name in ("train", "test")
        ],
        "pixels": [pixels(split, device) for split in (train, test)],
    }
    rows = []
    for source, (database, others) in spaces.items():
        asked, database = others.vectors(queries), held(database)
        for way, search in searches(database, asked):
            found, seconds = timed(search)
            if way["code"] == "none":  # no answer hangs on how float32 rounds
                exact = replace(database, dtype=torch.float64)
                found = nearest(asked.double(), exact, SHOWN_NEIGHBORS)[1].cpu()
            alike = owned[found] == wanted
            precision = alike.double().mean().item()
            row = way | {"source": source, "precision_at_6": precision}
            rows.append(row | {"seconds": seconds, "n": len(queries)})
    return rows


def searches(
    database: Space, queries: Tensor
) -> Iterator[tuple[dict[str, Any], Callable[[], Tensor]]]:
    """Each way to search for (Q, D) queries, and the search: positions (Q, k)."""
    yield (
        {"code": "none", "bits": None},
        lambda: nearest(queries, database, SHOWN_NEIGHBORS)[1],
    )
    fitted = database.vectors(fixed_images(database.size, PROBED, AT_MOST))
    for code, fit in CODERS.items():
        for bits in BITS:
            coder = fit(fitted, bits)
            ours, theirs = packed(coder.bits(queries)), codes(coder, database)
            search = partial(nearest_codes, ours, theirs, SHOWN_NEIGHBORS)
            yield {"code": code, "bits": bits}, search


def pixels(split: Split, device: torch.device) -> Space:
    """The stored images of a split, whole, averaged down, in float32."""

    def rows(positions: np.ndarray) -> Tensor:
        batches = in_sequence(split, device, positions)
        return torch.cat([_averaged(images) for images, _ in batches])

    return Space(len(split), rows, torch.float32)


def _averaged(images: Tensor) -> Tensor:
    """(B, H, W, 3) uint8 to (B, 3, h, w) float16, each side at most PIXEL_SIDE."""
    images = images.permute(0, 3, 1, 2).float()
    sides = [min(side, PIXEL_SIDE) for side in images.shape[2:]]
    return F.adaptive_avg_pool2d(images, sides).half()


def held(space: Space) -> Space:
    """The same, its vectors in memory as float16 if they take at most HELD_BYTES."""
    first = space.vectors(np.arange(1))
    if 2 * space.size * first.shape[1] > HELD_BYTES:
        return space
    matrix = first.new_empty(space.size, first.shape[1], dtype=torch.float16)
    for start, piece in space.chunks():
        matrix[start : start + len(piece)] = piece
    return replace(
        space, rows=lambda chosen: matrix[torch.from_numpy(chosen).to(matrix.device)]
    )


def timed(search: Callable[[], Tensor]) -> tuple[Tensor, float]:
    """What a search finds, on the CPU, and the median of its seconds."""
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        found = search().cpu()  # which waits for the device
        seconds.append(time.perf_counter() - start)
    return found, statistics.median(seconds)
