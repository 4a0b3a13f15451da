"""Estimates from exported runs as measurements for the ledger, with their data."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from analysis.claims.evidence import TRAINING_IMAGES, folders
from analysis.claims.measurement import DATASETS, Measured
from analysis.claims.reported_errors import VAL_2012
from analysis.evidence.answers import CLASSES_2012, DATA_SETS, Answers
from analysis.evidence.runs import Run
from analysis.statistics.estimates import Estimate, signed

# Classes and images of the splits that are tested on, where none is left out.
WHOLE = {
    "imagenet": (CLASSES_2012, VAL_2012.n),
    "imagenette": (10, 3_925),
    "tiny-imagenet": (200, 10_000),
    "cifar10": (10, 10_000),
}
# The paper's value is at stake with and without: 1 % of ILSVRC is held out.
UNCHANGED = "hold_out="
UNITS = {"points": 100, "%": 100, "nats": 1}  # of one fraction, or of one nat


def dataset(run: Run, answers: Answers, condition: Iterable[str]) -> str:
    """Its name where all of it was used, by recipes with no field changed.

    Otherwise with what is left out or changed: then the paper's value is not at stake.
    """
    folder = run.manifest["data"]["dataset"]
    found = len(np.unique(answers.labels)), len(answers.labels)
    classes, images = WHOLE.get(folder, found)
    parts = []
    if found[0] != classes:
        parts.append(f"{found[0]} of {classes:,} classes")
    elif found[1] != images:
        parts.append(f"{found[1]:,} of {images:,} test images")
    splits = run.manifest["splits"]
    if sum(splits.values()) < TRAINING_IMAGES.get(folder, 0):
        parts.append(f"{splits['train']:,} training images")
    parts += [change for change in condition if not change.startswith(UNCHANGED)]
    return DATASETS.get(folder, folder) + f" ({', '.join(parts)})" * bool(parts)


def of_test_images(
    run: Run, answers: Answers, condition: Iterable[str], protocol: str = "ten views"
) -> dict[str, Any]:
    """The fields of a measurement that say on which test images it was made."""
    _, split = DATA_SETS.get(run.manifest["data"]["dataset"], ("", "test"))
    return {
        "dataset": dataset(run, answers, condition),
        "split": f"{split} images",
        "images": len(answers.labels),
        "protocol": protocol,
    }


def of_metrics(
    run: Run, answers: Answers, condition: Iterable[str], split: str
) -> dict[str, Any]:
    """The same of errors and losses in metrics.csv, of the images that `split` says."""
    return {
        "dataset": dataset(run, answers, condition),
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
