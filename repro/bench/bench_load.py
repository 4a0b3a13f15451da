"""How many processors others used while something was measured."""

import os
import time
from collections.abc import Callable
from pathlib import Path

STAT = Path("/proc/stat")  # of Linux
IDLE = (3, 4)  # positions in its first line: nothing to do, waiting for a disk
COUNTED = 7  # positions: user, nice, system, idle, iowait, irq, softirq


def watch_others() -> Callable[[], float | None]:
    """A function that tells the processors that others have used since this call.

    On average over the time; this process and its children that have ended are left
    out. None where the system does not tell.
    """
    start = _seconds()

    def others() -> float | None:
        if start is None:
            return None
        passed, busy, ours = (b - a for a, b in zip(start, _seconds(), strict=True))
        return max(0.0, busy - ours) / passed if passed else 0.0

    return others


def _seconds() -> tuple[float, float, float] | None:
    """Of the clock, of all processors at work, and of them for this process."""
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
