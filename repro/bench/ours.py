"""Our training on made-up pixels: it has the parts of a run but no run folder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from repro.bench.measuring import BenchError, Work
from repro.data.packs import Pack
from repro.machine.devices import Compute
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import configured, find_profile
from repro.recipes.recipe import Recipe
from repro.training.checkpoints import Position
from repro.training.epoch import train_one_epoch
from repro.training.prepare import Training, prepare
from repro.training.schedule import rates_at

RECIPE = "released-145"
CLASSES = 1000
PROFILES = {
    224: "imagenet",
    56: "tiny-imagenet",
}  # by the side that the network sees, in pixels
SETTINGS = {"learning_rate": 1e-4, "hold_out": False}  # the labels mean nothing
GREY = 127.5


def recipe_at(side: int, batch: int) -> Recipe:
    """Return R0 for crops of `side` pixels; raises BenchError for unknown sides."""
    if side not in PROFILES:
        known = ", ".join(map(str, PROFILES))
        raise BenchError(f"--side {side}: the network has a first layer for {known}")
    profile = find_profile(PROFILES[side])
    return configured(find_recipe(RECIPE), profile, SETTINGS | {"batch_size": batch})


def made_up_pack(images: int, side: int, classes: int = CLASSES) -> Pack:
    """Return images of noise, `side` x `side` pixels, of at most `classes` classes."""
    rng = np.random.default_rng(0)
    labels = np.arange(images) % classes
    manifest = {
        "classes": [str(label) for label in range(labels.max() + 1)],
        "rgb_covariance": (np.eye(3) * 5000 + 500).tolist(),
    }
    return Pack(
        folder=Path("bench"),
        images=rng.integers(0, 256, size=(images, side, side, 3), dtype=np.uint8),
        labels=labels,
        mean=np.full((side, side, 3), GREY, np.float32),
        manifest=manifest,
    )


def our_training(
    side: int,
    batch: int,
    steps: int,
    device: torch.device,
    precision: str,
    *,
    compile_steps: bool = False,
) -> Training:
    """Prepare network, update rule and `steps` batches, as `repro train` does."""
    recipe = recipe_at(side, batch)
    profile = replace(find_profile(PROFILES[side]), classes=CLASSES)
    return prepare(
        recipe,
        profile,
        made_up_pack(steps * batch, profile.side),
        seed=0,
        run=Path("bench"),
        compute=Compute(device, precision, compiled=compile_steps),
    )


def our_epoch(training: Training) -> Work:
    """Return one epoch of our loop as work: loading, augmentation, steps, checks."""
    optimisation = training.recipe.optimisation
    steps = len(training.splits["train"]) // optimisation.batch_size

    def epoch() -> None:
        train_one_epoch(training, Position(), steps, rates_at(optimisation, 0))

    return epoch
