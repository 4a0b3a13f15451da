"""Where the time of a training step of R0 goes: `repro bench profile`.

Marks are set between layers, forward and backward, around the update and where the loop
comes back to the network; the time since the mark before belongs to what has ended. What
autocast does to weights and gradients counts where it happens. torch.profiler would say
more and disturb more: what it allocates takes the place of freed gradients.
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

STEPS, WARM = 9, 3  # measured, and before them
SIDE = {False: 224, True: 56}  # by whether it is quick
BATCH = {"cpu": 64, "cuda": 1024}
WHOLE = "the whole step"
BETWEEN, LOSS, UPDATE = "loading, views, between steps", "loss", "update"

Milliseconds = dict[str, list[float]]  # of each part, step by step


def rows(settings: Settings) -> Iterator[Row]:
    """The rows of profile-<device>.csv: a part's milliseconds, and its share as ratio.

    In each precision the device has, the largest part first; medians of steps.
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
    """What every part takes in each step of `epoch`, which trains `training`.

    Layers of one kind without weights, as all activations, are one part.
    """
    marks: list[tuple[str, float]] = []

    def mark(part: str) -> None:
        if training.device.type == "cuda":
            torch.cuda.synchronize(training.device)
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
    """Hooks that call `mark` with what has just ended."""
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
    """active3 -> active; those that differ keep their number: conv3, norm1, fc6."""
    alike = ("active", "drop", "pool")
    return next((kind for kind in alike if name.startswith(kind)), name)
