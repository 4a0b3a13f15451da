"""What a run works on, put together once before its first step."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from repro.data.batches import Split, kept_on
from repro.data.class_subset import of_classes, outputs
from repro.data.packs import Pack
from repro.data.views import Pixels, measure_pixels
from repro.machine import draws
from repro.machine.compiled import compiled
from repro.machine.devices import Compute
from repro.networks.build import build_network, initialise
from repro.networks.two_devices import on_two_devices
from repro.recipes.profiles import Profile
from repro.recipes.recipe import Recipe
from repro.runs.folder import RunError
from repro.training.pretrained import load_pretrained
from repro.training.update_rule import build_optimizer


@dataclass(frozen=True)
class Training:
    """The parts of a run; the network and the optimizer change as it goes."""

    run: Path
    recipe: Recipe
    seed: int
    compute: Compute
    network: nn.Module  # nn.Sequential, or TwoDevices with the same state
    optimizer: Optimizer
    pixels: Pixels
    splits: dict[str, Split]  # train, and val when one is held out
    classes: int  # of the images; the network may have more outputs
    pretrained: dict[str, str] | None = None  # run and weights that it starts from
    compiled: Callable[[Tensor], Tensor] | None = None  # the network, for steps


def prepare(
    recipe: Recipe,
    profile: Profile,
    pack: Pack,
    *,
    seed: int,
    run: Path,
    compute: Compute,
) -> Training:
    """The initial network and everything around it; `pack` is the training set.

    Raises RunError where all images of a class are held out, or none of the recipe's
    classes, and where the run that it starts from has no weights; RecipeError where the
    data set lacks a class, TwoDevicesError and CompileError.
    """
    device, second = compute.device, compute.second
    covariance = np.array(pack.manifest["rgb_covariance"])
    pixels = measure_pixels(pack.mean, covariance, recipe.augmentation).to(device)
    draws.seed_torch(draws.INITIAL, seed)
    pack = of_classes(pack, recipe.classes)
    network = build_network(
        recipe,
        classes=outputs(recipe, pack, profile.classes),
        side=pixels.mean.shape[0],
    )
    initialise(network, recipe.initial_values)
    start = None
    if recipe.pretrained:
        start = load_pretrained(
            network, recipe, profile, pack, run=run, seed=seed, ranks=compute.ranks
        )
    network = network.to(device, memory_format=torch.channels_last)
    optimizer = build_optimizer(network, recipe.optimisation)
    steps = compiled(network, device) if compute.compiled else None
    if second:
        network, optimizer = on_two_devices(network, optimizer, (device, second))
    splits = _splits(pack, profile, recipe, device)
    return Training(
        run=run,
        recipe=recipe,
        seed=seed,
        compute=compute,
        network=network,
        optimizer=optimizer,
        pixels=pixels,
        splits=splits,
        classes=len(pack.classes),
        pretrained=start,
        compiled=steps,
    )


def _splits(
    pack: Pack, profile: Profile, recipe: Recipe, device: torch.device
) -> dict[str, Split]:
    """Training images and, where choices are made, those held out of them."""
    everything = pack.rows
    whole = kept_on(device, Split(pack.images, pack.labels, everything))
    val = everything[:0]
    if recipe.hold_out:
        val = held_out(
            pack.labels, profile.validation_images, by_class=profile.validation_by_class
        )
        val = np.intersect1d(val, everything)  # of the recipe's classes
        if not len(val):
            raise RunError(
                f"{pack.folder}: no image of {', '.join(pack.classes)} is held out for "
                f"validation (profile {profile.name}: {profile.validation_images}); "
                "train on all with --set hold_out=false"
            )
    rest = np.setdiff1d(everything, val)
    left = np.isin(np.arange(len(pack.classes)), pack.labels[rest])
    if not left.all():
        raise RunError(
            f"{pack.folder}: all images of {(~left).sum()} of {len(left)} classes are "
            f"held out for validation (profile {profile.name}: "
            f"{profile.validation_images}"
            f"{' a class' if profile.validation_by_class else ''}); "
            "train on all with --set hold_out=false"
        )
    used = rest[share_per_class(pack.labels[rest], recipe.train_share)]
    splits = {"train": Split(whole.images, whole.labels, used)}
    if len(val):
        splits["val"] = Split(whole.images, whole.labels, val)
    return splits


def held_out(labels: np.ndarray, images: int, *, by_class: bool) -> np.ndarray:
    """Rising indices of the validation images: the last `images` of the training set
    (CIFAR-10), or so many of every class, drawn once and for all."""
    if not by_class:
        return np.arange(len(labels) - images, len(labels))
    order = draws.generator(draws.HELD_OUT, 0).permutation(len(labels))
    kept = [order[labels[order] == label][:images] for label in np.unique(labels)]
    return np.sort(np.concatenate(kept))


def share_per_class(labels: np.ndarray, share: float) -> np.ndarray:
    """Rising indices of the same share of every class, drawn once and for all."""
    order = draws.generator(draws.SHARE, 0).permutation(len(labels))
    kept = []
    for label in np.unique(labels):
        members = order[labels[order] == label]
        kept.append(members[: math.ceil(share * len(members))])
    return np.sort(np.concatenate(kept))
