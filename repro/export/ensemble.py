"""Several runs together: the mean of their probabilities, equally weighted (section 6).

An ensemble is a folder, reports/<profile>/ensembles/<name>/, with errors.csv and
predictions.npz as in a run folder, and a manifest.json that lists its `members`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from repro.export.errors import VIEWS, protocol_of, save_errors, top_five
from repro.machine.devices import set_deterministic
from repro.machine.provenance import now, provenance
from repro.recipes.recipe import crop_size
from repro.runs.exported import ERRORS, PREDICTIONS, lacking
from repro.runs.folder import RunError, locked, read_json, write_json
from repro.trained.run import (
    FinishedRun,
    classifier,
    one_data_set,
    open_finished,
    pack_for_test,
    training_pack,
    whole,
)

FILES = (ERRORS, PREDICTIONS, "manifest.json")


def write_ensemble(
    runs: Sequence[Path],
    *,
    device: torch.device,
    data: Path | None = None,
    name: str | None = None,
) -> Path:
    """Average finished runs of one profile and return the folder written.

    `name` is that of the first run and the number of runs, unless given. Raises
    RunError where a run is not complete, is there twice or was trained on another data
    set, and PackMissing. An ensemble of the same weights is left as it is.
    """
    finished = _opened(runs)
    folder = ensemble_folder(runs, name)
    trains = [training_pack(run, data) for run in finished]
    test = pack_for_test(finished[0], trains[0], data)
    about = {
        "members": ["/".join(run.folder.resolve().parts[-2:]) for run in finished],
        "weights_sha256": [run.weights_sha256() for run in finished],
        "test_sha256": test.manifest["images_sha256"],
    }
    if _is_of(folder, about):
        return folder
    with locked(folder):
        set_deterministic(device.type == "cpu")
        members = [classifier(run, data, device) for run in finished]
        outputs = {member.outputs for member in members}
        if len(outputs) != 1:
            told = " and ".join(map(str, sorted(outputs)))
            raise RunError(
                f"an ensemble needs networks with one number of outputs, not {told}"
            )
        side = test.images.shape[1]
        sizes = sorted({crop_size(each.augmentation, side) for each in members})
        split = whole(test)
        save_errors(
            folder,
            {
                ("test", views): top_five(members, split, views, device)
                for views in VIEWS
            },
            members[0].names(test.classes),
            weights="+".join(sorted({run.weights for run in finished})),
            networks=len(members),
            protocol=lambda views: _protocol(views, sizes, side),
        )
        manifest = {**about, **provenance(device), "ended": now()}
        write_json(folder / "manifest.json", manifest)
    return folder


def ensemble_folder(runs: Sequence[Path], name: str | None = None) -> Path:
    """Where `write_ensemble` puts the ensemble of these runs."""
    first = runs[0].resolve()
    name = name or f"{first.parent.name}-x{len(runs)}"
    return first.parents[2] / "ensembles" / name


def _opened(runs: Sequence[Path]) -> list[FinishedRun]:
    finished = [open_finished(run) for run in runs]
    one_data_set(finished)
    if len({run.resolve() for run in runs}) < len(runs):
        raise RunError("an ensemble has one run twice: name each folder once")
    for run in runs:
        if run.resolve().parents[1].name != "runs":
            raise RunError(
                f"{run}: an ensemble takes folders reports/<profile>/runs/<name>/seed-<k>"
            )
    return finished


def _is_of(folder: Path, about: dict[str, Any]) -> bool:
    """Whether the folder holds the whole ensemble of these weights."""
    if lacking(folder, FILES):
        return False
    return about.items() <= read_json(folder / "manifest.json").items()


def _protocol(views: int, sizes: list[int], side: int) -> str:
    """How the probabilities were made, by networks that see different sizes."""
    seen = " or ".join(protocol_of(views, size, side) for size in sizes)
    return f"mean over networks of {seen}"
