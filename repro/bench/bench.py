"""`repro bench` measures speed as ratios to peers and writes a table of each kind."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch

from repro.bench import data, pack, profile, report, step
from repro.bench.measuring import (
    COLUMNS,
    Row,
    Settings,
    circumstances,
    line,
    watch_others,
)
from repro.runs.folder import save_table

BENCHES: dict[str, Callable[[Settings], Iterator[Row]]] = {
    "step": step.rows,
    "profile": profile.rows,
    "data": data.rows,
    "pack": pack.rows,
    "report": report.rows,
}
ON_CPU = ("pack", "report")
BUSY = 0.5  # processors that other processes may use


def bench(
    what: str,
    settings: Settings,
    reports: Path,
    say: Callable[[str], None] = print,
) -> Path:
    """Measure one of BENCHES and return the path of its table.

    A quick measurement shows only that everything runs; its table is in
    reports/bench/quick. Raises BenchError for settings that the benchmark cannot have.
    """
    if what in ON_CPU:
        settings = replace(settings, device=torch.device("cpu"))
    about = circumstances(settings.device)
    others = watch_others()
    rows = []
    for row in BENCHES[what](settings):
        rows.append(about | row)
        say(f"{what}: {line(row)}")
    used = others()
    if used is not None:
        used = round(used, 2)
        rows = [row | {"load": f"{used:.2f}"} for row in rows]
        if used > BUSY:
            say(f"other processes used {used:.1f} processors: the ratios mean little")
    folder = reports / "bench" / "quick" if settings.quick else reports / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{what}-{settings.device.type}.csv"
    save_table(path, [dict.fromkeys(COLUMNS, "") | row for row in rows])
    return path
