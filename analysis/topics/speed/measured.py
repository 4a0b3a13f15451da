"""What the speed of R0's runs says of each claim, for the ledger."""

import pandas as pd

from analysis.claims import from_runs
from analysis.claims.measurement import Measured
from analysis.evidence.curves import RELEASED, setting
from analysis.evidence.runs import Run, Runs
from analysis.statistics import estimates
from analysis.statistics.numbers import counted
from analysis.topics.speed import throughput

EPOCHS = {"shortest": "fastest", "longest": "slowest"}  # the claim's names
ARMS = ("all", "none")  # of the augmentation


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements, one a machine; claims without such a run lack."""
    released = runs.where(lambda run: setting(run)[0] == RELEASED)
    speeds = throughput.speeds(released)
    known = {(run.name, run.seed): run for run in released.complete}
    answers = {"S1.4": _days(speeds, known), "S4.1a": _augmentation(speeds, known)}
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _days(speeds: pd.DataFrame, known: dict[tuple[str, int], Run]) -> list[Measured]:
    """The paper's passes and images at the speed of the fastest and slowest epoch."""
    trained = speeds[speeds["augmented"] != "none"]
    found = []
    for _, rows in trained.groupby(["run", "hardware", "precision"], sort=False):
        rates, first = rows["images_per_second"], rows.iloc[0]
        runs = _runs(rows, known)
        for quantity, rate in zip(EPOCHS, (rates.max(), rates.min()), strict=True):
            days = throughput.days(rate)
            stated = (
                f"{days:.3g}: {rate:,.0f} images/s, the {EPOCHS[quantity]} of "
                f"{counted(len(rows), 'epoch')}, on {first['hardware']}, "
                f"{first['precision']}"
            )
            protocol = (
                f"{throughput.EPOCHS.value:g} passes over {throughput.IMAGES.value:,.0f} "
                f"images, extrapolated; input {first['side']} × {first['side']}, "
                f"network of width {first['width']:g}"
            )
            found.append(
                Measured(
                    value=days,
                    unit="days",
                    quantity=quantity,
                    stated=stated,
                    seeds=(len(runs),),
                    images=int(first["images"]),
                    dataset=from_runs.trained_on(runs[0]),
                    split="training images",
                    protocol=protocol,
                    runs=from_runs.folders(runs),
                )
            )
    return found


def _augmentation(
    speeds: pd.DataFrame, known: dict[tuple[str, int], Run]
) -> list[Measured]:
    """Seconds an image with augmentation over those without, nothing else differing."""
    found = []
    for _, group in speeds.groupby("alike", sort=False):
        arms = [group[group["augmented"] == name] for name in ARMS]
        if any(arm.empty for arm in arms):
            continue
        seconds = [_seconds_an_image(arm) for arm in arms]
        ratio = estimates.ratio_of_means(*seconds)
        runs = [run for arm in arms for run in _runs(arm, known)]
        first = group.iloc[0]
        found.append(
            Measured(
                **from_runs.limits(ratio, factor=1),
                unit="times",
                stated=(
                    f"{ratio.value:.3f}, input {first['side']} × {first['side']}, on "
                    f"{first['hardware']}, {first['precision']}"
                ),
                seeds=tuple(map(len, seconds)),
                images=int(first["images"]),
                dataset=from_runs.trained_on(runs[0]),
                split="training images",
                protocol=(
                    "crop, mirror and colour noise on the device that trains; median "
                    "epoch of each run; Welch's t on logarithms"
                ),
                runs=from_runs.folders(runs),
            )
        )
    return found


def _seconds_an_image(arm: pd.DataFrame) -> list[float]:
    """Of the median epoch, one value a run."""
    speeds = arm.groupby(["run", "seed"], sort=False)["images_per_second"].median()
    return [1 / speed for speed in speeds]


def _runs(rows: pd.DataFrame, known: dict[tuple[str, int], Run]) -> list[Run]:
    return [known[key] for key in dict.fromkeys(zip(rows["run"], rows["seed"]))]
