"""Intervals over images: queries drawn again, and shares of independent trials."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.statistics.ratios import LEVEL

DRAWS = 4000
EQUAL = 1e-12  # ratios that differ by less do so by rounding
CHUNK = 2**22  # positions drawn at once
METHOD = f"{100 * LEVEL:.0f} % percentile interval of {DRAWS:,} bootstrap draws"


@dataclass(frozen=True)
class Estimate:
    """A share or a difference of shares, its interval, and how many it counts.

    The limits are not numbers where there is no interval.
    """

    value: float
    low: float
    high: float
    n: int

    @property
    def interval(self) -> str:
        """In per cent or percentage points; empty where there is none."""
        if math.isnan(self.low):
            return ""
        return f"{100 * self.low:.1f} to {100 * self.high:.1f}"

    def excludes(self, value: float) -> bool:
        """Whether the interval is known and does not contain `value`."""
        return value < self.low or value > self.high


def bootstrap(hits, of=None, *, seed: int = 0) -> Estimate:
    """Sum of `hits` over sum of `of` (Q,), queries drawn again with replacement.

    Without `of` the mean of `hits`. `n` is the number of queries with something to
    count. Where every one of them has the same ratio, or there is only one, the draws
    know no spread: no interval.
    """
    hits = np.asarray(hits, float)
    of = np.ones(len(hits)) if of is None else np.asarray(of, float)
    hits, of = hits[of > 0], of[of > 0]
    if not len(hits):
        return Estimate(math.nan, math.nan, math.nan, 0)
    value = float(hits.sum() / of.sum())
    if np.ptp(hits / of) < EQUAL:
        return Estimate(value, math.nan, math.nan, len(hits))
    generator = np.random.default_rng(seed)
    step = max(1, CHUNK // len(hits))
    ratios = []
    for start in range(0, DRAWS, step):
        shape = (min(step, DRAWS - start), len(hits))
        drawn = generator.integers(len(hits), size=shape)
        ratios.append(hits[drawn].sum(1) / of[drawn].sum(1))
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(np.concatenate(ratios), [tail, 100 - tail])
    return Estimate(value, float(low), float(high), len(hits))


def wilson(share: float, n: int) -> Estimate:
    """Wilson's score interval of a share of `n` independent trials.

    E. B. Wilson, J. Am. Stat. Assoc. 22 (1927), 209. `share` may be a mean over seeds.
    """
    z = stats.norm.ppf((1 + LEVEL) / 2)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    spread = share * (1 - share) / n + z**2 / (4 * n**2)
    half = z * math.sqrt(spread) / (1 + z**2 / n)
    # A share of 0 or 1 is a limit of its own interval, but for rounding.
    low, high = min(share, centre - half), max(share, centre + half)
    return Estimate(share, max(0.0, low), min(1.0, high), n)


def difference(first: Estimate, second: Estimate) -> Estimate:
    """First minus second share, of the same number of trials, by Newcombe's score method.

    R. G. Newcombe, Statist. Med. 17 (1998), 873, method 10: for independent samples,
    so too wide for the same images seen twice.
    """
    value = first.value - second.value
    low = math.hypot(first.value - first.low, second.high - second.value)
    high = math.hypot(first.high - first.value, second.value - second.low)
    return Estimate(value, value - low, value + high, first.n)
