"""What the network says of test images: the arithmetic behind Figure 4, left."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display import words
from analysis.evidence import exported
from analysis.evidence.exported import unusable
from analysis.evidence.runs import Run, Runs
from analysis.evidence.thumbnails import Thumbnails
from analysis.statistics import resampling

VIEWS = (10, 1)  # the paper's prediction is the mean of ten views (section 4.1)
SPLIT = "test"  # predictions.npz holds no other
FILES = ("predictions.npz", "errors.csv", "examples.npz")
FIRST_WRONG, ALL_WRONG = "the most probable wrong label", "all wrong labels"

# CIFAR-10's classes, the only ones whose kind is known without WordNet.
ANIMALS = frozenset({"bird", "cat", "deer", "dog", "frog", "horse"})
VEHICLES = frozenset({"airplane", "automobile", "ship", "truck"})


@dataclass(frozen=True)
class Predictions:
    """N test images in the order of their pack; k is 5, or the number of classes."""

    labels: np.ndarray  # (N,)
    classes: np.ndarray  # (N, k), the most probable first
    probabilities: np.ndarray  # (N, k), fractions
    names: tuple[str, ...]

    @property
    def right(self) -> np.ndarray:
        """(N, k): whether a predicted class is the true one."""
        return self.classes == self.labels[:, None]


def predictions(run: Run, views: int = VIEWS[0]) -> Predictions:
    """predictions.npz of a run; raises ReportError where it is not usable."""
    names = ("labels", f"classes_{views}", f"probabilities_{views}", "class_names")
    found = list(exported.arrays(run, "predictions.npz", names).values())
    labels, classes = (part.astype(int) for part in found[:2])
    names = tuple(str(name) for name in found[3])
    return Predictions(labels, classes, found[2].astype(float), names)


def shown(run: Run, images: Thumbnails) -> pd.DataFrame:
    """One row for each shown image and rank: label, probability, whether it is right."""
    found = predictions(run)
    rows = []
    for row in images.shown:
        true = found.names[found.labels[row]]
        if images.classes.get((SPLIT, row), true) != true:
            raise unusable(images.path, f"image {row}: not predictions.npz's class")
        for rank, label in enumerate(found.classes[row]):
            rows.append(
                {
                    "image": row,
                    "true_label": true,
                    "rank": rank + 1,
                    "label": found.names[label],
                    "probability": found.probabilities[row, rank],
                    "right": bool(found.right[row, rank]),
                }
            )
    return pd.DataFrame(rows)


def places(shown: pd.DataFrame) -> dict[int, int | None]:
    """Image -> rank of its true label, None where it is not among the labels."""
    right = shown[shown["right"]].set_index("image")["rank"]
    return {
        image: int(right[image]) if image in right.index else None
        for image in shown["image"].unique()
    }


def errors(runs: Runs) -> pd.DataFrame:
    """One row for each number of views: test errors over the seeds, from errors.csv.

    `first` is the mean probability of the most probable label (predictions.npz).
    """
    names = ["split", "views", "top1_error", "top5_error", "n", "weights", "protocol"]
    tables = [exported.rows(run, "errors.csv", names) for run in runs.complete]
    rows = []
    for views in VIEWS:
        found = pd.concat(
            [
                each[(each["split"] == SPLIT) & (each["views"] == views)]
                for each in tables
            ]
        )
        if len(found) != len(tables):
            path = runs.complete[0].folder / "errors.csv"
            raise unusable(path, f"not one row with split {SPLIT} and {views} views")
        means = [
            predictions(run, views).probabilities[:, 0].mean() for run in runs.complete
        ]
        rows.append(
            {
                "views": views,
                "n": int(found["n"].iloc[0]),
                "top1_error": words.over_seeds(found["top1_error"]),
                "top5_error": words.over_seeds(found["top5_error"]),
                "right": words.over_seeds(1 - found["top1_error"]),
                "first": words.over_seeds(means),
                "weights": ", ".join(sorted(set(found["weights"]))),
                "protocol": found["protocol"].iloc[0],
            }
        )
    return pd.DataFrame(rows)


def second_chance(run: Run) -> tuple[float, int]:
    """Where the first label is wrong: share with the true one among the rest; how many.

    The share is not a number where no first label is wrong.
    """
    right = predictions(run).right
    wrong = right[~right[:, 0]]
    return (float(wrong.any(1).mean()) if len(wrong) else math.nan), len(wrong)


def kinds(names: tuple[str, ...]) -> np.ndarray | None:
    """(classes,): whether a class is an animal; None where some class is neither."""
    if not names or not {*names} <= ANIMALS | VEHICLES:
        return None
    return np.array([name in ANIMALS for name in names])


def agreement(runs: Runs) -> pd.DataFrame:
    """Whether wrong labels are of the true label's kind, animal or vehicle (CIFAR-10).

    One row for the most probable wrong label and one for all wrong labels among the
    five: the share of the same kind, `chance`, and their `difference` over images.
    Chance draws each wrong label from all wrong ones given, but the image's true one.
    Empty where the classes have no kinds.
    """
    found = [predictions(run) for run in runs.complete]
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
                "same": words.over_seeds(part.mean() for part, _ in each),
                "chance": words.over_seeds(part.mean() for _, part in each),
                "difference": resampling.bootstrap(same - chance),
            }
        )
    return pd.DataFrame(rows)


def _same_kind(
    found: Predictions, animal: np.ndarray, most: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """For each image (N,): share of its wrong labels of its kind, and that by chance."""
    counted = ~found.right
    if most is not None:
        counted &= counted.cumsum(1) <= most
    kind = animal[found.classes] == animal[found.labels][:, None]
    same = (kind & counted).sum(1) / counted.sum(1)
    given = np.bincount(found.classes[counted], minlength=len(animal)).astype(float)
    others = np.tile(given, (len(animal), 1))
    np.fill_diagonal(others, 0)
    alike = others * (animal == animal[:, None])
    return same, (alike.sum(1) / np.maximum(others.sum(1), 1))[found.labels]
