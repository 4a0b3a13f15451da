"""Whole batches in training order, gathered by a background thread.

Step s of a run takes images `s mod steps_per_epoch` of epoch `s // steps_per_epoch`;
the order of an epoch depends on (seed, epoch) alone. The last batch of an epoch may be
short.
"""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from repro.machine import draws
from repro.machine.ranks import ONE, Ranks


@dataclass(frozen=True)
class Split:
    """Images (N, H, W, 3) uint8 and labels (N,) of one split, and which of them count.

    `images` is an array in memory, a memory map, or a tensor on the training device.
    """

    images: np.ndarray | Tensor
    labels: np.ndarray | Tensor
    indices: np.ndarray

    def __len__(self) -> int:
        return len(self.indices)

    def gather(
        self, positions: np.ndarray, device: torch.device
    ) -> tuple[Tensor, Tensor]:
        """Return (B, H, W, 3) uint8 images and (B,) labels of positions, on `device`."""
        rows = self.indices[positions]
        if isinstance(self.images, Tensor):
            rows = torch.from_numpy(rows).to(self.images.device)
            return self.images[rows].to(device), self.labels[rows].to(device)
        images = torch.from_numpy(self.images[rows])
        labels = torch.from_numpy(self.labels[rows])
        if device.type == "cuda":
            images, labels = images.pin_memory(), labels.pin_memory()
        images = images.to(device, non_blocking=True)
        return images, labels.to(device, non_blocking=True)


def kept_on(device: torch.device, split: Split) -> Split:
    """Move the split to the device if its images fill at most a third of what is free."""
    if device.type != "cuda":
        return split
    free, _ = torch.cuda.mem_get_info(device)
    if split.images.nbytes > free / 3:
        return split
    images = torch.from_numpy(np.ascontiguousarray(split.images)).to(device)
    return Split(images, torch.from_numpy(split.labels).to(device), split.indices)


def steps_per_epoch(images: int, batch_size: int) -> int:
    """Return how many steps visit every image once; the last batch may be short."""
    return -(-images // batch_size)


def batch_images(images: int, batch_size: int, step: int) -> int:
    """Return how many images the batch of `step` has."""
    start = step % steps_per_epoch(images, batch_size) * batch_size
    return min(batch_size, images - start)


def in_order(
    split: Split,
    *,
    batch_size: int,
    seed: int,
    steps: range,
    device: torch.device,
    ranks: Ranks = ONE,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield this rank's rows of the batches of `steps`, loaded two ahead of their use."""
    epoch_steps = steps_per_epoch(len(split), batch_size)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        epoch, order = -1, np.empty(0, int)
        for step in steps:
            if step // epoch_steps != epoch:
                epoch = step // epoch_steps
                order = draws.generator(draws.ORDER, seed, epoch).permutation(
                    len(split)
                )
            start = step % epoch_steps * batch_size
            batch = order[start : start + batch_size]
            yield split.gather(batch[ranks.rows(len(batch)).here], device)

    return ahead(batches())


def ahead(items: Iterator, depth: int = 2) -> Iterator:
    """Yield `items`, which a thread produces up to `depth` ahead.

    An exception in the thread is raised here; leaving the loop early ends the thread.
    """
    ready: queue.Queue = queue.Queue(maxsize=depth)
    left = threading.Event()

    def put(entry: tuple) -> bool:
        while not left.is_set():
            try:
                ready.put(entry, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def produce() -> None:
        try:
            for item in items:
                if not put((item, None)):
                    return
            put((None, StopIteration()))
        except BaseException as error:  # noqa: BLE001 - raised again by the consumer
            put((None, error))

    thread = threading.Thread(target=produce, daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item
    finally:
        left.set()
        thread.join()
