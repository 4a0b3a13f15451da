"""`repro bench`: ratios beside peers, each measurement one table in reports/bench."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch

from repro.bench import data, pack, profile, report, step
from repro.bench.bench_load import watch_others
from repro.bench.measuring import Row, Settings, circumstances, line, write_table

BENCHES: dict[str, Callable[[Settings], Iterator[Row]]] = {
    "step": step.rows,
    "profile": profile.rows,
    "data": data.rows,
    "pack": pack.rows,
    "report": report.rows,
}
ON_CPU = ("pack", "report")
BUSY = 0.5  # processors that others may use


def bench(
    what: str,
    settings: Settings,
    reports: Path,
    say: Callable[[str], None] = print,
) -> Path:
    """Measure one of BENCHES and return the table written.

    A quick one, which proves only that everything runs, goes to reports/bench/quick.
    Raises BenchError for settings that it cannot have.
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
            say(f"others used {used:.1f} processors meanwhile: the ratios mean little")
    folder = reports / "bench" / "quick" if settings.quick else reports / "bench"
    return write_table(folder / f"{what}-{settings.device.type}.csv", rows)
