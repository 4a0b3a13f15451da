"""A number with its interval, and how it is estimated from runs of several seeds.

The samples are small: every interval carries its n.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from analysis.statistics.numbers import counted, signed

LEVEL = 0.95
RATIO_METHOD = (
    f"Ratios of geometric means, {LEVEL * 100:.0f} % intervals by Welch's t on "
    "logarithms"
)


@dataclass(frozen=True)
class Estimate:
    """A fraction, a difference or a ratio, and its interval (95 % unless said).

    `over` is what the interval would have vary: the seeds, on these test images; the
    test images, with these networks; or nothing, where there is no interval. Its limits
    are then not numbers. A `bound` says that a sample was censored.
    """

    value: float
    low: float
    high: float
    over: Literal["seeds", "images", "nothing"]
    seeds: int = 0
    images: int = 0
    bound: Literal["none", "at least", "at most", "unknown"] = "none"

    def excludes(self, value: float) -> bool:
        """Whether there is an interval and it does not contain `value`."""
        return value < self.low or value > self.high

    @property
    def has_interval(self) -> bool:
        """Whether some limit is known."""
        return not (math.isnan(self.low) and math.isnan(self.high))

    @property
    def per_cent(self) -> str:
        """As an error: per cent, with the interval where there is one."""
        spread = f" ({100 * self.low:.2f}–{100 * self.high:.2f})"
        return f"{100 * self.value:.2f}{spread * self.has_interval}"

    @property
    def points(self) -> str:
        """As a difference: signed percentage points, with the interval."""
        spread = f" ({signed(100 * self.low)} to {signed(100 * self.high)})"
        return f"{signed(100 * self.value)}{spread * self.has_interval}"

    @property
    def limits_per_cent(self) -> str:
        """The interval alone, of shares; empty where there is none."""
        if not self.has_interval:
            return ""
        return f"{100 * self.low:.1f} to {100 * self.high:.1f}"

    @property
    def ratio(self) -> str:
        """As a ratio, or the bound on it."""
        if self.bound == "unknown":
            return "unknown"
        return f"{'' if self.bound == 'none' else self.bound + ' '}{self.value:.2f}"

    @property
    def limits(self) -> str:
        """The interval alone, of a ratio; empty where there is none."""
        if not self.has_interval:
            return ""
        if self.bound in ("at least", "at most"):
            known = self.low if self.bound == "at least" else self.high
            return f"{self.bound} {known:.2f}"
        return f"{self.low:.2f} to {self.high:.2f}"

    @property
    def covers(self) -> str:
        """What the interval is over, in words."""
        if self.over == "seeds":
            return f"{self.seeds} seeds"
        if self.over == "images":
            return f"images, {counted(self.seeds, 'seed')}: without seed noise"
        return "one seed: no interval"


def over_seeds(
    values: Sequence[float], *, images: int, level: float = LEVEL
) -> Estimate:
    """The mean of one value a seed, with Student's t interval from two seeds on."""
    sample = np.asarray(values, float)
    mean, count = float(sample.mean()), len(sample)
    if count < 2:
        return Estimate(mean, math.nan, math.nan, "nothing", count, images)
    error = sample.std(ddof=1) / math.sqrt(count)
    half = float(stats.t.ppf((1 + level) / 2, count - 1) * error)
    return Estimate(mean, mean - half, mean + half, "seeds", count, images)


def difference(above: Sequence[float], below: Sequence[float]) -> Estimate:
    """Mean of `above` minus mean of `below`, with Welch's t interval over seeds.

    No interval where a sample has fewer than two values; a point where neither varies.
    """
    value = float(np.mean(above) - np.mean(below))
    count = min(len(above), len(below))
    if count < 2:
        return Estimate(value, math.nan, math.nan, "nothing", count)
    low, high = value, value
    if np.ptp(above) or np.ptp(below):
        with warnings.catch_warnings():  # of precision, where one sample is constant
            warnings.simplefilter("ignore", RuntimeWarning)
            result = stats.ttest_ind(above, below, equal_var=False)
        low, high = map(float, result.confidence_interval(LEVEL))
    return Estimate(value, low, high, "seeds", count)


def ratio_of_means(
    numerator: Sequence[float],
    denominator: Sequence[float],
    *,
    limits: tuple[float, float] = (math.inf, math.inf),
) -> Estimate:
    """Geometric mean of `numerator` over that of `denominator`, with Welch's t interval.

    Both of positive numbers. An infinite value is censored, known only to lie above the
    limit of its sample; it counts as that, which makes the ratio a bound. Assumes
    independent samples with normal logarithms.
    """
    above, below = np.asarray(numerator, float), np.asarray(denominator, float)
    bound = _bound(np.isinf(above).any(), np.isinf(below).any())
    if bound == "unknown" or not (len(above) and len(below)):
        return Estimate(math.nan, math.nan, math.nan, "nothing", bound="unknown")
    logs = np.log(np.minimum(above, limits[0])), np.log(np.minimum(below, limits[1]))
    found = difference(*logs)
    value, low, high = (math.exp(part) for part in (found.value, found.low, found.high))
    low = 0.0 if bound == "at most" else low
    high = math.inf if bound == "at least" else high
    return Estimate(value, low, high, found.over, found.seeds, bound=bound)


def _bound(above_censored: bool, below_censored: bool) -> str:
    if above_censored and below_censored:
        return "unknown"
    if above_censored:
        return "at least"
    return "at most" if below_censored else "none"
