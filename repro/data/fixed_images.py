"""Which images stand for a split: drawn once and for all, the same for every run."""

import numpy as np

from repro.machine import draws

QUERIES, SHOWN, PROBED, DIAGNOSED, THINNED, DISTURBED = range(
    1, 7
)  # 0: repro.training.evaluate.fixed_positions


def fixed_images(split_size: int, purpose: int, at_most: int) -> np.ndarray:
    """At most `at_most` positions of a split of this size, in the order drawn.

    A smaller `at_most` gives the first of a larger one's.
    """
    order = draws.generator(draws.SUBSET, 0, purpose).permutation(split_size)
    return order[:at_most]
