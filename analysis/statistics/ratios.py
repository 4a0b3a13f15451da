"""Intervals over seeds. The samples are small: every interval carries its n."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

LEVEL = 0.95
RATIO_METHOD = (
    f"Ratios of geometric means, {LEVEL * 100:.0f} % intervals by Welch's t on "
    "logarithms"
)


@dataclass(frozen=True)
class Ratio:
    """A ratio of two geometric means, or a bound on it where a sample is censored."""

    value: float
    low: float
    high: float
    bound: Literal["none", "at least", "at most", "unknown"] = "none"

    def excludes(self, value: float) -> bool:
        """Whether the interval is known and does not contain `value`."""
        return value < self.low or value > self.high

    @property
    def estimate(self) -> str:
        """The value, or the bound, in words."""
        if self.bound == "unknown":
            return "unknown"
        return f"{'' if self.bound == 'none' else self.bound + ' '}{self.value:.2f}"

    @property
    def interval(self) -> str:
        """The interval in words; empty where there is none."""
        if self.bound == "at least" and not math.isnan(self.low):
            return f"at least {self.low:.2f}"
        if self.bound == "at most" and not math.isnan(self.high):
            return f"at most {self.high:.2f}"
        return "" if math.isnan(self.low) else f"{self.low:.2f} to {self.high:.2f}"

    def __str__(self) -> str:
        if self.interval:
            return f"{self.estimate} ({LEVEL * 100:.0f} % interval {self.interval})"
        return self.estimate


def ratio_of_means(numerator, denominator, *, limits: tuple[float, float]) -> Ratio:
    """Geometric mean of `numerator` over that of `denominator`, with Welch's t interval.

    Both of positive numbers. An infinite value is censored, known only to lie above the
    limit of its sample; it counts as that, which makes the ratio a bound. Assumes
    independent samples with normal logarithms.
    """
    above, below = np.asarray(numerator, float), np.asarray(denominator, float)
    bound = _bound(np.isinf(above).any(), np.isinf(below).any())
    if bound == "unknown" or not (len(above) and len(below)):
        return Ratio(math.nan, math.nan, math.nan, "unknown")
    above, below = np.minimum(above, limits[0]), np.minimum(below, limits[1])
    logs = np.log(above), np.log(below)
    value = math.exp(logs[0].mean() - logs[1].mean())
    factor = math.exp(_half_width(*logs))
    low, high = value / factor, value * factor
    low = 0.0 if bound == "at most" else low
    high = math.inf if bound == "at least" else high
    return Ratio(float(value), float(low), float(high), bound)


def _bound(above_censored: bool, below_censored: bool) -> str:
    if above_censored and below_censored:
        return "unknown"
    if above_censored:
        return "at least"
    return "at most" if below_censored else "none"


def _half_width(above: np.ndarray, below: np.ndarray) -> float:
    if min(len(above), len(below)) < 2:
        return math.nan
    parts = [sample.var(ddof=1) / len(sample) for sample in (above, below)]
    total = sum(parts)
    if total == 0:
        return 0.0
    degrees = total**2 / sum(
        part**2 / (len(sample) - 1)
        for part, sample in zip(parts, (above, below), strict=True)
    )
    return float(stats.t.ppf((1 + LEVEL) / 2, degrees) * math.sqrt(total))
