"""A run's answers for test images: errors.csv and predictions.npz, and who has them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.evidence import data_sets, exported
from analysis.evidence.exported import unusable
from analysis.evidence.runs import Run, Runs
from analysis.statistics.numbers import mean_and_range

FILES = ("errors.csv", "predictions.npz")
COLUMNS = ("split", "views", "top1_error", "top5_error", "n", "weights", "protocol")
VIEWS, TOPS = (1, 10), (1, 5)
PAPER_VIEWS = 10  # its prediction is the mean of ten views (section 4.1)
SPLIT = "test"  # predictions.npz holds no other


@dataclass(frozen=True, eq=False)
class Answers:
    """The most probable classes of N test images; k is 5, or the number of classes."""

    labels: np.ndarray  # (N,)
    names: tuple[str, ...]  # of every class, empty for an output without images
    ranked: dict[int, np.ndarray]  # by views: (N, k) classes, the most probable first
    probabilities: dict[int, np.ndarray]  # by views: (N, k) fractions

    @property
    def classes(self) -> int:
        """How many classes have images."""
        return len(list(filter(None, self.names)))

    def right(self, views: int) -> np.ndarray:
        """(N, k): whether a predicted class is the true one.

        A probability that is no number is no answer, as in errors.csv.
        """
        hit = self.ranked[views] == self.labels[:, None]
        return hit & ~np.isnan(self.probabilities[views])

    @cached_property
    def wrong(self) -> dict[tuple[int, int], np.ndarray]:
        """(views, top) -> (N,): whether the true class is not among the first `top`."""
        return {
            (views, top): ~self.right(views)[:, :top].any(axis=1)
            for views in VIEWS
            for top in TOPS
        }


@dataclass(frozen=True, eq=False)
class Group:
    """Complete, exported runs of one name on the same data: they differ in the seed."""

    name: str
    runs: tuple[Run, ...]
    answers: tuple[Answers, ...]

    def wrong(self, views: int, top: int) -> np.ndarray:
        """(S, N) booleans, one row a seed."""
        return np.stack([each.wrong[views, top] for each in self.answers])

    @property
    def seeds(self) -> list[int]:
        return [run.seed for run in self.runs]

    @property
    def epochs(self) -> int:
        """How long the recipe trains."""
        return self.runs[0].record["recipe"]["optimisation"]["epochs"]

    def images(self, split: str) -> str:
        """The images of a split in words."""
        return images_of(self.runs[0], self.answers[0], split)


def images_of(run: Run, answers: Answers, split: str) -> str:
    """The images of a split in words: data set, split of its authors, classes.

    All of ILSVRC-2012's are named as the paper's are.
    """
    folder = run.manifest["data"]["dataset"]
    known = data_sets.find(folder)
    words = f"{known.name} {known.test if split == 'test' else 'training, held out'}"
    found = (answers.classes, len(answers.labels))
    whole = found == (known.classes, known.test_images)
    if split == "test" and folder == "imagenet" and whole:
        return words
    return f"{words}, {answers.classes} classes"


def is_exported(run: Run) -> bool:
    """Whether the run has both files; weights of unknown training data do not count."""
    recorded = run.manifest.get("export", {}).get("files", [])
    held = {*FILES} <= {*recorded} and exported.holds(run, FILES)
    return held and bool(run.manifest["data"])


def groups(runs: Runs) -> list[Group]:
    """The exported runs by name and data, seeds in order."""
    found: dict[tuple, list[Run]] = {}
    for run in filter(is_exported, runs.complete):
        found.setdefault((run.name, *data_hashes(run)), []).append(run)
    ordered = [sorted(group, key=lambda run: run.seed) for group in found.values()]
    return [
        Group(group[0].name, tuple(group), tuple(read_answers(r.folder) for r in group))
        for group in ordered
    ]


def data_hashes(run: Run) -> tuple[str, ...]:
    """SHA-256 of the images and labels that an exported run was trained and tested on."""
    train, test = run.manifest["data"]["sha256"], run.manifest["export"]["test_sha256"]
    return tuple(part[name] for part in (train, test) for name in ("images", "labels"))


def read_answers(folder: Path) -> Answers:
    """predictions.npz; raises ReportError where it does not hold what it should."""
    path = folder / "predictions.npz"
    both = [f"{name}_{n}" for name in ("classes", "probabilities") for n in VIEWS]
    found = exported.arrays(path, ("labels", "class_names", *both))
    answers = Answers(
        found["labels"].astype(int),
        tuple(map(str, found["class_names"])),
        {n: found[f"classes_{n}"].astype(int) for n in VIEWS},
        {n: found[f"probabilities_{n}"].astype(float) for n in VIEWS},
    )
    for n in VIEWS:
        ranked, probabilities = answers.ranked[n], answers.probabilities[n]
        if ranked.shape != probabilities.shape or len(ranked) != len(answers.labels):
            raise unusable(path, f"labels, classes_{n}, probabilities_{n} do not match")
    return answers


def read_errors(folder: Path) -> pd.DataFrame:
    """errors.csv, errors as fractions; raises ReportError where it lacks columns."""
    return exported.rows(folder / "errors.csv", COLUMNS)


def errors_over_seeds(runs: Runs) -> pd.DataFrame:
    """One row for each number of views: mean and range of the errors over the seeds.

    `first` is the mean probability of the most probable label, from predictions.npz.
    """
    tables = [read_errors(run.folder) for run in runs.complete]
    answers = [read_answers(run.folder) for run in runs.complete]
    rows = []
    for views in reversed(VIEWS):
        found = pd.concat(
            [
                each[(each["split"] == SPLIT) & (each["views"] == views)]
                for each in tables
            ]
        )
        if len(found) != len(tables):
            path = runs.complete[0].folder / "errors.csv"
            raise unusable(path, f"not one row with split {SPLIT} and {views} views")
        means = [each.probabilities[views][:, 0].mean() for each in answers]
        rows.append(
            {
                "views": views,
                "n": int(found["n"].iloc[0]),
                "top1_error": mean_and_range(found["top1_error"]),
                "top5_error": mean_and_range(found["top5_error"]),
                "right": mean_and_range(1 - found["top1_error"]),
                "first": mean_and_range(means),
                "weights": ", ".join(sorted(set(found["weights"]))),
                "protocol": found["protocol"].iloc[0],
            }
        )
    return pd.DataFrame(rows)
