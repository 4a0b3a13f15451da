"""Peak memory of training steps, each contestant in a process of its own."""

import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch

from repro.bench.contestants import (
    BFLOAT16,
    FLOAT32,
    LAST,
    NCHW,
    PRECISION,
    contestants,
    impossible,
)
from repro.bench.measuring import Row, Settings, row
from repro.machine.allocator import keep_freed_memory
from repro.machine.devices import set_deterministic

CASE = "peak memory of training steps"
BATCH = 128  # R0's
STEPS = 2  # the second has all that stays: weights, velocities


def rows(settings: Settings, side: int) -> Iterator[Row]:
    """Ours and torchvision's alexnet, in both precisions."""
    device = settings.device
    batch = settings.batch or (8 if settings.quick else BATCH)
    note = "allocated" if device.type == "cuda" else "resident, libraries included"
    for ours, peer in {FLOAT32: NCHW, BFLOAT16: LAST}.items():
        if ours in impossible(device):
            continue
        used = [[peak_memory(name, side, batch, device)] for name in (ours, peer)]
        about = {"batch": batch, "side": side, "dtype": PRECISION[ours], "note": note}
        yield row(CASE, *used, peer, "MiB", **about)


def peak_memory(name: str, side: int, batch: int, device: torch.device) -> float:
    """MiB that a contestant needs for its steps, in a process that does nothing else."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        threads = torch.get_num_threads()
        return pool.submit(_peak, name, side, batch, str(device), threads).result()


def _peak(name: str, side: int, batch: int, place: str, threads: int) -> float:
    keep_freed_memory()  # as the command line does
    torch.set_num_threads(threads)
    device = torch.device(place)
    set_deterministic(device.type == "cpu")
    contestants(side, batch, STEPS, device)[name]()()
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    return _peak_resident() / 2**20


def _peak_resident() -> int:
    """Bytes. Linux's getrusage would count what the parent had before the exec."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return int(peak) * 1024
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
