"""The contestants of `repro bench step`: our training in each way, and its peers.

The peers are networks and loops as others write them, from torch's own parts.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torchvision.models import alexnet

from repro.bench.measuring import Work
from repro.bench.ours import CLASSES, our_epoch, our_training, recipe_at
from repro.machine.compiled import no_compiler
from repro.machine.devices import DeviceError, autocast, need_precision
from repro.recipes.recipe import Recipe

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
    """Return for each name a function that makes its work.

    The work is `steps` training steps, each of `batch` images.
    """

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
        images = images.contiguous(memory_format=layout)
        labels = torch.arange(batch, device=device) % CLASSES
        trained = torch.compile(network) if compiled else network
        return bare_loop(trained, optimizer, [(images, labels)] * steps, precision)

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
    """Return the contestants that cannot run on `device`, each with the reason."""
    try:
        need_precision(device, "bfloat16")
    except DeviceError as error:
        every = (BFLOAT16, OURS_COMPILED, LAST, COMPILED)
        return dict.fromkeys(every, str(error))
    reason = no_compiler(device)
    return dict.fromkeys((OURS_COMPILED, COMPILED), reason) if reason else {}


def torchvision_net(recipe: Recipe, *, classes: int, side: int) -> nn.Module:
    """Build torchvision's alexnet; its first layer is the recipe's unless `side` is 224.

    Torchvision's own first layer would leave nothing of images of 56 pixels.
    """
    network = alexnet(num_classes=classes)
    if side != 224:
        asked = recipe.network
        network.features[0] = nn.Conv2d(
            3, 64, asked.stem_kernel, asked.stem_stride, asked.stem_padding[0]
        )
    return network


class NaiveSameMapNorm(nn.Module):
    """Return x / (1 + 0.001 * mean of x^2 over 5 x 5 pixels)^0.75, by autograd."""

    def forward(self, x: Tensor) -> Tensor:
        return x / (1 + 1e-3 * F.avg_pool2d(x * x, 5, 1, 2)) ** 0.75


def naive_net(recipe: Recipe, *, classes: int, side: int) -> nn.Sequential:
    """Build the layers of `released-145` from torch's own parts.

    The response norms sum across the towers, which costs as much as within them.
    """
    asked = recipe.network
    before, after = asked.stem_padding

    def norm() -> nn.Module:
        return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)

    below = [
        nn.ZeroPad2d((before, after, before, after)),
        nn.Conv2d(3, 96, asked.stem_kernel, asked.stem_stride),
        *(norm(), nn.MaxPool2d(3, 2), nn.ReLU()),
        *(nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), norm()),
        *(NaiveSameMapNorm(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU()),
        *(nn.MaxPool2d(3, 2), nn.Flatten()),
    ]
    with torch.no_grad():
        features = nn.Sequential(*below)(torch.zeros(1, 3, side, side)).shape[1]
    head = [
        *(nn.Linear(features, 4096), nn.ReLU(), nn.Dropout(0.5)),
        *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5)),
        nn.Linear(4096, classes),
    ]
    parts = OrderedDict(below=nn.Sequential(*below), head=nn.Sequential(*head))
    return nn.Sequential(parts)


def plain_sgd(network: nn.Module) -> Optimizer:
    """Build torch's SGD with its defaults and the paper's momentum and weight decay."""
    return torch.optim.SGD(
        network.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4
    )


def bare_loop(
    network: nn.Module,
    optimizer: Optimizer,
    batches: Iterable[tuple[Tensor, Tensor]],
    precision: str = "float32",
) -> Work:
    """Return a function that trains one step on each batch, and does nothing else."""

    def loop() -> None:
        network.train()
        for images, labels in batches:
            with autocast(images.device, precision):
                logits = network(images)
            loss = F.cross_entropy(logits.float(), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

    return loop
