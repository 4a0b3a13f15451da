"""An epoch of a CIFAR-10 net, in our loop and in bare PyTorch loops.

Layers, batch size, update and threads are the same, and neither loop evaluates. Where
steps are so short, the ratio shows what our loop itself costs. The peers' images are in
memory as floats.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from torch.utils.data import DataLoader, TensorDataset

from repro.bench.contestants import bare_loop
from repro.bench.measuring import Row, Settings, Work, in_turn, rates, row
from repro.bench.ours import made_up_pack, our_epoch
from repro.machine import draws
from repro.machine.devices import Compute
from repro.networks.build import build_network, initialise
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import find_profile
from repro.training.prepare import Training, prepare
from repro.training.update_rule import build_optimizer

RECIPE = "figure1-18pct-modern"
IMAGES, FEW = 6400, 256
REPEATS = 7
SIDE, CLASSES = 32, 10


def rows(settings: Settings) -> Iterator[Row]:
    """Measure our epoch beside three loops.

    Two go over slices of tensors, in torch's memory format and in ours; the third goes
    over torch's DataLoader.
    """
    images, device = (FEW if settings.quick else IMAGES), settings.device
    training = _training(images, device)
    works = {
        "ours": our_epoch(training),
        "bare loop": _loop(images, device, torch.contiguous_format),
        "bare loop, channels last": _loop(images, device, torch.channels_last),
        "DataLoader loop": _loop(images, device, torch.contiguous_format, loader=True),
    }
    repeats = settings.rounds(REPEATS)
    seconds = in_turn(works, device, repeats, title=f"epoch of {RECIPE}")
    ours = rates(seconds.pop("ours"), images)
    about = {"dtype": "float32", "side": SIDE}
    about["batch"] = training.recipe.optimisation.batch_size
    case = f"epoch of {RECIPE}, {images} images"
    for peer, measured in seconds.items():
        yield row(case, ours, rates(measured, images), peer, "images/s", **about)


def _training(images: int, device: torch.device) -> Training:
    recipe = find_recipe(RECIPE)
    slow = replace(recipe.optimisation, learning_rate=1e-4)  # random labels
    return prepare(
        replace(recipe, optimisation=slow, hold_out=False),
        find_profile("cifar10"),
        made_up_pack(images, SIDE, classes=CLASSES),
        seed=0,
        run=Path("bench"),
        compute=Compute(device),
    )


def _loop(
    stored: int,
    device: torch.device,
    memory_format: torch.memory_format,
    *,
    loader: bool = False,
) -> Work:
    recipe = find_recipe(RECIPE)
    draws.seed_torch(draws.INITIAL, 0)
    network = build_network(recipe, classes=CLASSES, side=SIDE)
    initialise(network, recipe.initial_values)
    network = network.to(device, memory_format=memory_format)
    size = recipe.optimisation.batch_size
    images = torch.randn(stored, 3, SIDE, SIDE, device=device)
    images = images.to(memory_format=memory_format)
    labels = torch.arange(stored, device=device) % CLASSES
    batches = list(zip(images.split(size), labels.split(size), strict=True))
    if loader:
        batches = DataLoader(TensorDataset(images, labels), size, shuffle=True)
    return bare_loop(network, build_optimizer(network, recipe.optimisation), batches)
