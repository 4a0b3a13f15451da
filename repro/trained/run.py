"""A finished run, opened: its recipe, its network with weights, the data it was trained
on, and how its pixels are scaled.

Where a run folder holds pixels.npz, that is how: weights from elsewhere come with the
scaling they were trained with. Else the scaling is measured on the training set.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from repro.data.batches import Split
from repro.data.class_subset import of_classes, outputs
from repro.data.packs import Pack, PackMissing, open_pack
from repro.data.views import Pixels, measure_pixels
from repro.networks.build import build_network
from repro.recipes.profiles import Profile, find_profile
from repro.recipes.recipe import Recipe, RecipeError, crop_size
from repro.recipes.settings import from_dict
from repro.runs import folder as runs
from repro.runs.folder import RunError, save_arrays
from repro.trained.classifier import Classifier

PIXELS = "pixels.npz"


@dataclass(frozen=True)
class FinishedRun:
    """A complete run folder as its own files describe it."""

    folder: Path
    record: dict[str, Any]  # recipe.json
    recipe: Recipe
    profile: Profile  # with the data that were recorded
    seed: int
    manifest: dict[str, Any]
    splits: dict[str, int]  # images in each; empty for weights from elsewhere
    images: str | None  # SHA-256 of the training images, where it is known

    @property
    def weights(self) -> str:
        """best.pt where validation images chose it, else last.pt."""
        chosen = "val" in self.splits and self.has("best.pt")
        return "best.pt" if chosen else "last.pt"

    def has(self, name: str) -> bool:
        """Whether the folder holds this file."""
        return (self.folder / name).is_file()

    def weights_sha256(self) -> str:
        """Of the file of weights; raises RunError where it is not there."""
        try:
            with open(self.folder / self.weights, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise RunError(
                f"{self.folder}: no weights here ({self.weights}: {error.strerror}); "
                "they are not committed: train the run again to export it"
            ) from error


def has_weights(run: Path) -> bool:
    """Whether a run is complete and its weights are here: not so in a fresh clone."""
    if runs.status(run) != "complete":
        return False
    finished = open_finished(run)
    return finished.has(finished.weights)


def open_finished(run: Path) -> FinishedRun:
    """Read the run folder; its weights and data are opened by what needs them.

    Raises RunError where the run is not complete or its record says too little, and
    RecipeError or ProfileError where the record is not one of this program's.
    """
    status = runs.status(run)
    if status == "absent":
        raise RunError(f"{run}: no run here; a run folder holds a manifest.json")
    if status != "complete":
        raise RunError(
            f"{run}: the run is {status}; only a complete one is exported: finish it "
            "with the command that began it"
        )
    record = runs.read_json(run / "recipe.json")
    manifest = runs.read_json(run / "manifest.json")
    try:
        recipe, seed = from_dict(record["recipe"]), record["seed"]
        data = {name: record["profile"][name] for name in runs.DATA_FIELDS}
        data["classes"] = record["profile"].get("classes", 0)  # not in early records
        profile = replace(find_profile(record["profile"]["name"]), **data)
        images = manifest["data"] and manifest["data"]["sha256"]["images"]
        splits = manifest["splits"]
    except (KeyError, TypeError) as error:
        raise RunError(f"{run}: its record lacks {error}; train it again") from error
    except RecipeError as error:
        raise RecipeError(f"{run / 'recipe.json'}: {error}") from error
    return FinishedRun(
        folder=run,
        record=record,
        recipe=recipe,
        profile=profile,
        seed=seed,
        manifest=manifest,
        splits=splits,
        images=images,
    )


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
    finished: FinishedRun, *, checkpoint: str | None = None, data: Path | None = None
) -> SavedNetwork:
    """The network with the run's weights, or with those in `checkpoint`.

    `data` is where packed data lives. Raises RunError for files that are missing,
    damaged or of another network, and PackMissing where the scaling has to be measured
    and the training set is not there.
    """
    checkpoint = checkpoint or finished.weights
    recipe, profile = finished.recipe, finished.profile
    state = read_state(finished.folder / checkpoint)
    pixels, pack = _pixels(finished, data)
    classes = len(list(state.values())[-1])  # the last bias
    wanted = outputs(recipe, pack, profile.classes) if pack else classes
    if classes != wanted:
        raise RunError(
            f"{finished.folder}: its network tells {classes} classes apart, "
            f"{profile.dataset} has {wanted}: it was trained on other data"
        )
    size = crop_size(recipe.augmentation, profile.side)
    network = build_network(recipe, classes=classes, side=size)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        path = finished.folder / checkpoint
        raise RunError(f"{path}: not of this recipe: {reason}") from error
    return SavedNetwork(finished.record, recipe, network.eval(), pixels, pack)


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


def _pixels(finished: FinishedRun, data: Path | None) -> tuple[Pixels, Pack | None]:
    """The scaling, and the training set if it is there."""
    recipe, recorded = finished.recipe, _recorded(finished.folder / PIXELS)
    try:
        pack = open_pack(finished.profile.dataset, "train", data)
        pack = of_classes(pack, recipe.classes)
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


def training_pack(finished: FinishedRun, data: Path | None) -> Pack:
    """The training set, of the recipe's classes.

    Raises RunError where it is not what the run was trained on.
    """
    pack = open_pack(finished.profile.dataset, "train", data)
    pack = of_classes(pack, finished.recipe.classes)
    here = pack.manifest["images_sha256"]
    if finished.images not in (here, None):
        raise RunError(
            f"{finished.folder}: was trained on other images than those packed in "
            f"{pack.folder} ({finished.images[:12]} there, {here[:12]} here)"
        )
    return pack


def pack_for_test(finished: FinishedRun, train: Pack, data: Path | None) -> Pack:
    """The test set; raises RunError where its classes or sizes are not `train`'s."""
    pack = open_pack(finished.profile.dataset, "test", data)
    pack = of_classes(pack, finished.recipe.classes)
    if pack.classes != train.classes:
        raise RunError(f"{pack.folder}: other classes than {train.folder}")
    if pack.images.shape[1:] != train.images.shape[1:]:
        raise RunError(
            f"{pack.folder}: images of {pack.images.shape[1:3]} pixels, in "
            f"{train.folder} of {train.images.shape[1:3]}"
        )
    return pack


def whole(pack: Pack) -> Split:
    """All images of a pack that count."""
    return Split(pack.images, pack.labels, pack.rows)


def classifier(
    finished: FinishedRun, data: Path | None, device: torch.device
) -> Classifier:
    """The network with the exported weights, and how it sees images."""
    saved = load_run(finished, data=data)
    augmentation = finished.recipe.augmentation
    return Classifier(saved.network, augmentation, saved.pixels).to(device)


def one_data_set(finished: Sequence[FinishedRun]) -> str:
    """The data set that all were trained on; raises RunError where there are several.

    Some classes of one are another.
    """
    names = sorted({_data(run) for run in finished})
    if len(names) != 1:
        raise RunError(
            f"an ensemble needs runs of one data set, not {', '.join(names) or 'none'}"
        )
    return names[0]


def _data(run: FinishedRun) -> str:
    classes = run.recipe.classes
    return run.profile.dataset + f" ({', '.join(classes)})" * bool(classes)
