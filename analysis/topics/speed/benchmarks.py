"""What `repro bench` measured beside peers, from reports/bench.

`ratio` above 1: ours is better, that is faster or, of memory and seconds, less.
"""

from pathlib import Path

import pandas as pd

from analysis.display.sections import Html, table
from analysis.evidence.runs import read_table, reports_root

MEASURED = {
    "step": "Training step beside peers",
    "profile": "Where the time of a training step goes",
    "data": "Input beside peers",
    "pack": "Packing, two workers beside one; what two cores allow",
    "report": "Building the page",
}
COLUMNS = ["case", "ours", "peer", "ratio", "peer_name", "unit", "device", "threads"]
COLUMNS += ["dtype", "batch"]
LATER = [
    "ours_low",
    "ours_high",
    "ratio_low",
    "ratio_high",
    "side",
    "repeats",
    "hardware",
    "commit",
    "load",
    "note",
]


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
            command = f"<code>repro bench {what}</code>"
            found += Html(f'<p class="hole">{title}: not measured. {command}</p>')
    return found


def read(path: Path) -> pd.DataFrame:
    """The rows of a table; columns that early ones lack are empty.

    Raises ReportError where others are missing.
    """
    read_table(path, COLUMNS)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame.reindex(columns=COLUMNS + LATER, fill_value="")


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """As a reader sees them; columns that are empty throughout are left away."""
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
    return f"{float(text):,.4g}" if text and float(text) < 1000 else _whole(text)


def _whole(text: str) -> str:
    return f"{float(text):,.0f}" if text else ""


def _ratio(row: dict[str, str]) -> str:
    if not row["ratio_low"]:
        return row["ratio"]
    return f"{row['ratio']} ({row['ratio_low']}–{row['ratio_high']})"
