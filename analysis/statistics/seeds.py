"""Values of several seeds in words: their mean and range, always with n."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from analysis.statistics.ratios import LEVEL

Shown = Callable[[float], str]


def plural(count: int, noun: str) -> str:
    """`1 epoch`, `2 epochs`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def seeds(count: int) -> str:
    """`1 seed`, `2 seeds`."""
    return plural(count, "seed")


def spread(values: Sequence[float], shown: Shown) -> str:
    """The mean, and in brackets the range where values differ; a dash without any."""
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    if not len(known):
        return "–"
    low, high = shown(float(known.min())), shown(float(known.max()))
    mean = shown(float(known.mean()))
    return mean if low == high else f"{mean} ({low}–{high})"


def per_cent(value: float) -> str:
    """A fraction as per cent, without its unit."""
    return f"{100 * value:.1f}"


def difference(above: Sequence[float], below: Sequence[float]) -> tuple[float, ...]:
    """Mean of `above` minus mean of `below`, with Welch's t interval: value, low, high.

    The bounds are not a number where a sample has fewer than two values.
    """
    value = float(np.mean(above) - np.mean(below))
    if min(len(above), len(below)) < 2:
        return value, math.nan, math.nan
    if np.std(above) == np.std(below) == 0:
        return value, value, value
    result = stats.ttest_ind(above, below, equal_var=False)
    interval = result.confidence_interval(LEVEL)
    return value, float(interval.low), float(interval.high)
