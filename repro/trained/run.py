"""A finished run, opened: its recipe, its weights, the data it was trained on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from repro.data.batches import Split
from repro.data.class_subset import of_classes
from repro.data.packs import Pack, open_pack
from repro.recipes.profiles import Profile, find_profile
from repro.recipes.recipe import Recipe, RecipeError
from repro.recipes.recorded_recipe import from_dict
from repro.runs import folder as runs
from repro.runs.folder import RunError
from repro.trained.classifier import Classifier
from repro.trained.network import load_run


@dataclass(frozen=True)
class FinishedRun:
    """A complete run folder as its own files describe it."""

    folder: Path
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
        recipe=recipe,
        profile=profile,
        seed=seed,
        manifest=manifest,
        splits=splits,
        images=images,
    )


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
    saved = load_run(finished.folder, checkpoint=finished.weights, data=data)
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
