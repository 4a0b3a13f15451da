"""Images per second of the runs, and what the paper's training would take at that.

Times are those of the training steps, their data included; the measurements after an
epoch are not counted.
"""

import json
from typing import Any

import pandas as pd

from analysis.claims import from_runs
from analysis.claims.printed import Reported
from analysis.evidence.curves import augmented
from analysis.evidence.runs import Run, Runs

SECONDS_A_DAY = 86_400
EPOCHS = Reported(90, "section 5")
IMAGES = Reported(1.2e6, "section 5")
DAYS = (Reported(5, "section 1"), Reported(6, "section 1"))
SIDE = Reported(224, "section 3.5")
PAPER_HARDWARE = "two GTX 580 3GB GPUs"


def days(images_per_second: float) -> float:
    """Days that the paper's 90 passes over 1.2 million images take at this speed."""
    return EPOCHS.value * IMAGES.value / images_per_second / SECONDS_A_DAY


def speeds(runs: Runs) -> pd.DataFrame:
    """One row an epoch of every complete run, with what its speed depends on.

    `images_per_second` and `wait` (the share of the seconds spent waiting for images)
    are as in metrics.csv; `side` is that of the square the network sees, in pixels;
    `width` that of the network, the paper's being 1.
    """
    rows = [row for run in runs.complete for row in _speeds(run)]
    columns = ["run", "seed", "epoch", "images_per_second", "seconds", "wait", "images"]
    columns += ["side", "width", "batch", "hardware", "precision", "augmented", "alike"]
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
        "batch": recipe["optimisation"]["batch_size"],
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
    """How many one run trained on throughout, batches shared out; 0 if not so."""
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


def augmentation_cost(speeds: pd.DataFrame) -> pd.DataFrame:
    """Images/s with and without augmentation, of runs that differ in nothing else.

    Medians over epochs; `ratio` is the time of an image with it over that without.
    """
    columns = ["side", "hardware", "precision", "with", "without", "ratio"]
    columns += ["epochs_with", "epochs_without"]
    rows = []
    for _, group in speeds.groupby("alike", sort=False):
        rates = {
            name: group.loc[group["augmented"] == name, "images_per_second"]
            for name in ("all", "none")
        }
        if not all(map(len, rates.values())):
            continue
        on, off = rates["all"].median(), rates["none"].median()
        counts = {
            "epochs_with": len(rates["all"]),
            "epochs_without": len(rates["none"]),
        }
        shared = group.iloc[0][["side", "hardware", "precision"]].to_dict()
        rows.append({**shared, "with": on, "without": off, "ratio": off / on, **counts})
    return pd.DataFrame(rows, columns=columns)


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
