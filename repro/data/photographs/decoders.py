"""Photographs decoded by several threads, handed over in order.

The result does not depend on their number. Pillow and NumPy decode, resize and sum
without Python's lock; processes would have to be started, and to send every pixel.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from repro.data.photographs.archives import DamagedEntry, File
from repro.data.photographs.decoding import BrokenPhotograph, to_pixels
from repro.data.photographs.source_files import read
from repro.data.pixels import PixelSums


class Decoded(NamedTuple):
    """A chunk of photographs as pixels, with what can be summed up beside them."""

    images: np.ndarray  # uint8, N x side x side x 3, of those that are whole
    broken: list[tuple[int, str]]  # position in the chunk, reason
    sums: PixelSums


def decode(files: list[File], side: int) -> Decoded:
    """Read and decode one chunk. Raises SourceUnusable where a file cannot be read."""
    images = np.empty((len(files), side, side, 3), np.uint8)
    broken, sums = [], PixelSums(side, side)
    for position, file in enumerate(files):
        try:
            pixels = to_pixels(read(file), side)
        except (BrokenPhotograph, DamagedEntry) as error:
            broken.append((position, str(error)))
        else:
            images[sums.num_images] = pixels
            sums.add(pixels[None])
    return Decoded(images[: sums.num_images], broken, sums)


def decode_all(
    chunks: Iterable[list[File]], side: int, workers: int
) -> Iterator[Decoded]:
    """Decode chunk after chunk, by `workers` threads, at most twice as many ahead.

    Raises what `decode` raises.
    """
    if workers == 1:
        yield from (decode(chunk, side) for chunk in chunks)
        return
    pool = ThreadPoolExecutor(workers)
    ahead = deque()
    try:
        for chunk in chunks:
            ahead.append(pool.submit(decode, chunk, side))
            if len(ahead) > 2 * workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
