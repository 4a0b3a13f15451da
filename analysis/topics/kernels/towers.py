"""Whether two groups of kernels differ more than random groups do."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

DRAWS = 10_000  # random splits
SEED = 0  # of their draws
PERCENTILE = 0.95  # of the random gaps, above which a gap counts as a difference
LIMIT = f"{100 * PERCENTILE:.0f}th percentile"
TIE = 1e-12  # gaps closer than this are equal up to rounding


@dataclass(frozen=True)
class Split:
    """Two groups of kernels beside random groups of the same sizes."""

    means: tuple[float, float]  # of the first and the second group
    limit: float  # the percentile of the random gaps
    p: float  # share of random gaps that are as large, the observed one counted in

    @property
    def gap(self) -> float:
        """Distance of the two means: no group is named first."""
        return abs(self.means[0] - self.means[1])

    @property
    def exceeds(self) -> bool:
        """Whether the gap lies above the percentile of the random gaps."""
        return self.gap > self.limit + TIE

    @property
    def lower(self) -> int:
        """0 or 1: the group with the lower mean; the first of two equal ones."""
        return int(self.means[1] < self.means[0])


def halves(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values of the two towers, (C/2,) each, without NaN."""
    first, second = np.split(np.asarray(values, float), [len(values) // 2])
    return first[~np.isnan(first)], second[~np.isnan(second)]


def random_gaps(
    values: np.ndarray, *, draws: int = DRAWS, seed: int = SEED
) -> np.ndarray:
    """Distances of the two means under random splits of the kernels, (draws,).

    The permutation null: every kernel keeps its value (C,), which group it is in is
    drawn again; the groups keep their sizes, equal unless values are missing.
    """
    first, second = halves(values)
    if not (len(first) and len(second)):
        return np.full(draws, np.nan)
    pooled = np.concatenate([first, second])
    sums = _memberships(len(first), len(pooled), draws, seed) @ pooled
    return np.abs(sums / len(first) - (pooled.sum() - sums) / len(second))


@lru_cache(maxsize=4)
def _memberships(size: int, total: int, draws: int, seed: int) -> np.ndarray:
    """Rows of `size` ones and zeros elsewhere, in random order: (draws, total)."""
    ordered = np.tile(np.arange(total) < size, (draws, 1))
    return np.random.default_rng(seed).permuted(ordered, axis=1).astype(float)


def compare(values: np.ndarray, *, draws: int = DRAWS, seed: int = SEED) -> Split:
    """The first half of `values` (C,) against the second; NaN where a half is empty."""
    first, second = halves(values)
    if not (len(first) and len(second)):
        return Split((math.nan, math.nan), math.nan, math.nan)
    gaps = random_gaps(values, draws=draws, seed=seed)
    means = (float(first.mean()), float(second.mean()))
    as_large = int((gaps >= abs(means[0] - means[1]) - TIE).sum())
    limit = float(np.quantile(gaps, PERCENTILE))
    return Split(means, limit, (1 + as_large) / (1 + draws))
