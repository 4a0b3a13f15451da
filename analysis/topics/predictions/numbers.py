"""What the network says of test images: the arithmetic behind Figure 4, left."""

import math

import numpy as np
import pandas as pd

from analysis.evidence.answers import PAPER_VIEWS, SPLIT, Answers, read_answers
from analysis.evidence.disturbed import NONE, SHIFT, images, top1_errors
from analysis.evidence.exported import unusable
from analysis.evidence.runs import Run, Runs
from analysis.evidence.thumbnails import Thumbnails
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.images import bootstrap
from analysis.statistics.numbers import mean_and_range

FILES = ("predictions.npz", "errors.csv", "examples.npz")
FIRST_WRONG, ALL_WRONG = "the most probable wrong label", "all wrong labels"

# CIFAR-10's classes, the only ones whose kind is known without WordNet.
ANIMALS = frozenset({"bird", "cat", "deer", "dog", "frog", "horse"})
VEHICLES = frozenset({"airplane", "automobile", "ship", "truck"})


def shown(run: Run, images: Thumbnails) -> pd.DataFrame:
    """One row for each shown image and rank: label, probability, whether it is right."""
    found = read_answers(run.folder)
    ranked, probabilities = found.ranked[PAPER_VIEWS], found.probabilities[PAPER_VIEWS]
    right = found.right(PAPER_VIEWS)
    rows = []
    for row in images.shown:
        true = found.names[found.labels[row]]
        if images.classes.get((SPLIT, row), true) != true:
            raise unusable(images.path, f"image {row}: not predictions.npz's class")
        for rank, label in enumerate(ranked[row]):
            rows.append(
                {
                    "image": row,
                    "true_label": true,
                    "rank": rank + 1,
                    "label": found.names[label],
                    "probability": probabilities[row, rank],
                    "right": bool(right[row, rank]),
                }
            )
    return pd.DataFrame(rows)


def kinds(names: tuple[str, ...]) -> np.ndarray | None:
    """(classes,): whether a class is an animal; None where some class is neither."""
    if not names or not {*names} <= ANIMALS | VEHICLES:
        return None
    return np.array([name in ANIMALS for name in names])


def agreement(runs: Runs) -> pd.DataFrame:
    """How many wrong labels are of the true label's kind, animal or vehicle (CIFAR-10).

    One row for the most probable wrong label and one for all wrong labels among the
    five: the share of the same kind, `chance`, and their `difference` over images.
    Chance draws each wrong label from all wrong ones that the network gave, except the
    image's true one. The table is empty where the classes have no kinds.
    """
    found = [read_answers(run.folder) for run in runs.complete]
    animal = kinds(found[0].names) if found else None
    if animal is None:
        return pd.DataFrame()
    rows = []
    for which, most in ((FIRST_WRONG, 1), (ALL_WRONG, None)):
        each = [_same_kind(one, animal, most) for one in found]
        same, chance = (np.mean(part, axis=0) for part in zip(*each, strict=True))
        rows.append(
            {
                "labels": which,
                "same": mean_and_range(part.mean() for part, _ in each),
                "chance": mean_and_range(part.mean() for _, part in each),
                "difference": bootstrap(same - chance),
            }
        )
    return pd.DataFrame(rows)


def _same_kind(
    found: Answers, animal: np.ndarray, most: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """For each image (N,): share of its wrong labels of its kind, and that by chance.

    The first `most` wrong labels count, or all.
    """
    ranked, counted = found.ranked[PAPER_VIEWS], ~found.right(PAPER_VIEWS)
    if most is not None:
        counted &= counted.cumsum(1) <= most
    kind = animal[ranked] == animal[found.labels][:, None]
    same = (kind & counted).sum(1) / counted.sum(1)
    given = np.bincount(ranked[counted], minlength=len(animal)).astype(float)
    others = np.tile(given, (len(animal), 1))
    np.fill_diagonal(others, 0)
    alike = others * (animal == animal[:, None])
    return same, (alike.sum(1) / np.maximum(others.sum(1), 1))[found.labels]


def chance(run: Run) -> float:
    """The top-1 error of guessing."""
    return 1 - 1 / read_answers(run.folder).classes


def lead_kept(runs: Runs, share: float) -> Estimate:
    """How much of the lead over chance images keep that are shifted by a `share`.

    A network keeps all of it where the shift adds no error, and none where the error is
    that of guessing. The estimate is not a number where a seed has no lead to keep.
    """
    found = []
    for run in runs.complete:
        errors, guessed = top1_errors(run), chance(run)
        lead = guessed - errors[NONE, 0.0]
        moved = guessed - errors[SHIFT, share]
        found.append(moved / lead if lead > 0 else math.nan)
    return over_seeds(found, images=images(runs.complete[0]))
