"""Numbers in words: signs, counts with their nouns, and values of several seeds."""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

MINUS = "\N{MINUS SIGN}"
Line = tuple[float, float, float]  # mean, lowest and highest of the seeds


def signed(points: float) -> str:
    """Two decimals and a sign; what rounds to zero has none."""
    text = f"{points:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text.replace("-", MINUS)


def counted(count: int, noun: str) -> str:
    """`1 epoch`, `2 epochs`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def per_cent(value: float) -> str:
    """A fraction as per cent, without its unit; a dash where it is not a number."""
    return "–" if math.isnan(value) else f"{100 * value:z.1f}".replace("-", MINUS)


def spread(values: Sequence[float], shown: Callable[[float], str]) -> str:
    """The mean, and in brackets the range where values differ; a dash without any."""
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    if not len(known):
        return "–"
    low, high = shown(float(known.min())), shown(float(known.max()))
    mean = shown(float(known.mean()))
    return mean if low == high else f"{mean} ({low}–{high})"


def mean_and_range(values: Iterable[float]) -> Line:
    """Mean, lowest and highest."""
    values = np.asarray(list(values), float)
    return float(values.mean()), float(values.min()), float(values.max())
