"""A short training with everything that a run folder holds."""

from pathlib import Path
from typing import Any

from repro.machine.devices import Compute, find_device
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import SMOKE
from repro.recipes.recipe import Recipe
from repro.recipes.settings import override
from repro.training.metrics import Row
from repro.training.train import train
from tests.made.tiny_data import write_tiny_data

CHANGES: dict[str, Any] = {
    "width": 0.25,
    "epochs": 2,
    "batch_size": 16,
    "hold_out": True,
    "crop": "random",
}


def tiny_recipe() -> Recipe:
    """A narrow `cifar-18pct` that sees 24 of 32 pixels."""
    return override(find_recipe("figure1-18pct-modern"), CHANGES)


def train_tiny_run(root: Path) -> tuple[Path, list[Row]]:
    """Pack tiny data into `root` and train on it; return the run and its metrics."""
    write_tiny_data(root)
    run = root / "run"
    rows = train(
        tiny_recipe(),
        SMOKE,
        name="tiny",
        seed=0,
        run=run,
        compute=Compute(find_device("cpu")),
        data=root,
        say=lambda line: None,
    )
    return run, rows
