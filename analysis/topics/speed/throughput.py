"""Images per second of the runs, and what the paper's training would take at that.

Times are of the training steps and their data, without the measurements after an epoch.
"""

import json
from typing import Any

import pandas as pd

from analysis.claims import from_runs
from analysis.claims.measurement import Measured
from analysis.claims.printed import Reported
from analysis.evidence.curves import RELEASED, augmented, setting
from analysis.evidence.runs import Run, Runs
from analysis.statistics.estimates import ratio_of_means
from analysis.statistics.numbers import counted

SECONDS_A_DAY = 86_400
EPOCHS = Reported(90, "section 5")
IMAGES = Reported(1.2e6, "section 5")
SPEEDS = {
    "shortest": "fastest",
    "longest": "slowest",
}  # of epochs, by the claim's names
ARMS = ("all", "none")  # of the augmentation


def days(images_per_second: float) -> float:
    """Days that the paper's 90 passes over 1.2 million images take at this speed."""
    return EPOCHS.value * IMAGES.value / images_per_second / SECONDS_A_DAY


def speeds(runs: Runs) -> pd.DataFrame:
    """One row an epoch of every complete run, with what its speed depends on.

    `images_per_second` and `wait` (the share of the seconds spent waiting for images)
    are as in metrics.csv. `side` is that of the square the network sees, in pixels, and
    `width` that of the network, where the paper's is 1.
    """
    rows = [row for run in runs.complete for row in _speeds(run)]
    columns = ["run", "seed", "epoch", "images_per_second", "seconds", "wait", "images"]
    columns += ["side", "width", "hardware", "precision", "augmented", "alike"]
    columns += ["gpus"]
    return pd.DataFrame(rows, columns=columns)


def _speeds(run: Run) -> list[dict[str, Any]]:
    recipe = run.record["recipe"]
    late = recipe["optimisation"]["late_epochs"]
    known = {
        "run": run.name,
        "seed": run.seed,
        "images": run.manifest["splits"]["train"],
        "side": seen_side(run),
        "width": recipe["network"]["width"],
        "hardware": hardware(run),
        "precision": run.manifest["precision"],
        "alike": _alike(run),
        "gpus": gpus(run),
    }
    timed = run.metrics.dropna(subset=["images_per_second"])
    return [
        {
            **known,
            "epoch": int(row["epoch"]),
            "images_per_second": row["images_per_second"],
            "seconds": row["seconds"],
            "wait": row["data_wait_fraction"],
            "augmented": augmented(recipe, late=late and row["epoch"] > late[0]),
        }
        for row in timed.to_dict("records")
    ]


def seen_side(run: Run) -> int:
    """Pixels of the side of the square that the network sees."""
    augmentation = run.record["recipe"]["augmentation"]
    whole = augmentation["crop"] == "whole"
    share = 1.0 if whole else augmentation["crop_share"]
    return round(run.record["profile"]["side"] * share)


def hardware(run: Run) -> str:
    """What the run's sessions computed on, in words."""
    sessions = run.manifest.get("sessions") or [run.manifest]
    return ", then ".join(dict.fromkeys(map(_computed_on, sessions)))


def _computed_on(session: dict[str, Any]) -> str:
    ranks, towers = session.get("ranks", 1), session.get("towers_on")
    apart = f", a tower each on {' and '.join(towers)}" if towers else ""
    processes = f"{ranks} × " if ranks > 1 else ""
    return f"{processes}{from_runs.hardware(session['hardware'])}{apart}"


def gpus(run: Run) -> int:
    """How many GPUs shared the batches in every session of the run; 0 if not so."""
    sessions = run.manifest.get("sessions") or [run.manifest]
    counts = {
        0 if session.get("towers_on") else session.get("ranks", 1)
        for session in sessions
    }
    on_gpus = all("gpu" in session["hardware"] for session in sessions)
    return counts.pop() if on_gpus and len(counts) == 1 else 0


def _alike(run: Run) -> str:
    """What two runs must share for their speeds to differ by augmentation alone."""
    recipe = run.record["recipe"]
    parts = [recipe["network"], recipe["normalisation"], seen_side(run)]
    parts += [recipe["optimisation"]["batch_size"], hardware(run)]
    parts += [run.manifest["precision"], run.manifest.get("deterministic")]
    return json.dumps(parts, sort_keys=True)


def shown(speeds: pd.DataFrame) -> pd.DataFrame:
    """The table over runs, hardware and precision, as a reader sees it."""
    rows = []
    keys = ["run", "hardware", "precision"]
    for (name, hardware, precision), epochs in speeds.groupby(keys, sort=False):
        rates, first = epochs["images_per_second"], epochs.iloc[0]
        rows.append(
            {
                "Run": name,
                "Seeds": f"{epochs['seed'].nunique()}",
                "Epochs": f"{len(epochs)}",
                "Images": f"{first['images']:,}",
                "Input": f"{first['side']} × {first['side']}",
                "Width": f"{first['width']:g}",
                "Images/s": _median(rates, ",.0f"),
                "Seconds/epoch": _median(epochs["seconds"], ".3g"),
                "Data wait": f"{_median(100 * epochs['wait'], '.2f')} %",
                "Hardware": hardware,
                "Precision": precision,
                "Extrapolated days": f"{days(rates.median()):.3g}",
            }
        )
    return pd.DataFrame(rows)


def _median(values: pd.Series, form: str) -> str:
    middle, low, high = (
        format(float(value), form)
        for value in (values.median(), values.min(), values.max())
    )
    return middle if low == high else f"{middle} ({low}–{high})"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Each claim that R0's runs measure, with one measurement a machine."""
    released = runs.where(lambda run: setting(run)[0] == RELEASED)
    epochs = speeds(released)
    answers = {
        "S1.4": _days(epochs, released),
        "S4.1a": _augmentation(epochs, released),
    }
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _days(epochs: pd.DataFrame, runs: Runs) -> list[Measured]:
    """The paper's passes and images at the speed of the fastest and slowest epoch."""
    trained = epochs[epochs["augmented"] != "none"]
    found = []
    for _, rows in trained.groupby(["run", "hardware", "precision"], sort=False):
        rates, first = rows["images_per_second"], rows.iloc[0]
        used = _runs(rows, runs)
        for quantity, rate in zip(SPEEDS, (rates.max(), rates.min()), strict=True):
            value = days(rate)
            stated = (
                f"{value:.3g}: {rate:,.0f} images/s, the {SPEEDS[quantity]} of "
                f"{counted(len(rows), 'epoch')}, on {first['hardware']}, "
                f"{first['precision']}"
            )
            protocol = (
                f"{EPOCHS.value:g} passes over {IMAGES.value:,.0f} "
                f"images, extrapolated; input {first['side']} × {first['side']}, "
                f"network of width {first['width']:g}"
            )
            found.append(
                Measured(
                    value=value,
                    unit="days",
                    quantity=quantity,
                    stated=stated,
                    seeds=(len(used),),
                    protocol=protocol,
                    **_of_training(used),
                )
            )
    return found


def _augmentation(epochs: pd.DataFrame, runs: Runs) -> list[Measured]:
    """Seconds an image with augmentation over seconds without, of runs else alike."""
    found = []
    for _, group in epochs.groupby("alike", sort=False):
        arms = [group[group["augmented"] == name] for name in ARMS]
        if any(arm.empty for arm in arms):
            continue
        seconds = [_seconds_an_image(arm) for arm in arms]
        ratio = ratio_of_means(*seconds)
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
                protocol=(
                    "crop, mirror and colour noise on the device that trains; median "
                    "epoch of each run; Welch's t on logarithms"
                ),
                **_of_training([run for arm in arms for run in _runs(arm, runs)]),
            )
        )
    return found


def _seconds_an_image(arm: pd.DataFrame) -> list[float]:
    """Of the median epoch, one value a run."""
    rates = arm.groupby(["run", "seed"], sort=False)["images_per_second"].median()
    return [1 / rate for rate in rates]


def _runs(rows: pd.DataFrame, runs: Runs) -> list[Run]:
    """The runs that the rows are of."""
    named = {*zip(rows["run"], rows["seed"])}
    return [run for run in runs.complete if (run.name, run.seed) in named]


def _of_training(runs: list[Run]) -> dict[str, Any]:
    """On which training images: fields of Measured."""
    return {
        "images": runs[0].manifest["splits"]["train"],
        "dataset": from_runs.trained_on(runs[0]),
        "split": "training images",
        "runs": from_runs.folders(runs),
    }
