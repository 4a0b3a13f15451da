"""Arrays of pixels, written, hashed and summed chunk by chunk in bounded memory."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

CHUNK_BYTES = 8 << 20


def sha256_of(array: np.ndarray) -> str:
    """Return the SHA-256 of the array's bytes in C order, without .npy header."""
    digest = hashlib.sha256()
    for chunk in chunks(array):
        digest.update(chunk.data)
    return digest.hexdigest()


def write_array(
    path: Path,
    array: np.ndarray,
    visit: Callable[[np.ndarray], None] = lambda chunk: None,
) -> str:
    """Write `array` as .npy and return its hash; `visit` sees each chunk once.

    Plain writes: through a memory map a full disk would kill the process (SIGBUS), and
    np.save reports it without saying why.
    """
    digest = hashlib.sha256()
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for chunk in chunks(array):
            file.write(chunk.data)
            digest.update(chunk.data)
            visit(chunk)
        file.flush()
        os.fsync(file.fileno())  # on disk before a rename makes it look whole
    return digest.hexdigest()


def chunks(array: np.ndarray) -> Iterator[np.ndarray]:
    """Yield contiguous pieces of `array` along its first axis, about 8 MB each."""
    rows = max(1, CHUNK_BYTES // max(1, array[:1].nbytes))
    for start in range(0, len(array), rows):
        yield np.ascontiguousarray(array[start : start + rows])


class PixelSums:
    """Sums over a stream of images, exact because every partial sum is an integer."""

    def __init__(self, height: int, width: int):
        self.num_images = 0
        self.pixels = np.zeros((height, width, 3), np.int64)
        self.products = np.zeros((3, 3), np.int64)

    def add(self, images: np.ndarray) -> None:
        """Add uint8 images, N x H x W x 3."""
        self.num_images += len(images)
        for image in images:  # half the time of a sum over them, which makes an array
            self.pixels += image
        # Not `@`: BLAS has one lock, at which the threads that decode would wait.
        rgb = images.reshape(-1, 3).T.astype(np.int64, order="C")
        self.products += np.einsum("ik,jk->ij", rgb, rgb)

    def merge(self, other: "PixelSums") -> None:
        """Add the images of other sums, of the same height and width."""
        self.num_images += other.num_images
        self.pixels += other.pixels
        self.products += other.products

    def mean(self) -> np.ndarray:
        """Return the mean image, float32 H x W x 3."""
        return (self.pixels / self.num_images).astype(np.float32)

    def rgb_mean(self) -> np.ndarray:
        """Return the mean of each channel over all pixels, float64."""
        return self.pixels.mean(axis=(0, 1)) / self.num_images

    def rgb_covariance(self) -> np.ndarray:
        """Return the 3 x 3 covariance of all pixels (0-255), divided by their count."""
        num_pixels = self.num_images * self.pixels[..., 0].size
        rgb_mean = self.rgb_mean()
        return self.products / num_pixels - np.outer(rgb_mean, rgb_mean)
