"""`repro bench profile` shows where the time of a training step of R0 goes.

Hooks set marks between layers, forward and backward, around the update, and where the
loop comes back to the network. The time between two marks belongs to the part that ends
at the second. What autocast does to weights and gradients counts where it happens.
torch.profiler would show more but disturb more, because what it allocates takes the
place of freed gradients.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

from repro.bench.contestants import BFLOAT16, FLOAT32, PRECISION, impossible
from repro.bench.measuring import Row, Settings, row
from repro.bench.ours import our_epoch, our_training
from repro.machine.devices import set_deterministic
from repro.training.prepare import Training

STEPS, WARM = 9, 3  # measured steps, and those before them
SIDE = {False: 224, True: 56}  # by whether it is quick
BATCH = {"cpu": 64, "cuda": 1024}
WHOLE = "the whole step"
BETWEEN, LOSS, UPDATE = "loading, views, between steps", "loss", "update"

Milliseconds = dict[str, list[float]]  # of each part, step by step


def rows(settings: Settings) -> Iterator[Row]:
    """Measure the rows of profile-<device>.csv, in each precision of the device.

    A row has the milliseconds of a part, and its share of the step as ratio, both as
    medians over steps. The largest part is first.
    """
    device, quick = settings.device, settings.quick
    set_deterministic(device.type == "cpu")  # as `repro train` does
    side = settings.side or SIDE[quick]
    batch = settings.batch or (8 if quick else BATCH[device.type])
    steps = settings.rounds(STEPS)
    for name in (BFLOAT16, FLOAT32):
        if name in impossible(device):
            continue
        precision = PRECISION[name]
        training = our_training(side, batch, WARM + steps, device, precision)
        parts = profiled(training, our_epoch(training))
        about = {"dtype": precision, "batch": batch, "side": side}
        whole = [sum(step) for step in zip(*parts.values(), strict=True)]
        measured = [
            row(part, spent[WARM:], whole[WARM:], WHOLE, "ms", **about)
            for part, spent in parts.items()
        ]
        yield from sorted(measured, key=lambda each: -float(each["ours"]))


def profiled(training: Training, epoch: Callable[[], object]) -> Milliseconds:
    """Run `epoch`, which trains `training`, and time every part of each step.

    Layers of one kind without weights, such as all activations, are one part.
    """
    marks: list[tuple[str, float]] = []

    def mark(part: str) -> None:
        if training.compute.device.type == "cuda":
            torch.cuda.synchronize(training.compute.device)
        marks.append((part, time.perf_counter()))

    hooks = list(_hooks(training, mark))
    try:
        mark(UPDATE)  # as the step before would
        epoch()
    finally:
        for hook in hooks:
            hook.remove()
    steps: list[dict[str, float]] = []
    for (_, before), (part, now) in pairwise(marks):
        if part == BETWEEN:
            steps.append(defaultdict(float))
        steps[-1][part] += 1e3 * (now - before)
    return {part: [step[part] for step in steps] for part in steps[0]}


def _hooks(training: Training, mark: Callable[[str], None]) -> Iterator:
    """Attach hooks that call `mark` with the part that has just ended."""
    network, optimizer = training.network, training.optimizer
    layers = dict(network.named_children())
    below = dict(zip(list(layers)[1:], layers, strict=False))
    above = {low: high for high, low in below.items()}

    def seen(name: str) -> Callable:
        def forward(layer: nn.Module, inputs: tuple, output: Tensor) -> None:
            mark(f"{_kind(name)}, forward")
            if output.requires_grad:
                after = f"{_kind(above[name])}, backward" if name in above else LOSS
                output.register_hook(lambda gradient: mark(after))

        return forward

    first = next(name for name, layer in layers.items() if list(layer.parameters()))
    yield network.register_forward_pre_hook(lambda *args: mark(BETWEEN))
    for name, layer in layers.items():
        yield layer.register_forward_hook(seen(name))
    yield optimizer.register_step_pre_hook(lambda *args: mark(f"{first}, backward"))
    yield optimizer.register_step_post_hook(lambda *args: mark(UPDATE))


def _kind(name: str) -> str:
    """Return the part of a layer: active of active3, but conv3 of conv3."""
    alike = ("active", "drop", "pool")
    return next((kind for kind in alike if name.startswith(kind)), name)
