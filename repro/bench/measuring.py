"""How the benchmarks measure: in turn, in one process, as medians, into a table."""

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

COLUMNS = (
    *("case", "ours", "ours_low", "ours_high", "peer"),
    *("ratio", "ratio_low", "ratio_high", "peer_name", "unit"),
    *("device", "threads", "dtype", "batch", "side", "repeats", "hardware"),
    *("commit", "load", "note"),
)
CORES_CAN_BE_CHOSEN = hasattr(os, "sched_setaffinity")  # not on macOS and Windows
COSTS = ("s", "MiB")  # units of which less is better
STAT = Path("/proc/stat")  # of Linux
IDLE = (3, 4)  # positions in its first line: nothing to do, waiting for a disk
COUNTED = 7  # positions: user, nice, system, idle, iowait, irq, softirq

Row = dict[str, Any]
Work = Callable[[], object]


class BenchError(ReproError):
    """A benchmark that cannot be run as asked."""


@dataclass(frozen=True)
class Settings:
    """The options of `repro bench`; None leaves the choice to the benchmark."""

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
        """Return how often each work is measured."""
        return self.repeats or (1 if self.quick else usual)


def in_turn(
    works: Mapping[str, Work],
    device: torch.device,
    repeats: int,
    *,
    title: str = "",
    before: Callable[[str], object] = lambda name: None,
) -> dict[str, list[float]]:
    """Run `works` in turn, `repeats` times, and return the seconds of each.

    One more round comes first and does not count. `before` is called with the name of
    the next work; its time does not count either.
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
    """Keep this thread, and what it starts meanwhile, on one core.

    Where the system cannot do so, torch still has one thread.
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
    """Return the amount per second of each round; each round does `amount`."""
    return [amount / each for each in seconds]


def row(
    case: str,
    ours: list[float],
    peer: list[float],
    peer_name: str,
    unit: str,
    **about: Any,
) -> Row:
    """Return the row that compares the values of both, given round by round.

    `ours` and `peer` are medians, and `ratio` is the ratio of these; a ratio above 1
    says that ours is better, which is less where `unit` is one of COSTS. `_low` and
    `_high` are extremes over the rounds. `about` holds further columns.
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
    """Return the columns that are the same in every row, without `load`."""
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
    """Return a row as one line for the terminal."""
    what = ", ".join(filter(None, (row["case"], row.get("dtype"))))
    if "ratio" not in row:
        return f"{what}, beside {row['peer_name']}: {row['note']}"
    return (
        f"{what}: ours {row['ours']} {row['unit']}, {row['peer_name']} "
        f"{row['peer']}; ratio {row['ratio']} ({row['ratio_low']} to "
        f"{row['ratio_high']})"
    )


def watch_others() -> Callable[[], float | None]:
    """Return a function that gives the processors used by others since this call.

    The number is an average over the time. It leaves out this process and those of its
    children that have ended. It is None where the system does not count.
    """
    start = _seconds()

    def others() -> float | None:
        if start is None:
            return None
        passed, busy, ours = (b - a for a, b in zip(start, _seconds(), strict=True))
        return max(0.0, busy - ours) / passed if passed else 0.0

    return others


def _seconds() -> tuple[float, float, float] | None:
    """Return seconds of the clock, of all busy processors, and of this process."""
    try:
        first = STAT.read_text("ascii").splitlines()[0]
    except OSError:
        return None
    ticks = [int(value) for value in first.split()[1 : 1 + COUNTED]]
    busy = sum(ticks) - sum(ticks[position] for position in IDLE)
    return (
        time.perf_counter(),
        busy / os.sysconf("SC_CLK_TCK"),
        sum(os.times()[:4]),
    )
