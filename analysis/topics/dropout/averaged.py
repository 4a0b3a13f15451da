"""Two networks' probabilities averaged from predictions.npz, which has five a network.

What a network gives to its other classes is spread evenly over them.
"""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from analysis.evidence.runs import ReportError

VIEWS = 10


def wrong(first: Path, second: Path) -> np.ndarray:
    """(N,) booleans: where the mean of two runs' ten-view probabilities is wrong.

    Only their most probable classes can win. Raises ReportError where a file does not
    hold what it should, or both are not of the same images.
    """
    (one, labels), (other, others) = map(_read, (first, second))
    if not np.array_equal(labels, others):
        raise ReportError(f"{second}: not the test images of {first}")
    classes = np.concatenate([one[0], other[0]], axis=1)  # (N, 10)
    sums = np.concatenate([_sums(one, other), _sums(other, one)], axis=1)
    best = np.take_along_axis(classes, sums.argmax(axis=1)[:, None], axis=1)[:, 0]
    return best != labels


Answers = tuple[np.ndarray, np.ndarray, np.ndarray]


def _sums(one: Answers, other: Answers) -> np.ndarray:
    """(N, 5): for the classes of `one`, its own probability plus the other's."""
    classes, shares, _ = one
    same = classes[:, :, None] == other[0][:, None, :]
    known = (same * other[1][:, None, :]).sum(axis=2)
    return shares + np.where(same.any(axis=2), known, other[2][:, None])


def _read(folder: Path) -> tuple[Answers, np.ndarray]:
    """Classes and probabilities (N, 5), what each other class has (N,); labels (N,)."""
    path = folder / "predictions.npz"
    try:
        with open(path, "rb") as file, np.load(file) as arrays:
            shares = np.nan_to_num(arrays[f"probabilities_{VIEWS}"].astype(float))
            classes = arrays[f"classes_{VIEWS}"]
            outputs, listed = len(arrays["class_names"]), classes.shape[1]
            left = np.clip(1 - shares.sum(axis=1), 0, None) / max(1, outputs - listed)
            return (classes, shares, left), arrays["labels"]
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ReportError(f"{path}: not readable ({error})") from error
