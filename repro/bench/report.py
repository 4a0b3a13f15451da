"""`repro bench report` times `repro report`: unchanged, and on one core or on all."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from repro.bench.measuring import (
    CORES_CAN_BE_CHOSEN,
    BenchError,
    Row,
    Settings,
    in_turn,
    one_core,
    row,
)
from repro.machine.cores import available_cores
from repro.runs.folder import reports_root

REPEATS = 3
COMMAND = (sys.executable, "-m", "repro", "report")
BUILT = ("index.html", "notebooks", ".*", "*.pt", "features-*.npy")  # no evidence
NEW, AGAIN, ONE_CORE = "all new", "nothing changed", "all new, one core"


def rows(settings: Settings) -> Iterator[Row]:
    """Measure the rows of report-cpu.csv on a copy of the evidence."""
    with tempfile.TemporaryDirectory(prefix="repro-bench-") as place:
        reports = Path(place) / "reports"

        def before(name: str) -> None:
            if name != AGAIN:
                shutil.rmtree(reports, ignore_errors=True)
                ignored = shutil.ignore_patterns(*BUILT)
                shutil.copytree(reports_root(), reports, ignore=ignored)

        def on_one_core() -> None:
            with one_core():
                build(reports)

        works = {NEW: lambda: build(reports), AGAIN: lambda: build(reports)}
        if CORES_CAN_BE_CHOSEN:
            works[ONE_CORE] = on_one_core
        rounds = settings.rounds(REPEATS)
        seconds = in_turn(works, settings.device, rounds, title="page", before=before)
    cores, new = available_cores(), seconds[NEW]
    about = {"threads": cores}
    yield row("page, nothing changed", seconds[AGAIN], new, NEW, "s", **about)
    if ONE_CORE in seconds:
        case = f"page, all new, {cores} cores"
        yield row(case, new, seconds[ONE_CORE], "on one core", "s", **about)


def build(reports: Path) -> None:
    """Run `repro report` on `reports`; raises BenchError with its last line."""
    environment = os.environ | {"REPRO_REPORTS": str(reports)}
    done = subprocess.run(
        COMMAND, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason given"]
        raise BenchError(f"repro report failed: {said[-1]}")
