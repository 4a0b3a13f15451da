"""How good the last hidden layer is for something simple: softmax, binary codes.

Codes are compared with the full search within runs, which have both from one machine.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.evidence import features
from analysis.evidence.features import FEATURES, HOG, PIXELS, UNTRAINED
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.images import share, unpaired
from analysis.statistics.numbers import Line, mean_and_range

NONE, AUTOENCODER = "none", "autoencoder"  # `code` in codes.csv


def probe(runs: Runs) -> pd.DataFrame:
    """One row for each kind of vectors: the top-1 test error of a softmax on them.

    `error` has Wilson's interval around the seeds' mean; `seeds` is their mean and
    range. The table is empty where no run has probe.csv.
    """
    rows = []
    for vectors, found in features.probes(runs).groupby("vectors", sort=False):
        seeds, first = mean_and_range(found["top1_error"]), found.iloc[0]
        rows.append(
            {
                "vectors": vectors,
                "error": share(seeds[0], int(first["n"])),
                "seeds": seeds,
                "count": len(found),
                "train_images": int(first["train_images"]),
                "dimensions": int(first["dimensions"]),
                "l2": ", ".join(f"{value:g}" for value in sorted(set(found["l2"]))),
                "protocol": first["protocol"],
            }
        )
    return pd.DataFrame(rows)


def gains(table: pd.DataFrame) -> dict[str, Estimate]:
    """How much lower the error on features is than on each of the other vectors.

    Each softmax is fitted to equally many images.
    """
    errors = {row.vectors: row.error for row in table.itertuples()}
    if FEATURES not in errors:
        return {}
    others = [name for name in (PIXELS, UNTRAINED, HOG) if name in errors]
    return {name: unpaired(errors[name], errors[FEATURES]) for name in others}


def codes(runs: Runs) -> pd.DataFrame:
    """One row for each way to search in codes.csv: precision and seconds over the seeds.

    The table is empty where no run has the file.
    """
    ways = features.codes(runs).groupby(
        ["code", "bits", "source"], sort=False, dropna=False
    )
    return pd.DataFrame(
        {
            "code": code,
            "bits": None if pd.isna(bits) else int(bits),
            "source": source,
            "precision": mean_and_range(found["precision_at_6"]),
            "seconds": mean_and_range(found["seconds"]),
            "n": int(found["n"].iloc[0]),
            "count": len(found),
        }
        for (code, bits, source), found in ways
    )


@dataclass(frozen=True)
class Coded:
    """Codes of one size against the full search, with Student's t over seeds."""

    bits: int
    queries: int
    speedup: Estimate  # seconds of the full search over those of codes, geometric mean
    gain: Estimate  # precision by codes of the features minus by codes of pixels
    full: Line  # precision of the full search
    features: Line
    pixels: Line


def coded(runs: Runs) -> list[Coded]:
    """One entry for each size of code that every run has, the shortest first.

    Runs without codes.csv do not count. The list is empty where a run has no full search
    or no codes of pixels to compare with.
    """
    found = features.codes(runs)
    full = _way(found, NONE, FEATURES)
    coded = found[found["code"] == AUTOENCODER]
    sides = [
        (bits, *(_way(of_size, AUTOENCODER, each) for each in (FEATURES, PIXELS)))
        for bits, of_size in coded.groupby("bits")
    ]
    return [
        _compared(int(bits), full, features, pixels)
        for bits, features, pixels in sides
        if len(full) == len(features) == len(pixels) == found["seed"].nunique()
    ]


def _way(found: pd.DataFrame, code: str, source: str) -> pd.DataFrame:
    """The rows of one way to search, by seed."""
    chosen = (found["code"] == code) & (found["source"] == source)
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
    """The geometric mean of ratios; its interval is computed on their logarithms."""
    log = over_seeds(np.log(each), images=queries)
    value, low, high = (float(np.exp(part)) for part in (log.value, log.low, log.high))
    return Estimate(value, low, high, log.over, log.seeds, queries)
