"""Which images stand for a split: drawn once and for all, the same for every run."""

import numpy as np

from repro.machine import draws

MEASURED, QUERIES, SHOWN, PROBED, DIAGNOSED, THINNED, DISTURBED = range(7)
AT_MOST = 10_000  # images measured after an epoch


def fixed_images(split_size: int, purpose: int, at_most: int) -> np.ndarray:
    """Return at most `at_most` positions of a split of this size, in the order drawn.

    A smaller `at_most` gives the first of a larger one's.
    """
    order = draws.generator(draws.SUBSET, 0, purpose).permutation(split_size)
    return order[:at_most]


def measured_images(split_size: int, at_most: int = AT_MOST) -> np.ndarray:
    """Return the positions that stand for a split wherever it is measured, rising."""
    return np.sort(fixed_images(split_size, MEASURED, at_most))
