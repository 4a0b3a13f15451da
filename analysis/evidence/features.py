"""What a run's last hidden layer is good for: probe.csv, codes.csv and neighbors.npz."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.evidence import exported
from analysis.evidence.answers import read_answers
from analysis.evidence.exported import unusable
from analysis.evidence.runs import Runs

PROBE, CODES, NEIGHBORS = "probe.csv", "codes.csv", "neighbors.npz"
FEATURES, PIXELS, UNTRAINED = "features", "pixels", "untrained features"
HOG, MORE_HOG = "HOG", "HOG, more images"
SPACES = {FEATURES: "last hidden layer", PIXELS: "pixels"}  # searched for neighbours
PROBE_COLUMNS = ("vectors", "top1_error", "n", "train_images", "dimensions", "l2")
CODES_COLUMNS = ("code", "bits", "source", "precision_at_6", "seconds", "n")


def probes(runs: Runs) -> pd.DataFrame:
    """probe.csv of the runs that have it: the top-1 errors of a softmax on vectors.

    One row for each seed and kind of `vectors`, with the test images `n`.
    """
    return _of_seeds(runs, PROBE, (*PROBE_COLUMNS, "protocol"))


def codes(runs: Runs) -> pd.DataFrame:
    """codes.csv of the runs that have it: one row for each seed and way to search.

    `code` is "none" for the vectors themselves, else what made the code; `bits` is empty
    for "none"; `source` is FEATURES or PIXELS; `precision_at_6` is the fraction of the
    six nearest training images that are of the query's class; `seconds` is the search
    time of all `n` queries together.
    """
    return _of_seeds(runs, CODES, CODES_COLUMNS)


def _of_seeds(runs: Runs, file: str, columns: tuple[str, ...]) -> pd.DataFrame:
    tables = [
        exported.rows(run.folder / file, columns).assign(seed=run.seed)
        for run in exported.exported(runs, [file]).complete
    ]
    if not tables:
        return pd.DataFrame(columns=[*columns, "seed"])
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True, eq=False)
class Neighbors:
    """neighbors.npz of S seeds: the k training images nearest to Q test images."""

    queries: np.ndarray  # (Q,), rows of the test split
    labels: np.ndarray  # (Q,), their classes
    names: tuple[str, ...]  # of every class, empty for an output without images
    known: int  # classes with images
    database: int  # training images searched
    rank: np.ndarray  # (S, Q, k), in pixels, from 1, of the neighbours in features
    rows: dict[str, np.ndarray]  # by space: (S, Q, k), of the training split
    classes: dict[str, np.ndarray]  # by space: (S, Q, k)
    distance: dict[str, np.ndarray]  # by space: (S, Q, k), Euclidean, ascending

    @property
    def chance(self) -> float:
        """Agreement of a random training image where classes have equally many."""
        return 1 / self.known

    def same(self, space: str) -> np.ndarray:
        """(S, Q, k): whether a neighbour is of the query's class."""
        return self.classes[space] == self.labels[:, None]


def neighbors(runs: Runs) -> Neighbors:
    """What the seeds retrieved; raises ReportError where their queries differ."""
    parts = ("index", "label", "distance")
    asked = ("query_index", "query_label", "database_size")
    names = [*asked, "features_pixel_rank"]
    names += [f"{space}_{part}" for space in SPACES for part in parts]
    seeds = [exported.arrays(run.folder / NEIGHBORS, names) for run in runs.complete]
    first = seeds[0]
    for run, found in zip(runs.complete, seeds, strict=True):
        for name in asked:
            if not np.array_equal(found[name], first[name]):
                path = run.folder / NEIGHBORS
                raise unusable(path, f"{name} differs from another seed's")
    by_part = [
        {
            space: np.stack([found[f"{space}_{part}"] for found in seeds])
            for space in SPACES
        }
        for part in parts
    ]
    answers = read_answers(runs.complete[0].folder)
    return Neighbors(
        first["query_index"],
        first["query_label"],
        answers.names,
        answers.classes,
        int(first["database_size"]),
        np.stack([found["features_pixel_rank"] for found in seeds]),
        *by_part,
    )
