"""Intervals over test images: of one network, of two on the same images, of queries.

Arrays of mistakes hold True where an image was classified wrongly. Differences are
first minus second.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.statistics.estimates import LEVEL, Estimate, over_seeds

DRAWS = 4000
EQUAL = 1e-12  # ratios that differ by less do so by rounding
CHUNK = 2**22  # positions drawn at once
BOOTSTRAP = f"{100 * LEVEL:.0f} % percentile interval of {DRAWS:,} bootstrap draws"
Z = float(stats.norm.ppf((1 + LEVEL) / 2))


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


def share(value: float, images: int) -> Estimate:
    """A share of `images` independent trials with Wilson's score interval.

    E. B. Wilson, J. Am. Stat. Assoc. 22 (1927), 209. `value` may be a mean over seeds,
    which SciPy's whole numbers of successes cannot be.
    """
    squared = Z**2 / images
    centre = (value + squared / 2) / (1 + squared)
    variance = value * (1 - value) + squared / 4
    half = math.sqrt(squared * variance) / (1 + squared)
    # A share of 0 or 1 is a limit of its own interval, but for rounding.
    low, high = min(value, centre - half), max(value, centre + half)
    return Estimate(value, max(0.0, low), min(1.0, high), "images", 1, images)


def exact_share(successes: int, trials: int) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share; (0, 1) of no trials."""
    if not trials:
        return 0.0, 1.0
    found = stats.binomtest(successes, trials).proportion_ci(LEVEL, method="exact")
    return float(found.low), float(found.high)


def mean_error(errors: Sequence[float], *, images: int) -> Estimate:
    """The mean error of several seeds; of one seed, with an interval over images."""
    if len(errors) == 1:
        return share(float(errors[0]), images)
    return over_seeds(errors, images=images)


def paired(first: np.ndarray, second: np.ndarray) -> Estimate:
    """The mean difference of errors of S pairs on N images; both arrays are (S, N).

    From two seeds on the interval is Student's t over seeds, on these images; of one
    seed it is the one over images, which does not cover the noise of seeds.
    """
    if len(first) == 1:
        return paired_over_images(first, second)
    each = first.mean(axis=1) - second.mean(axis=1)
    return over_seeds(each, images=first.shape[1])


def paired_over_images(first: np.ndarray, second: np.ndarray) -> Estimate:
    """The same difference with an interval over images, paired; arrays are (S, N).

    The normal interval after half an image is added to each of the four cells (Agresti
    and Min, 2005), so that it has a width even where the two never disagree.
    """
    each = first.mean(axis=0) - second.mean(axis=0)
    total = len(each) + 2
    centre = each.sum() / total
    variance = ((each**2).sum() + 1) / total - centre**2
    half = Z * math.sqrt(variance / total)
    value, low, high = (float(each.mean()), float(centre - half), float(centre + half))
    return Estimate(value, low, high, "images", max(len(first), len(second)), len(each))


def unpaired(first: Estimate, second: Estimate) -> Estimate:
    """First minus second share, of the same number of trials, by Newcombe's score method.

    R. G. Newcombe, Statist. Med. 17 (1998), 873, method 10: for independent samples,
    so too wide for the same images seen twice.
    """
    value = first.value - second.value
    low = math.hypot(first.value - first.low, second.high - second.value)
    high = math.hypot(first.high - first.value, second.value - second.low)
    return Estimate(value, value - low, value + high, "images", 1, first.images)


def unpaired_standard_error(
    first: float, first_images: int, second: float, second_images: int
) -> float:
    """Of the difference of two errors on different images, from sampling images alone."""
    variances = (
        first * (1 - first) / first_images,
        second * (1 - second) / second_images,
    )
    return math.sqrt(sum(variances))


def bootstrap(hits, of=None, *, seed: int = 0) -> Estimate:
    """Sum of `hits` over sum of `of` (Q,), queries drawn again with replacement.

    Without `of` the mean of `hits`. `images` is the number of queries with something to
    count. Where every one of them has the same ratio, or there is only one, the draws
    know no spread: no interval.
    """
    hits = np.asarray(hits, float)
    of = np.ones(len(hits)) if of is None else np.asarray(of, float)
    hits, of = hits[of > 0], of[of > 0]
    count = len(hits)
    value = float(hits.sum() / of.sum()) if count else math.nan
    if not count or np.ptp(hits / of) < EQUAL:
        return Estimate(value, math.nan, math.nan, "nothing", 1, count)
    found = stats.bootstrap(
        (hits, of),
        lambda hits, of, axis: hits.sum(axis) / of.sum(axis),
        n_resamples=DRAWS,
        batch=max(1, CHUNK // count),
        paired=True,
        vectorized=True,
        confidence_level=LEVEL,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Estimate(value, float(found.low), float(found.high), "images", 1, count)
