"""images.npy of one split while it grows, so that a killed packing can go on.

Chunks of images are appended in order. After each one, a journal gets a line with the
hash of all pixels so far. A later process keeps the chunks whose lines agree with the
pixels, and decodes everything behind them again.
"""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np

from repro.data.arrays import PixelSums
from repro.data.photographs.decoding import Decoded

CHUNKS_PER_SNAPSHOT = 256


class GrowingImages:
    """The photographs of one split that are decided: packed, or listed as broken.

    It goes on from what an earlier process has left in `folder`: images.npy, its
    journal, and a snapshot of its sums, which saves adding every pixel again.
    """

    def __init__(self, folder: Path, side: int):
        folder.mkdir(parents=True, exist_ok=True)
        self._shape, self._size = (side, side, 3), side * side * 3
        self._snapshot = folder.with_suffix(".sums.npz")
        self._images = _open(folder / "images.npy")
        self._journal = _open(folder.with_suffix(".jsonl"))
        self._digest = hashlib.sha256()
        self._sizes: list[int] = []  # images in each chunk
        self.sums = PixelSums(side, side)
        self.num_decided = 0
        self.broken: list[tuple[int, str]] = []  # position in the split, reason
        self._write_header(0)
        self._take_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        try:
            self._images.close()  # may fail again where the disk is full
        finally:
            self._journal.close()

    def append(self, decoded: Decoded) -> None:
        """Add the next chunk. Raises OSError of a full disk."""
        self._images.write(decoded.images.data)
        self._images.flush()  # before the journal says that it is there
        self._digest.update(decoded.images.data)
        entry = {
            "images": len(decoded.images),
            "broken": decoded.broken,
            "sha256": self._digest.hexdigest(),
        }
        self._journal.write(json.dumps(entry).encode() + b"\n")
        self._journal.flush()
        self._decide(entry)
        self.sums.merge(decoded.sums)
        if len(self._sizes) % CHUNKS_PER_SNAPSHOT == 0:
            self._save_sums()

    def finish(self) -> str:
        """Complete images.npy, force it to disk and return the hash of its pixels."""
        self._write_header(sum(self._sizes))
        self._images.flush()
        os.fsync(self._images.fileno())
        return self._digest.hexdigest()

    def _decide(self, entry: dict) -> None:
        start = self.num_decided
        self._sizes.append(entry["images"])
        self.broken += [(start + position, why) for position, why in entry["broken"]]
        self.num_decided += entry["images"] + len(entry["broken"])

    def _take_up(self) -> None:
        """Keep the chunks that are whole, drop the rest."""
        kept = 0
        for line, entry in _entries(self._journal):
            digest = self._digest.copy()
            digest.update(self._images.read(entry["images"] * self._size))
            if digest.hexdigest() != entry["sha256"]:
                break
            self._digest = digest
            self._decide(entry)
            kept += len(line)
        _truncate(self._journal, kept)
        _truncate(self._images, self._start + sum(self._sizes) * self._size)
        self._add_up()

    def _add_up(self) -> None:
        """Sum over the pixels that are there, from the last snapshot on."""
        start = self._load_sums()
        self._images.seek(self._start + sum(self._sizes[:start]) * self._size)
        for num_images in self._sizes[start:]:
            pixels = self._images.read(num_images * self._size)
            for image in np.frombuffer(pixels, np.uint8).reshape(-1, 1, *self._shape):
                self.sums.add(image)

    def _save_sums(self) -> None:
        new = self._snapshot.with_suffix(".new")
        with open(new, "wb") as file:
            np.savez(file, chunks=len(self._sizes), **vars(self.sums))
        os.replace(new, self._snapshot)

    def _load_sums(self) -> int:
        """Return how many chunks the sums are over; 0 where no snapshot fits."""
        try:
            with np.load(self._snapshot) as saved:
                found = {name: saved[name] for name in saved.files}
            chunks = int(found.pop("chunks"))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return 0
        if chunks > len(self._sizes):
            return 0
        vars(self.sums).update(found, num_images=int(found["num_images"]))
        return chunks

    def _write_header(self, num_images: int) -> None:
        """Write numpy's header, whose padding keeps its length the same for any count."""
        header, shape = io.BytesIO(), (num_images, *self._shape)
        about = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(header, about)
        self._start = len(header.getvalue())
        self._images.seek(0)
        self._images.write(header.getvalue())


def _open(path: Path) -> BinaryIO:
    path.touch()
    return open(path, "r+b")


def _truncate(file: BinaryIO, length: int) -> None:
    file.truncate(length)
    file.seek(length)


def _entries(journal: BinaryIO) -> Iterator[tuple[bytes, dict]]:
    for line in journal:
        try:
            entry = json.loads(line)
            entry["images"], entry["broken"], entry["sha256"]
        except (ValueError, KeyError, TypeError):
            return
        if not line.endswith(b"\n"):
            return
        yield line, entry
