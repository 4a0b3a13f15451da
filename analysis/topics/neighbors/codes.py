"""Search by codes of an auto-encoder against the full search, over the runs of one name.

Every run has both in its codes.csv, from one machine, so that each comparison is within
runs; intervals are Student's t over the seeds, none of one run.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display import words
from analysis.evidence import exported
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.numbers import mean_and_range
from analysis.topics.neighbors.probes import CODES, CODES_COLUMNS, FEATURES, PIXELS

NONE, AUTOENCODER = "none", "autoencoder"  # `code` in codes.csv


@dataclass(frozen=True)
class Coded:
    """Codes of one size; fractions over the seeds are mean, lowest and highest."""

    bits: int
    queries: int
    speedup: Estimate  # seconds of the full search over those of codes, geometric mean
    gain: (
        Estimate  # precision by codes of the last hidden layer minus by codes of pixels
    )
    full: words.Line  # precision of the full search
    features: words.Line
    pixels: words.Line


def coded(runs: Runs) -> list[Coded]:
    """One entry for each size of code that every run has, the shortest first.

    Of runs that hold codes.csv; empty where a run lacks something to compare with.
    """
    held = exported.exported(runs, [CODES])
    tables = [
        exported.rows(run, CODES, CODES_COLUMNS).assign(seed=run.seed)
        for run in held.complete
    ]
    if not tables:
        return []
    found = pd.concat(tables, ignore_index=True)
    full = _ways(found, NONE, FEATURES)
    sizes = sorted(found.loc[found["code"] == AUTOENCODER, "bits"].unique())
    sides = [
        (bits, *(_ways(found, AUTOENCODER, each, bits) for each in (FEATURES, PIXELS)))
        for bits in sizes
    ]
    return [
        _compared(int(bits), full, features, pixels)
        for bits, features, pixels in sides
        if len(full) == len(features) == len(pixels) == len(tables)
    ]


def _ways(
    found: pd.DataFrame, code: str, source: str, bits: float | None = None
) -> pd.DataFrame:
    """The rows of one way to search, by seed."""
    chosen = (found["code"] == code) & (found["source"] == source)
    if bits is not None:
        chosen &= found["bits"] == bits
    return found[chosen].set_index("seed").sort_index()


def _compared(
    bits: int, full: pd.DataFrame, features: pd.DataFrame, pixels: pd.DataFrame
) -> Coded:
    queries = int(full["n"].iloc[0])
    sides = [each["precision_at_6"] for each in (full, features, pixels)]
    return Coded(
        bits,
        queries,
        _ratio(full["seconds"] / features["seconds"], queries),
        over_seeds(sides[1] - sides[2], images=queries),
        *map(mean_and_range, sides),
    )


def _ratio(each: pd.Series, queries: int) -> Estimate:
    """The geometric mean, its interval on the logarithm."""
    log = over_seeds(np.log(each), images=queries)
    value, low, high = (float(np.exp(part)) for part in (log.value, log.low, log.high))
    return Estimate(value, low, high, log.over, log.seeds, queries)
