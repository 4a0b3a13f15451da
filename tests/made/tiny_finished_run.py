"""Complete runs of tiny networks on generated images, with a test split beside them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from repro.data.packs import write_pack
from repro.machine.devices import Compute
from repro.recipes.presets import CIFAR_18PCT, RELEASED_145
from repro.recipes.profiles import SMOKE, Profile
from repro.recipes.recipe import Recipe
from repro.recipes.settings import override
from repro.training.train import train
from tests.made.tiny_data import CLASSES, write_tiny_data

CPU = torch.device("cpu")
SMALL = override(
    CIFAR_18PCT,
    {
        "scheme": "torch",
        "pixels": "standardised",
        "learning_rate": 0.01,
        "batch_size": 40,
        "epochs": 3,
        "schedule": "fixed",
        "drop_epochs": (),
        "width": 0.25,
    },
)
SMALL_145 = override(RELEASED_145, {"width": 0.03, "epochs": 1, "drop_epochs": ()})


def write_tiny_splits(root: Path) -> None:
    """The training images of `write_tiny_data` and 30 test images like them."""
    write_tiny_data(root)
    write_photographs(root, "cifar10-subset", "test", images=30, side=32)


def write_photographs(
    root: Path,
    dataset: str,
    split: str,
    *,
    images: int,
    side: int,
    classes: tuple[str, ...] = CLASSES,
) -> None:
    """Generated images whose brightness tells their class."""
    rng = np.random.default_rng([images, side])
    labels = np.arange(images) % len(classes)
    noise = rng.integers(0, 30, size=(images, side, side, 3))
    pixels = (noise + 20 * labels[:, None, None, None]).astype(np.uint8)
    write_pack(
        dataset,
        split,
        pixels,
        labels,
        classes=classes,
        source="made for tests",
        resize="none",
        root=root,
    )


def photographs_profile(side: int) -> Profile:
    """The smoke profile with other data."""
    held = {"validation_images": 4, "validation_by_class": False}
    return replace(SMOKE, dataset="photographs", side=side, **held)


def write_finished_run(
    run: Path,
    data: Path,
    recipe: Recipe = SMALL,
    profile: Profile = SMOKE,
    seed: int = 1,
) -> None:
    """Train `recipe` to its end."""
    train(
        recipe,
        profile,
        name="tiny",
        seed=seed,
        run=run,
        compute=Compute(CPU),
        data=data,
        say=lambda line: None,
    )
