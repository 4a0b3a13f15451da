"""Measurements with the runs behind them: data set, split, protocol, folders."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from analysis.claims.measurement import Measured
from analysis.evidence import data_sets
from analysis.evidence.answers import Answers
from analysis.evidence.arms import Arms
from analysis.evidence.curves import RELEASED, setting
from analysis.evidence.runs import Run
from analysis.statistics.estimates import Estimate
from analysis.statistics.numbers import signed

# The paper's value is at stake with and without: 1 % of ILSVRC is held out.
UNCHANGED = "hold_out="
UNITS = {"points": 100, "%": 100, "nats": 1}  # of one fraction, or of one nat


def limits(found: Estimate, factor: float = 100) -> dict[str, float]:
    """Value and interval, of fractions in per cent or points: fields of Measured."""
    return {
        "value": factor * found.value,
        "low": factor * found.low,
        "high": factor * found.high,
    }


def trained_on(run: Run) -> str:
    """The data set that a run was trained on; of a part of it, how many images."""
    name, splits = run.manifest["data"]["dataset"], run.manifest["splits"]
    known = data_sets.find(name)
    if splits["train"] + splits.get("val", 0) >= known.training_images:
        return known.name
    return f"{known.name} ({splits['train']:,} training images)"


def folders(runs: Iterable[Run]) -> tuple[str, ...]:
    """Their folders below reports/<profile>/runs."""
    return tuple(f"{run.name}/seed-{run.seed}" for run in runs)


def counted(run: Run, counts: Mapping[str, int]) -> tuple[Measured, ...]:
    """What a figure of a run holds of each thing: the same on any data."""
    return tuple(
        Measured(
            value=count,
            unit="",
            quantity=name,
            stated=f"{count} {name}",
            exact=True,
            runs=folders([run]),
        )
        for name, count in counts.items()
    )


def hardware(recorded: dict[str, Any]) -> str:
    """What a session computed on, in words."""
    if "gpu" in recorded:
        return recorded["gpu"]
    threads = recorded["threads"]
    return f"{recorded['processor']}, {threads} thread{'s' * (threads != 1)}"


def tested_on(run: Run, answers: Answers, condition: Iterable[str]) -> str:
    """Its name where all of it was used, by recipes with no field changed.

    Otherwise with what is left out or changed: then the paper's value is not at stake.
    """
    folder = run.manifest["data"]["dataset"]
    found = len(np.unique(answers.labels)), len(answers.labels)
    whole = data_sets.find(folder)
    parts = []
    if whole.classes and found[0] != whole.classes:
        parts.append(f"{found[0]} of {whole.classes:,} classes")
    elif whole.test_images and found[1] != whole.test_images:
        parts.append(f"{found[1]:,} of {whole.test_images:,} test images")
    splits = run.manifest["splits"]
    if sum(splits.values()) < whole.training_images:
        parts.append(f"{splits['train']:,} training images")
    parts += [change for change in condition if not change.startswith(UNCHANGED)]
    return whole.name + f" ({', '.join(parts)})" * bool(parts)


def of_test_images(
    run: Run, answers: Answers, condition: Iterable[str], protocol: str = "ten views"
) -> dict[str, Any]:
    """The fields of a measurement that say on which test images it was made."""
    split = data_sets.find(run.manifest["data"]["dataset"]).test
    return {
        "dataset": tested_on(run, answers, condition),
        "split": f"{split} images",
        "images": len(answers.labels),
        "protocol": protocol,
    }


def of_training_images(runs: Sequence[Run], protocol: str) -> dict[str, Any]:
    """The same of what is measured on the images that the runs learned."""
    counts = {run.manifest["splits"]["train"] for run in runs}
    return {
        "dataset": trained_on(runs[0]),
        "split": "training images",
        "images": counts.pop() if len(counts) == 1 else None,
        "protocol": protocol,
    }


def of_metrics(
    run: Run, answers: Answers, condition: Iterable[str], split: str
) -> dict[str, Any]:
    """The same of errors and losses in metrics.csv, of the images that `split` says."""
    return {
        "dataset": tested_on(run, answers, condition),
        "split": split,
        "protocol": run.manifest["protocol"],
    }


def measurements(
    estimate: Estimate | None,
    arms: Sequence[Iterable[Run]],
    words: str,
    *,
    quantity: str = "",
    unit: str = "points",
    **data: Any,
) -> list[Measured]:
    """The estimate, of fractions or nats, in `unit`; none where it is not a number.

    `arms` are the runs of each thing compared, `words` what was, and `data` what
    `of_test_images` or `of_metrics` gave.
    """
    if estimate is None or math.isnan(estimate.value):
        return []
    value, low, high = (
        UNITS[unit] * part for part in (estimate.value, estimate.low, estimate.high)
    )
    shown = f"{value:.2f}" if unit == "%" else signed(value)
    over = ", interval over images" * (estimate.over == "images")
    runs = [run for arm in arms for run in arm]
    return [
        Measured(
            value=value,
            low=low,
            high=high,
            unit=unit,
            quantity=quantity,
            stated=f"{shown} {unit}: {words}{over}",
            seeds=tuple(len(list(arm)) for arm in arms),
            runs=tuple(dict.fromkeys(folders(runs))),
            **data,
        )
    ]


def described(pair: Arms) -> dict[str, Any]:
    """Seeds, runs and the data set, as R0 had it: fields of Measured."""
    released = next(run for run in pair.runs if setting(run)[0] == RELEASED)
    return {
        "seeds": (len(pair.first.complete), len(pair.second.complete)),
        "dataset": trained_on(released),
        "runs": folders(pair.runs),
    }


def every(
    measure: Callable[[Arms], Measured | None], pairs: list[Arms]
) -> list[Measured]:
    """What is measured of each pair, where anything is."""
    return [found for pair in pairs if (found := measure(pair))]
