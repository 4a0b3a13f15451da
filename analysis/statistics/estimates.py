"""Estimates of an error or of a difference of errors, with what their interval covers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from analysis.statistics import resampling
from analysis.statistics.ratios import LEVEL

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Estimate:
    """A fraction, or a difference of two, and its interval (95 % unless said).

    `over` is what the interval would have vary: the seeds, on these test images; the
    test images, with these networks; or nothing, where there is no interval.
    """

    value: float
    low: float
    high: float
    over: Literal["seeds", "images", "nothing"]
    seeds: int
    images: int

    def excludes(self, value: float) -> bool:
        """Whether there is an interval and it does not contain `value`."""
        return value < self.low or value > self.high

    @property
    def per_cent(self) -> str:
        """As an error: per cent, with the interval where there is one."""
        spread = f" ({100 * self.low:.2f}–{100 * self.high:.2f})"
        return f"{100 * self.value:.2f}{spread * (self.over != 'nothing')}"

    @property
    def points(self) -> str:
        """As a difference: signed percentage points, with the interval."""
        spread = f" ({signed(100 * self.low)} to {signed(100 * self.high)})"
        return f"{signed(100 * self.value)}{spread * (self.over != 'nothing')}"

    @property
    def covers(self) -> str:
        """What the interval is over, in words."""
        if self.over == "seeds":
            return f"{self.seeds} seeds"
        if self.over == "images":
            return f"images, {counted(self.seeds, 'seed')}: without seed noise"
        return "one seed: no interval"


def signed(points: float) -> str:
    """Two decimals and a sign; what rounds to zero has none."""
    text = f"{points:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text.replace("-", MINUS)


def counted(number: int, noun: str) -> str:
    """A number and its noun, in the plural unless it is 1."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


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


def of_error(error: float, images: int) -> Estimate:
    """One network's error on so many images, with Wilson's interval over images."""
    found = resampling.wilson(error, images)
    return Estimate(error, found.low, found.high, "images", 1, images)


def mean_error(errors: Sequence[float], *, images: int) -> Estimate:
    """The mean error of several seeds; of one seed, with an interval over images."""
    if len(errors) == 1:
        return of_error(float(errors[0]), images)
    return over_seeds(errors, images=images)
