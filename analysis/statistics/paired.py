"""Two networks, or two ways to use one, on the same test images.

Arrays hold mistakes: True where an image was classified wrongly. Differences are
first minus second.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.ratios import LEVEL


@dataclass(frozen=True)
class McNemar:
    """Images that only one of two got wrong, and the exact two-sided p of the split."""

    only_first: int
    only_second: int
    p: float


def mcnemar(first: np.ndarray, second: np.ndarray) -> McNemar:
    """McNemar's exact test of equal errors; `first` and `second` are (N,) booleans."""
    only_first = int((first & ~second).sum())
    only_second = int((second & ~first).sum())
    discordant = only_first + only_second
    p = stats.binomtest(only_first, discordant).pvalue if discordant else 1.0
    return McNemar(only_first, only_second, float(p))


def difference(first: np.ndarray, second: np.ndarray) -> Estimate:
    """The mean difference of errors of S pairs on N images; both arrays are (S, N).

    From two seeds on the interval is Student's t over seeds, on these images; of one
    seed it is the one over images, which does not cover the noise of seeds.
    """
    if len(first) == 1:
        return over_images(first, second)
    each = first.mean(axis=1) - second.mean(axis=1)
    return over_seeds(each, images=first.shape[1])


def over_images(first: np.ndarray, second: np.ndarray) -> Estimate:
    """The same difference with an interval over images, paired; arrays are (S, N).

    The normal interval after half an image is added to each of the four cells (Agresti
    and Min, 2005), so that it has a width even where the two never disagree.
    """
    each = first.mean(axis=0) - second.mean(axis=0)
    total = len(each) + 2
    centre = each.sum() / total
    variance = ((each**2).sum() + 1) / total - centre**2
    half = stats.norm.ppf((1 + LEVEL) / 2) * math.sqrt(variance / total)
    value, low, high = (float(each.mean()), float(centre - half), float(centre + half))
    return Estimate(value, low, high, "images", max(len(first), len(second)), len(each))


def unpaired_standard_error(
    first: float, first_images: int, second: float, second_images: int
) -> float:
    """Of the difference of two errors on different images, from sampling images alone."""
    variances = (
        first * (1 - first) / first_images,
        second * (1 - second) / second_images,
    )
    return math.sqrt(sum(variances))
