"""What `repro bench` measured beside peers, from reports/bench: tables and two claims.

A `ratio` above 1 says that ours is better: faster or, of memory and seconds, less.
"""

import math
from pathlib import Path

import pandas as pd

from analysis.claims.measurement import Measured
from analysis.display.holes import hole
from analysis.display.sections import Html, table
from analysis.evidence.data_sets import MADE_UP
from analysis.evidence.runs import Runs, read_table, reports_root

MEASURED = {
    "step": "Training step beside peers",
    "profile": "Where the time of a training step goes",
    "data": "Input beside peers",
    "pack": "Packing, two workers beside one; what two cores allow",
    "report": "Building the page",
}
COLUMNS = ["case", "ours", "peer", "ratio", "peer_name", "unit", "device", "threads"]
COLUMNS += ["dtype", "batch"]
LATER = ["ours_low", "ours_high", "ratio_low", "ratio_high", "side", "repeats"]
LATER += ["hardware", "commit", "load", "note"]
# The network of the claims: R0 on 224 pixels with made-up images, on every profile.
SIDE, BATCH, PRECISION = "224", "128", "float32"
STEP, MEMORY = "training step", "peak memory of training steps"


def tables() -> Html:
    """A table for each file of reports/bench; a named hole for what was not measured."""
    found = Html("")
    for what, title in MEASURED.items():
        paths = sorted((reports_root() / "bench").glob(f"{what}-*.csv"))
        for path in paths:
            known = read(path)
            show = parts if what == "profile" else shown
            found += table(show(known), caption=caption(title, path.name, known))
        if not paths:
            found += hole(f"{title}: not measured", f"repro bench {what}")
    return found


def read(path: Path) -> pd.DataFrame:
    """The rows of a table; columns that early tables lack are empty.

    Raises ReportError where other columns are missing.
    """
    read_table(path, COLUMNS)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame.reindex(columns=COLUMNS + LATER, fill_value="")


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as a reader sees them, without the columns that are empty."""
    frame = pd.DataFrame(
        {
            "Case": rows["case"],
            "Ours": [_number(value) for value in rows["ours"]],
            "Peer": [_number(value) for value in rows["peer"]],
            "Unit": rows["unit"],
            "Ratio": [_ratio(row) for row in rows.to_dict("records")],
            "Beside": rows["peer_name"],
            "Precision": rows["dtype"],
            "Batch": rows["batch"],
            "Pixels": rows["side"],
            "Threads": rows["threads"],
            "Note": rows["note"],
        }
    )
    return frame.loc[:, (frame != "").any()]


def parts(rows: pd.DataFrame) -> pd.DataFrame:
    """The parts of a step, each with its share of it."""
    return pd.DataFrame(
        {
            "Part": rows["case"],
            "ms": [_number(value) for value in rows["ours"]],
            "Share": [f"{float(value):.1%}" for value in rows["ratio"]],
            "Precision": rows["dtype"],
            "Batch": rows["batch"],
            "Pixels": rows["side"],
            "Threads": rows["threads"],
        }
    )


def caption(title: str, name: str, rows: pd.DataFrame) -> str:
    """Title, file, how it was measured and on what."""
    facts = {
        key: ", ".join(value for value in rows[key].unique() if value) or "not recorded"
        for key in ("device", "hardware", "commit", "repeats", "load")
    }
    measured = (
        f"Medians of rounds in turn in one process (rounds: {facts['repeats']}); ratio "
        "above 1: ours is better, in brackets its range over rounds"
    )
    if title == MEASURED["profile"]:
        measured = f"Medians of {facts['repeats']} steps"
    return (
        f"{title}: {name}. {measured}. On {facts['device']}, {facts['hardware']}; commit "
        f"{facts['commit']}; processors that others used meanwhile: {facts['load']}"
    )


def _number(text: str) -> str:
    if not text:
        return ""
    return format(float(text), ",.4g" if float(text) < 1000 else ",.0f")


def _ratio(row: dict[str, str]) -> str:
    if not row["ratio_low"]:
        return row["ratio"]
    return f"{row['ratio']} ({row['ratio_low']}–{row['ratio_high']})"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """A7's GPU and X10's memory, from reports/bench beside the runs' profile.

    There is no measurement without runs, or without tables that have such rows.
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
    """The rows of our network in single precision on 224 pixels; none without the file."""
    if not path.is_file():
        return pd.DataFrame(columns=COLUMNS + LATER)
    rows = read(path)
    ours = (rows["side"] == SIDE) & (rows["dtype"] == PRECISION) & (rows["ours"] != "")
    return rows[ours]


def _faster(cuda: pd.DataFrame, cpu: pd.DataFrame) -> list[Measured]:
    """Images a second on the GPU, at its fastest batch, over those on the CPU.

    There is one machine of each, and so no interval.
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
            unit="times",
            quantity="GPU",
            stated=f"{value:.1f}: {where}",
            dataset=MADE_UP,
            protocol=f"training steps of released-145, {SIDE} pixels, {PRECISION}; "
            f"medians of {gpu['repeats']} and {own['repeats']} rounds",
        )
    ]


def _memory(rows: pd.DataFrame) -> list[Measured]:
    """The memory of tensors, a part of what the GPU has to hold: a lower bound."""
    found = rows[(rows["case"] == MEMORY) & (rows["batch"] == BATCH)]
    return [
        Measured(
            value=mebibytes / 1024,
            low=mebibytes / 1024,
            high=math.inf,
            unit="GB",
            quantity="memory",
            stated=f"at least {mebibytes / 1024:.2f} GB: {mebibytes:,.0f} MiB "
            f"{row['note']}, on {row['hardware']}",
            dataset=MADE_UP,
            protocol=f"training steps of released-145, batches of {BATCH}, {SIDE} "
            f"pixels, {PRECISION}",
        )
        for row in found.to_dict("records")
        for mebibytes in [float(row["ours"])]
    ]
