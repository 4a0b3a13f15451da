"""Kernels as one picture: scaling and layout of the released plotting code.

`shownet.py`: subtract the smallest weight of the layer and divide by the largest of what
is left, so that kernels share their contrast; with --norm-filters every kernel first
gets zero mean and unit variance. 16 kernels a row, black lines one pixel wide between.
"""

import numpy as np

ACROSS = 16  # kernels in a row


def scaled(kernels: np.ndarray, *, each: bool = False) -> np.ndarray:
    """Weights (N, 3, k, k) as intensities in [0, 1], scaled together.

    With `each`, every kernel is standardised over its own weights before; one whose
    weights are all equal becomes zeros.
    """
    weights = kernels.astype(float)
    if each:
        weights = weights - weights.mean(axis=(1, 2, 3), keepdims=True)
        spread = weights.std(axis=(1, 2, 3), keepdims=True)
        weights = np.divide(weights, spread, where=spread > 0, out=0 * weights)
    weights = weights - weights.min()
    return weights / (weights.max() or 1)


def columns(count: int, most: int = ACROSS) -> int:
    """Kernels in a row, at most `most`: full rows where they are not too short."""
    whole = next(n for n in range(min(count, most), 0, -1) if count % n == 0)
    return whole if 2 * whole >= min(count, most) else most


def mosaic(intensities: np.ndarray, across: int) -> np.ndarray:
    """Pictures (N, 3, k, k) in [0, 1] in rows of `across`: RGBA, (height, width, 4).

    Black lines around each; cells without a kernel are transparent.
    """
    count, _, side, _ = intensities.shape
    rows, cell = -(-count // across), side + 1
    picture = np.zeros((rows * cell + 1, across * cell + 1, 4))
    for index, kernel in enumerate(intensities):
        row, column = divmod(index, across)
        top, left = row * cell, column * cell
        picture[top : top + cell + 1, left : left + cell + 1, 3] = 1
        inside = np.s_[top + 1 : top + cell, left + 1 : left + cell, :3]
        picture[inside] = kernel.transpose(1, 2, 0)
    return picture
