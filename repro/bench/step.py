"""`repro bench step` compares a training step of R0 with its peers.

The peers are torchvision's alexnet, a naive R0 and matrix products. Ours is an epoch in
our loop, with its loading and augmentation. The peers are bare loops over one batch that
is in place. float32 is without TF32. The peak memory of ours and of torchvision's is
measured too.
"""

import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch

from repro.bench import epoch
from repro.bench.contestants import (
    BFLOAT16,
    COMPILED,
    FLOAT32,
    LAST,
    NAIVE,
    NCHW,
    OURS_COMPILED,
    PRECISION,
    contestants,
    impossible,
)
from repro.bench.measuring import Row, Settings, Work, in_turn, rates, row
from repro.bench.ours import CLASSES, recipe_at
from repro.machine.devices import set_deterministic
from repro.machine.process import keep_freed_memory
from repro.networks.counts import count_layers
from repro.recipes.recipe import Recipe

REPEATS = 7
BATCHES = {"cpu": (64,), "cuda": (128, 1024)}
STEPS = {"cpu": 1, "cuda": 40}  # of the smallest batch in a round
SIDE = 224
MATRIX = {"cpu": 2048, "cuda": 8192}  # rows and columns
PRODUCTS = {"cpu": 4, "cuda": 40}  # in a round
PEERS = {
    FLOAT32: (NCHW, NAIVE),
    BFLOAT16: (NCHW, LAST, COMPILED, NAIVE),
    OURS_COMPILED: (LAST, COMPILED),
}
CASE = "training step"
MEMORY_CASE = "peak memory of training steps"
MEMORY_BATCH = 128  # R0's
MEMORY_STEPS = 2  # the second has all that stays: weights, velocities
CASES = {OURS_COMPILED: f"{CASE}, compiled"}


def rows(settings: Settings) -> Iterator[Row]:
    """Measure all rows of step-<device>.csv.

    Raises BenchError for a side that no network has.
    """
    device, quick = settings.device, settings.quick
    side = settings.side or (56 if quick else SIDE)
    set_deterministic(device.type == "cpu")  # as `repro train` does
    batches = (8,) if quick else BATCHES[device.type]
    for batch in (settings.batch,) if settings.batch else batches:
        steps = 1 if quick else max(1, STEPS[device.type] * batches[0] // batch)
        yield from _speeds(settings, side, batch, steps)
    yield from _memory(settings, side)
    yield from epoch.rows(settings)


def _speeds(settings: Settings, side: int, batch: int, steps: int) -> Iterator[Row]:
    device, recipe = settings.device, recipe_at(side, batch)
    left_out = impossible(device)
    if settings.quick:
        reason = "compiling takes minutes, this is a quick run"
        left_out |= dict.fromkeys((OURS_COMPILED, COMPILED), reason)
    makers = contestants(side, batch, steps, device)
    works = {name: make() for name, make in makers.items() if name not in left_out}
    for ours in [name for name in PRECISION if name in works]:
        works[_product(ours)] = matrix_products(device, PRECISION[ours])
    title = f"step, {batch} images of {side} pixels"
    seconds = in_turn(works, device, settings.rounds(REPEATS), title=title)
    for ours, peers in PEERS.items():
        about = {"batch": batch, "side": side, "dtype": PRECISION[ours]}
        case = CASES.get(ours, CASE)
        if ours in left_out:
            yield _unmeasured(case, ours, left_out[ours], about)
            continue
        fast = rates(seconds[ours], steps * batch)
        for peer in peers:
            if peer in left_out:
                yield _unmeasured(case, peer, left_out[peer], about)
                continue
            slow = rates(seconds[peer], steps * batch)
            yield row(case, fast, slow, peer, "images/s", **about)
        done = [rate * flop_per_image(recipe, side) for rate in fast]
        yield _share(case, done, seconds[_product(ours)], device, about)


def flop_per_image(recipe: Recipe, side: int) -> int:
    """Count the floating-point operations of a step's products with weights.

    A multiply-add is two. There are three passes: forward, backward to the weights and
    backward to the inputs; the first layer has no last one.
    """
    layers = count_layers(recipe, classes=CLASSES, side=side)
    return 2 * (3 * sum(x.multiply_adds for x in layers) - layers[0].multiply_adds)


def matrix_products(device: torch.device, precision: str) -> Work:
    """Return PRODUCTS products of two square matrices as work."""
    shape = MATRIX[device.type], MATRIX[device.type]
    kind = getattr(torch, precision)
    a, b = (torch.randn(shape, device=device).to(kind) for _ in range(2))
    out = torch.empty_like(a)

    def multiply() -> None:
        for _ in range(PRODUCTS[device.type]):
            torch.mm(a, b, out=out)

    return multiply


def _product(ours: str) -> str:
    return f"matrix product, {PRECISION[ours]}"


def _share(
    case: str,
    done: list[float],
    seconds: list[float],
    device: torch.device,
    about: Row,
) -> Row:
    size = MATRIX[device.type]
    possible = rates(seconds, PRODUCTS[device.type] * 2 * size**3)
    ours, theirs = ([rate / 1e9 for rate in each] for each in (done, possible))
    peer = f"matrix product of {size} x {size}, {about['dtype']}"
    return row(f"{case}, products with weights", ours, theirs, peer, "GFLOP/s", **about)


def _unmeasured(case: str, peer: str, reason: str, about: Row) -> Row:
    note = f"not measured: {reason}"
    return {"case": case, "peer_name": peer, "unit": "images/s", "note": note, **about}


def _memory(settings: Settings, side: int) -> Iterator[Row]:
    """Measure the memory of our training and torchvision's alexnet, per precision."""
    device = settings.device
    batch = settings.batch or (8 if settings.quick else MEMORY_BATCH)
    note = "allocated" if device.type == "cuda" else "resident, libraries included"
    for ours, peer in {FLOAT32: NCHW, BFLOAT16: LAST}.items():
        if ours in impossible(device):
            continue
        used = [[peak_memory(name, side, batch, device)] for name in (ours, peer)]
        about = {"batch": batch, "side": side, "dtype": PRECISION[ours], "note": note}
        yield row(MEMORY_CASE, *used, peer, "MiB", **about)


def peak_memory(name: str, side: int, batch: int, device: torch.device) -> float:
    """Return the MiB of a contestant's steps, in a process that does nothing else."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        threads = torch.get_num_threads()
        return pool.submit(_peak, name, side, batch, str(device), threads).result()


def _peak(name: str, side: int, batch: int, place: str, threads: int) -> float:
    keep_freed_memory()  # as the command line does
    torch.set_num_threads(threads)
    device = torch.device(place)
    set_deterministic(device.type == "cpu")
    contestants(side, batch, MEMORY_STEPS, device)[name]()()
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    return _peak_resident() / 2**20


def _peak_resident() -> int:
    """Return the peak in bytes.

    On Linux getrusage would count what the parent had before the exec.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return int(peak) * 1024
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
