"""Who trains beside whom: ours in each way, and the peers, each made on demand."""

from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from repro.bench.measuring import Work
from repro.bench.ours import CLASSES, our_epoch, our_training, recipe_at
from repro.bench.peers import bare_loop, naive_net, plain_sgd, torchvision_net
from repro.machine.compiled import no_compiler
from repro.machine.devices import DeviceError, need_precision

NCHW = "torchvision's alexnet, float32, NCHW"
LAST = "torchvision's alexnet, bfloat16, channels last"
COMPILED = f"{LAST}, compiled"
NAIVE = "naive R0, float32, NCHW"
FLOAT32, BFLOAT16 = "ours, float32", "ours, bfloat16"
OURS_COMPILED = f"{BFLOAT16}, compiled"  # `repro train --compile`
PRECISION = {FLOAT32: "float32", BFLOAT16: "bfloat16", OURS_COMPILED: "bfloat16"}


def contestants(
    side: int, batch: int, steps: int, device: torch.device
) -> dict[str, Callable[[], Work]]:
    """How to make each, ready to train `steps` steps of `batch` images."""

    def ours(precision: str, compiled: bool = False) -> Work:
        training = our_training(
            side, batch, steps, device, precision, compile_steps=compiled
        )
        return our_epoch(training)

    def peer(
        build: Callable[..., nn.Module],
        precision: str,
        layout: torch.memory_format,
        compiled: bool = False,
    ) -> Work:
        network = build(recipe_at(side, batch), classes=CLASSES, side=side)
        network = network.to(device, memory_format=layout)
        optimizer = plain_sgd(network)
        images = torch.randn(batch, 3, side, side, device=device)
        labels = torch.arange(batch, device=device) % CLASSES
        return bare_loop(
            torch.compile(network) if compiled else network,
            optimizer,
            images.contiguous(memory_format=layout),
            labels,
            steps=steps,
            precision=precision,
        )

    plain, last = torch.contiguous_format, torch.channels_last
    return {
        FLOAT32: partial(ours, "float32"),
        BFLOAT16: partial(ours, "bfloat16"),
        OURS_COMPILED: partial(ours, "bfloat16", compiled=True),
        NCHW: partial(peer, torchvision_net, "float32", plain),
        LAST: partial(peer, torchvision_net, "bfloat16", last),
        COMPILED: partial(peer, torchvision_net, "bfloat16", last, compiled=True),
        NAIVE: partial(peer, naive_net, "float32", plain),
    }


def impossible(device: torch.device) -> dict[str, str]:
    """Those that cannot run here, and why."""
    try:
        need_precision(device, "bfloat16")
    except DeviceError as error:
        every = (BFLOAT16, OURS_COMPILED, LAST, COMPILED)
        return dict.fromkeys(every, str(error))
    reason = no_compiler(device)
    return dict.fromkeys((OURS_COMPILED, COMPILED), reason) if reason else {}
