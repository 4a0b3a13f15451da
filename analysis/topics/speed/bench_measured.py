"""What `repro bench step` says of the claims, for the ledger: a GPU, and 3 GB.

Its network is R0 on 224 pixels with made-up images, whatever the profile.
"""

import math
from pathlib import Path

import pandas as pd

from analysis.claims.measurement import Measured
from analysis.evidence.data_sets import MADE_UP
from analysis.evidence.runs import Runs
from analysis.topics.speed import benchmarks

SIDE, BATCH, PRECISION = "224", "128", "float32"
STEP, MEMORY = "training step", "peak memory of training steps"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """A7's GPU and X10's memory, from reports/bench beside the runs' profile.

    Without runs, tables or such rows a claim lacks.
    """
    if not runs.complete:
        return {}
    folder = runs.complete[0].folder.parents[3] / "bench"
    tables = {
        device: _rows(folder / f"step-{device}.csv") for device in ("cpu", "cuda")
    }
    answers = {
        "A7": _faster(tables["cuda"], tables["cpu"]),
        "X10": _memory(tables["cuda"]),
    }
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _rows(path: Path) -> pd.DataFrame:
    """Those of our network in single precision on 224 pixels; none without the file."""
    if not path.is_file():
        return pd.DataFrame(columns=benchmarks.COLUMNS + benchmarks.LATER)
    rows = benchmarks.read(path)
    ours = (rows["side"] == SIDE) & (rows["dtype"] == PRECISION) & (rows["ours"] != "")
    return rows[ours]


def _faster(cuda: pd.DataFrame, cpu: pd.DataFrame) -> list[Measured]:
    """Images a second on the GPU, at its fastest batch, over those on the CPU.

    Of one machine each: no interval.
    """
    sides = [rows[rows["case"] == STEP] for rows in (cuda, cpu)]
    if any(side.empty for side in sides):
        return []
    gpu, own = (side.loc[side["ours"].astype(float).idxmax()] for side in sides)
    value = float(gpu["ours"]) / float(own["ours"])
    where = " over ".join(
        f"{float(row['ours']):,.0f} images/s on {row['hardware']}, {row['threads']} "
        f"threads, batches of {row['batch']}"
        for row in (gpu, own)
    )
    return [
        Measured(
            value=value,
            low=math.nan,
            high=math.nan,
            unit="times",
            quantity="GPU",
            stated=f"{value:.1f}: {where}",
            dataset=MADE_UP,
            protocol=f"training steps of released-145, {SIDE} pixels, {PRECISION}; "
            f"medians of {gpu['repeats']} and {own['repeats']} rounds",
        )
    ]


def _memory(rows: pd.DataFrame) -> list[Measured]:
    """Of tensors on the GPU, a part of what it has to hold: a lower bound."""
    found = rows[(rows["case"] == MEMORY) & (rows["batch"] == BATCH)]
    return [_peak(row) for row in found.to_dict("records")]


def _peak(row: dict[str, str]) -> Measured:
    mebibytes = float(row["ours"])
    value = mebibytes / 1024
    return Measured(
        value=value,
        low=value,
        high=math.inf,
        unit="GB",
        quantity="memory",
        stated=f"at least {value:.2f} GB: {mebibytes:,.0f} MiB "
        f"{row['note']}, on {row['hardware']}",
        dataset=MADE_UP,
        protocol=f"training steps of released-145, batches of {BATCH}, {SIDE} pixels, "
        f"{PRECISION}",
    )
