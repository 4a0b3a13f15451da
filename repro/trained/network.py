"""A run read back: its recipe, its network with weights, and how its pixels are scaled.

Where a run folder holds pixels.npz, that is how: weights from elsewhere come with the
scaling they were trained with. Else the scaling is measured on the training set.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from repro.data.class_subset import of_classes, outputs
from repro.data.packs import Pack, PackMissing, open_pack
from repro.data.views import Pixels, measure_pixels
from repro.networks.build import build_network
from repro.recipes.recipe import Recipe, crop_size
from repro.recipes.recorded_recipe import from_dict
from repro.runs import folder
from repro.runs.files import save_arrays
from repro.runs.folder import RunError

PIXELS = "pixels.npz"


@dataclass(frozen=True)
class SavedNetwork:
    """A network with its weights, on the CPU and in evaluation mode."""

    record: dict[str, Any]  # recipe.json
    recipe: Recipe
    network: nn.Sequential
    pixels: Pixels
    pack: Pack | None  # the training set, where it is packed

    @property
    def side(self) -> int:
        """Pixels of the square that the network sees."""
        return self.pixels.mean.shape[0]


def load_run(
    run: Path, *, checkpoint: str = "last.pt", data: Path | None = None
) -> SavedNetwork:
    """The network of a run with the weights in `checkpoint`, last.pt or best.pt.

    `data` is where packed data lives. Raises RunError for files that are missing,
    damaged or of another network, RecipeError for the recipe of another version, and
    PackMissing where the scaling has to be measured and the training set is not there.
    """
    record = folder.read_json(run / "recipe.json")
    try:
        recipe, profile = from_dict(record["recipe"]), record["profile"]
        dataset, side = profile["dataset"], profile["side"]
    except KeyError as error:
        raise RunError(f"{run / 'recipe.json'}: {error} is missing") from error
    state = read_state(run / checkpoint)
    pixels, pack = _pixels(run, recipe, dataset, data)
    classes = len(list(state.values())[-1])  # the last bias
    wanted = outputs(recipe, pack, profile.get("classes", 0)) if pack else classes
    if classes != wanted:
        raise RunError(
            f"{run}: its network tells {classes} classes apart, {dataset} has "
            f"{wanted}: it was trained on other data"
        )
    size = crop_size(recipe.augmentation, side)
    network = build_network(recipe, classes=classes, side=size)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise RunError(f"{run / checkpoint}: not of this recipe: {reason}") from error
    return SavedNetwork(record, recipe, network.eval(), pixels, pack)


def read_state(path: Path) -> dict[str, Tensor]:
    """The network's state in a checkpoint, last.pt or best.pt; raises RunError."""
    if not path.exists():
        raise RunError(
            f"{path.parent}: no {path.name} here (weights are not in the repository); "
            "train this run, or name another one"
        )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        state = state.get("network", state)
        if state and all(isinstance(value, Tensor) for value in state.values()):
            return state
        reason = "no weights in it"
    except Exception as error:  # noqa: BLE001 - a damaged file raises many kinds
        reason = (str(error).splitlines() or [type(error).__name__])[0][:80]
    raise RunError(f"{path}: damaged checkpoint ({reason})")


def write_pixels(run: Path, pixels: Pixels) -> None:
    """Record the scaling in the run folder, for `load_run`."""
    mean, divisor = pixels.mean.numpy(), pixels.divisor.numpy()
    save_arrays(run / PIXELS, {"mean": mean, "divisor": divisor})


def _pixels(
    run: Path, recipe: Recipe, dataset: str, data: Path | None
) -> tuple[Pixels, Pack | None]:
    """The scaling, and the training set if it is there."""
    recorded = _recorded(run / PIXELS)
    try:
        pack = of_classes(open_pack(dataset, "train", data), recipe.classes)
    except PackMissing:
        if recorded is None:
            raise
        return recorded, None
    if recorded is None:
        covariance = np.array(pack.manifest["rgb_covariance"])
        recorded = measure_pixels(pack.mean, covariance, recipe.augmentation)
    return recorded, pack


def _recorded(path: Path) -> Pixels | None:
    if not path.exists():
        return None
    try:
        with np.load(path) as arrays:
            mean, divisor = arrays["mean"], arrays["divisor"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise RunError(
            f"{path}: damaged ({error}); import the weights again"
        ) from error
    still = torch.zeros(3, 3)  # no colour noise
    return Pixels(torch.from_numpy(mean), torch.from_numpy(divisor), still)
