"""How many runs an effect needs, from the spread of errors over seeds."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

SIGNIFICANCE, POWER = 0.05, 0.8
METHOD = (
    f"normal two-sample formula, two-sided {100 * SIGNIFICANCE:g} %, "
    f"power {100 * POWER:g} %"
)


@dataclass(frozen=True)
class Spread:
    """Standard deviation over seeds, pooled over recipes, and its degrees of freedom."""

    deviation: float
    degrees: int


def pooled_spread(samples: Iterable[Sequence[float]]) -> Spread | None:
    """From one sample of errors a recipe; None where none has two seeds."""
    known = [np.asarray(sample, float) for sample in samples if len(sample) > 1]
    degrees = sum(len(sample) - 1 for sample in known)
    if not degrees:
        return None
    squares = sum(((sample - sample.mean()) ** 2).sum() for sample in known)
    return Spread(math.sqrt(squares / degrees), degrees)


def runs_needed(effect: float, deviation: float) -> int:
    """Runs in each of two arms to find a difference `effect`; at least two.

    2 (z of the significance + z of the power)^2 deviation^2 / effect^2.
    """
    quantiles = stats.norm.ppf([1 - SIGNIFICANCE / 2, POWER]).sum()
    return max(2, math.ceil(2 * (quantiles * deviation / effect) ** 2))
