"""Two networks without dropout averaged, beside one with it trained for as long: S4.2f.

Every pair of seeds is averaged, from predictions.npz, which has five probabilities a
network: what a network gives to its other classes is spread evenly over them. A network
is in several pairs. Intervals are of a jackknife over seeds, which leaves out all that
one seed is in, on both sides.
"""

import math
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from analysis.claims.from_runs import measurements, of_test_images
from analysis.claims.measurement import Measured
from analysis.evidence.answers import Group, data_hashes, groups
from analysis.evidence.arms import Arm
from analysis.evidence.runs import ReportError, Run, Runs
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.numbers import counted

VIEWS = 10
WITHOUT, LONGER = Arm("R-nodrop"), Arm("R-long")
AVERAGED = 2  # networks
EQUAL = "equal epochs"  # the claim's name

Answers = tuple[np.ndarray, np.ndarray, np.ndarray]


def averages(runs: Runs) -> list[Measured]:
    """Averages of two networks minus one trained for as long, under every condition."""
    known = groups(runs)
    found = []
    for group in known:
        condition = WITHOUT.condition(group.name)
        if condition is None:
            continue
        for other in known:
            if other.name == LONGER.name(condition) and _same_data(group, other):
                found += _averages(group, other, condition)
    return found


def _same_data(group: Group, other: Group) -> bool:
    return data_hashes(group.runs[0]) == data_hashes(other.runs[0])


def _averages(
    without: Group, single: Group, condition: Sequence[str]
) -> list[Measured]:
    seeds = sorted({*without.seeds} & {*single.seeds})
    epochs = AVERAGED * without.epochs
    if len(seeds) < AVERAGED or single.epochs != epochs:
        return []
    sides = [
        {run.seed: run for run in group.runs if run.seed in seeds}
        for group in (without, single)
    ]
    estimate = _jackknifed(*sides)
    pairs = counted(math.comb(len(seeds), AVERAGED), "pair")
    trained = f"{epochs} epochs in all against {single.epochs}"
    protocol = "ten views; jackknife over seeds, which both arms and the pairs share"
    answers = without.answers[0]
    return measurements(
        estimate,
        [list(side.values()) for side in sides],
        f"{without.name}, {AVERAGED} networks averaged ({pairs}), minus one "
        f"{single.name}; {trained}",
        quantity=EQUAL,
        **of_test_images(single.runs[0], answers, condition, protocol),
    )


def _jackknifed(without: dict[int, Run], single: dict[int, Run]) -> Estimate:
    """Mean error of all pairs' averages minus that of the single networks, top-1."""
    pairs = {
        pair: wrong(*(without[seed].folder for seed in pair))
        for pair in combinations(sorted(without), AVERAGED)
    }
    averaged = {pair: float(mistakes.mean()) for pair, mistakes in pairs.items()}
    alone = {seed: _error(run) for seed, run in single.items()}

    def difference(left_out: int | None = None) -> float:
        kept = [error for pair, error in averaged.items() if left_out not in pair]
        others = [error for seed, error in alone.items() if seed != left_out]
        return float(np.mean(kept) - np.mean(others))

    count = len(next(iter(pairs.values())))
    if len(without) <= AVERAGED:  # without a seed there is no pair
        value, nan = difference(), math.nan
        return Estimate(value, nan, nan, "nothing", len(without), count)
    return jackknife(difference(), [difference(seed) for seed in without], images=count)


def _error(run: Run) -> float:
    return float(wrong(run.folder, run.folder).mean())


def jackknife(value: float, without: Sequence[float], *, images: int) -> Estimate:
    """`value` with Student's t interval of its pseudo-values (Tukey, 1958).

    `without` has the value without each seed in turn. For a mean it is the usual
    interval.
    """
    count = len(without)
    pseudo = [count * value - (count - 1) * each for each in without]
    return over_seeds(pseudo, images=images)


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
