"""What `repro export` says of a run's mistakes: errors.csv and predictions.npz."""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from analysis.evidence import data_sets, exported
from analysis.evidence.exported import unusable
from analysis.evidence.runs import ReportError, Run, Runs, read_table
from analysis.statistics.numbers import mean_and_range

FILES = ("errors.csv", "predictions.npz")
COLUMNS = ["split", "views", "top1_error", "top5_error", "n", "weights", "networks"]
VIEWS, TOPS = (1, 10), (1, 5)
PAPER_VIEWS = 10  # its prediction is the mean of ten views (section 4.1)
SPLIT = "test"  # predictions.npz holds no other


@dataclass(frozen=True, eq=False)
class Answers:
    """Which of N test images were classified wrongly: (views, top) -> (N,) booleans."""

    labels: np.ndarray  # (N,)
    classes: int
    wrong: dict[tuple[int, int], np.ndarray]


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
    """Whether both files are there; weights of unknown training data do not count."""
    files = run.manifest.get("export", {}).get("files", [])
    there = all(name in files and (run.folder / name).is_file() for name in FILES)
    return there and bool(run.manifest["data"])


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
    try:
        with open(path, "rb") as file, np.load(file) as arrays:
            labels = arrays["labels"]
            wrong = {
                (views, top): ~_right(arrays, labels, views)[:, :top].any(axis=1)
                for views in VIEWS
                for top in TOPS
            }
            # outputs without images have no name
            classes = np.count_nonzero(arrays["class_names"] != "")
            return Answers(labels, classes, wrong)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ReportError(f"{path}: not readable ({error})") from error


def _right(arrays, labels: np.ndarray, views: int) -> np.ndarray:
    """(N, k); a probability that is no number is no answer, as in errors.csv."""
    right = arrays[f"classes_{views}"] == labels[:, None]
    return right & ~np.isnan(arrays[f"probabilities_{views}"])


def read_errors(folder: Path) -> pd.DataFrame:
    """errors.csv, errors as fractions; raises ReportError where it lacks columns."""
    return read_table(folder / "errors.csv", COLUMNS)


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


def predictions(run: Run, views: int = PAPER_VIEWS) -> Predictions:
    """predictions.npz of a run; raises ReportError where it is not usable."""
    names = ("labels", f"classes_{views}", f"probabilities_{views}", "class_names")
    found = list(exported.arrays(run, "predictions.npz", names).values())
    labels, classes = (part.astype(int) for part in found[:2])
    names = tuple(str(name) for name in found[3])
    return Predictions(labels, classes, found[2].astype(float), names)


def errors(runs: Runs) -> pd.DataFrame:
    """One row for each number of views: test errors over the seeds, from errors.csv.

    `first` is the mean probability of the most probable label (predictions.npz).
    """
    names = ["split", "views", "top1_error", "top5_error", "n", "weights", "protocol"]
    tables = [exported.rows(run, "errors.csv", names) for run in runs.complete]
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
        means = [
            predictions(run, views).probabilities[:, 0].mean() for run in runs.complete
        ]
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
