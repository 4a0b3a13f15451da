"""What a measurement says of the runs behind it: data set, folders, hardware."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from analysis.claims.measurement import DATASETS, Measured
from analysis.evidence.runs import Run

# Training images of the whole set, those that are held out for validation included.
TRAINING_IMAGES = {
    "cifar10": 50_000,
    "tiny-imagenet": 100_000,
    "imagenette": 9_469,
    "imagenet": 1_281_167,
}


class Estimated(Protocol):
    """A value and the limits of its interval, not numbers where there is none."""

    value: float
    low: float
    high: float


def limits(found: Estimated, factor: float = 100) -> dict[str, float]:
    """Value and interval, of fractions in per cent or points: fields of Measured."""
    return {
        "value": factor * found.value,
        "low": factor * found.low,
        "high": factor * found.high,
    }


def dataset(run: Run) -> str:
    """The data set that a run was trained on; of a part of it, how many images."""
    name, splits = run.manifest["data"]["dataset"], run.manifest["splits"]
    known = DATASETS.get(name, name)
    if splits["train"] + splits.get("val", 0) >= TRAINING_IMAGES.get(name, 0):
        return known
    return f"{known} ({splits['train']:,} training images)"


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
