"""How the benchmarks measure: rounds in turn in one process, medians, one table each."""

import csv
import io
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from repro.errors import ReproError
from repro.machine.provenance import commit, hardware
from repro.runs import folder

COLUMNS = (
    *("case", "ours", "ours_low", "ours_high", "peer"),
    *("ratio", "ratio_low", "ratio_high", "peer_name", "unit"),
    *("device", "threads", "dtype", "batch", "side", "repeats", "hardware"),
    *("commit", "load", "note"),
)
CORES_CAN_BE_CHOSEN = hasattr(os, "sched_setaffinity")  # not on macOS and Windows
COSTS = ("s", "MiB")  # units of which less is better

Row = dict[str, Any]
Work = Callable[[], object]


class BenchError(ReproError):
    """A benchmark that cannot be run as asked."""


@dataclass(frozen=True)
class Settings:
    """What `repro bench` was asked for; None leaves it to the benchmark."""

    device: torch.device
    batch: int | None = None
    side: int | None = None  # pixels that the network sees
    repeats: int | None = None
    quick: bool = False  # so small that it only shows that everything runs

    def __post_init__(self) -> None:
        for name in ("batch", "side", "repeats"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise BenchError(f"--{name} {value}: must be a whole number from 1 up")

    def rounds(self, usual: int) -> int:
        """How often each is measured."""
        return self.repeats or (1 if self.quick else usual)


def in_turn(
    works: Mapping[str, Work],
    device: torch.device,
    repeats: int,
    *,
    title: str = "",
    before: Callable[[str], object] = lambda name: None,
) -> dict[str, list[float]]:
    """Seconds of each of `works`, run in turn after one round that does not count.

    `before` is told the name of what comes next; its time does not count.
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    total = (repeats + 1) * len(works)
    with tqdm(total=total, desc=title, disable=None, leave=False) as progress:
        for _ in range(repeats + 1):
            for name, work in works.items():
                progress.set_postfix_str(name)
                before(name)
                start = time.perf_counter()
                work()
                if device.type == "cuda":
                    torch.cuda.synchronize(device)
                seconds[name].append(time.perf_counter() - start)
                progress.update()
    return {name: counted[1:] for name, counted in seconds.items()}


@contextmanager
def one_core() -> Iterator[None]:
    """What this thread does and starts meanwhile, processes too, has one core.

    Where that cannot be asked for, torch has one thread.
    """
    threads = torch.get_num_threads()
    cores = os.sched_getaffinity(0) if CORES_CAN_BE_CHOSEN else set()
    try:
        torch.set_num_threads(1)
        if CORES_CAN_BE_CHOSEN:
            os.sched_setaffinity(0, {min(cores)})
        yield
    finally:
        torch.set_num_threads(threads)
        if CORES_CAN_BE_CHOSEN:
            os.sched_setaffinity(0, cores)


def rates(seconds: list[float], amount: float) -> list[float]:
    """What was done in a second of each round, `amount` being done in a round."""
    return [amount / each for each in seconds]


def row(
    case: str,
    ours: list[float],
    peer: list[float],
    peer_name: str,
    unit: str,
    **about: Any,
) -> Row:
    """A row from the values of both, round by round, as medians.

    `ours_low` and `ours_high` are the extremes of ours. `ratio` is that of the medians,
    `ratio_low` and `ratio_high` are the extremes of the rounds; above 1 ours is better:
    faster, or of COSTS less. `about` are other columns.
    """
    better, worse = (peer, ours) if unit in COSTS else (ours, peer)
    ratios = [a / b for a, b in zip(better, worse, strict=True)]
    found = {"ours": statistics.median(ours), "peer": statistics.median(peer)}
    found |= {"ours_low": min(ours), "ours_high": max(ours)}
    middle = statistics.median(better) / statistics.median(worse)
    spread = {"ratio": middle, "ratio_low": min(ratios), "ratio_high": max(ratios)}
    return {
        "case": case,
        **{name: f"{value:.4g}" for name, value in found.items()},
        **{name: f"{value:.3f}" for name, value in spread.items()},
        "peer_name": peer_name,
        "unit": unit,
        "repeats": len(ours),
        **about,
    }


def circumstances(device: torch.device) -> Row:
    """The columns that are the same in every row of a table but `load`."""
    record, made = hardware(device), commit()
    name = record.get("gpu", record["processor"])
    known = (made["commit"] or "")[:10]
    return {
        "device": device.type,
        "threads": record["threads"],
        "hardware": f"{name}, {record['cores']} cores",
        "commit": known + "+changes" * bool(made["dirty"]),
    }


def line(row: Row) -> str:
    """A row in words, for the terminal."""
    what = ", ".join(filter(None, (row["case"], row.get("dtype"))))
    if "ratio" not in row:
        return f"{what}, beside {row['peer_name']}: {row['note']}"
    return (
        f"{what}: ours {row['ours']} {row['unit']}, {row['peer_name']} "
        f"{row['peer']}; ratio {row['ratio']} ({row['ratio_low']} to "
        f"{row['ratio_high']})"
    )


def write_table(path: Path, rows: list[Row]) -> Path:
    """Write the rows as CSV at once and return where; what a row lacks stays empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    folder.write_text(path, text.getvalue())
    return path
