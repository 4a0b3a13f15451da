"""Weights from elsewhere as a run folder, so that everything else works on them.

`<recipe>+weights=<file>/seed-0/` holds recipe.json, manifest.json (status complete,
stop "imported", the file's SHA-256), last.pt, pixels.npz (the scaling the weights need,
for `repro.trained.run`) and a metrics.csv of its header alone: no epoch was trained,
so there is no row, and one measured here would not be the authors' training.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from repro.data.packs import Pack, PackMissing, open_pack
from repro.machine.provenance import now, provenance
from repro.recipes import profiles, settings
from repro.recipes.profiles import Profile
from repro.recipes.recipe import crop_size
from repro.runs import folder, names
from repro.trained.run import write_pixels
from repro.training import checkpoints
from repro.training.checkpoints import Position
from repro.training.update_rule import build_optimizer
from repro.weights.class_order import (
    ImportRefused,
    check_labels,
    read_classes,
    rows_of,
)
from repro.weights.read import ForeignWeights, network_of, read_weights

SEED = 0  # of the folder: nothing was drawn


def import_weights(
    source: Path,
    *,
    profile: Profile,
    reports: Path,
    data: Path | None = None,
    classes: Path | None = None,
    checked: bool = True,
    say: Callable[[str], None] = print,
) -> Path:
    """Make a run folder of the weights in `source`; return it.

    The network's outputs become the classes of the profile's data in their order:
    `classes` is a text file that names the outputs, one a line; without it they must be
    as many as the data has. With `checked` the label check refuses weights that do not
    classify training images; without it the data need not be there. The same file again
    changes nothing. Raises ImportRefused, OnnxError, RunError and PackMissing.
    """
    source = Path(source)
    weights = read_weights(source)
    _check_side(weights, profile, source)
    listed = read_classes(classes) if classes else weights.classes
    pack = _pack(profile, data, checked)
    weights, order = _ordered(weights, pack, listed)
    run = _folder(weights, source, reports, profile)
    about = {"file": source.name, "sha256": _sha256(source), "kind": weights.kind}
    about |= {"classes": order, "canary": "skipped"}  # the label check, in manifests
    if _is_there(run, about, checked):
        say(f"{run}: complete, nothing to do")
        return run
    network = network_of(weights)
    if checked:
        augmentation = weights.recipe.augmentation
        about["canary"] = check_labels(network, pack, augmentation, weights.pixels)
        say(about["canary"])
    with folder.locked(run):
        folder.claim(run, _record(weights, run, profile))
        _write(run, weights, network)
        manifest = _manifest(weights, pack, about, profile)
        folder.write_json(run / "manifest.json", manifest)
    say(f"{run}: {weights.kind}; {order}")
    return run


def _check_side(weights: ForeignWeights, profile: Profile, source: Path) -> None:
    size = crop_size(weights.recipe.augmentation, profile.side)
    if size != weights.side:
        raise ImportRefused(
            f"{source}: weights for {weights.side} x {weights.side} pixels; recipe "
            f"{weights.name} shows {size} x {size} of the {profile.side} of profile "
            f"{profile.name}: take a profile whose images fit"
        )


def _pack(profile: Profile, data: Path | None, checked: bool) -> Pack | None:
    try:
        return open_pack(profile.dataset, "train", data)
    except PackMissing as error:
        if not checked:
            return None
        raise PackMissing(f"{error}; or import without it: --no-canary") from error


def _ordered(
    weights: ForeignWeights, pack: Pack | None, listed: tuple[str, ...] | None
) -> tuple[ForeignWeights, str]:
    """The weights with an output for each class of `pack`, and in words by which order."""
    *_, weight, bias = weights.state
    outputs = weights.outputs
    if pack is None:
        return weights, f"{outputs} outputs in the file's order, not compared with data"
    rows = rows_of(pack, outputs, listed)
    kept = {name: weights.state[name][rows] for name in (weight, bias)}
    how = "taken to be in the order of the data"
    if listed:
        digest = hashlib.sha256("\n".join(listed).encode()).hexdigest()
        how = f"by their list (SHA-256 {digest[:12]}...)"
    order = f"{len(rows)} of {outputs} outputs, {how}"
    return replace(weights, state=weights.state | kept), order


def _folder(
    weights: ForeignWeights, source: Path, reports: Path, profile: Profile
) -> Path:
    label = re.sub(r"[^A-Za-z0-9._-]+", "-", source.stem)
    name = f"{weights.name}+weights={label}"
    return folder.run_folder(reports, profile.name, name, SEED)


def _record(weights: ForeignWeights, run: Path, profile: Profile) -> dict[str, Any]:
    return {
        "name": run.parent.name,
        "recipe": settings.as_dict(weights.recipe),
        # as many outputs as the weights have classes, and none without a class
        "profile": profiles.as_dict(profile) | {"classes": 0},
        "seed": SEED,
    }


def _is_there(run: Path, about: dict[str, str], checked: bool) -> bool:
    """Whether nothing is left to do; raises ImportRefused where others are there."""
    if folder.status(run) != "complete":
        return False
    there = folder.read_json(run / "manifest.json").get("weights", {})
    for key in ("sha256", "classes"):
        if there.get(key) != about[key]:
            raise ImportRefused(
                f"{run}: holds other weights: {key} is {there.get(key)!r} there and "
                f"{about[key]!r} here; rename the file or remove the folder"
            )
    return not checked or there["canary"] != "skipped"


def _write(run: Path, weights: ForeignWeights, network: nn.Sequential) -> None:
    write_pixels(run, weights.pixels)
    optimizer = build_optimizer(network, weights.recipe.optimisation)
    (run / "last.pt").unlink(missing_ok=True)  # of an import that was killed
    checkpoints.save(run, network, optimizer, Position())
    folder.write_metrics(run, [])


def _manifest(
    weights: ForeignWeights, pack: Pack | None, about: dict[str, str], profile: Profile
) -> dict[str, Any]:
    time = now()
    mean, divisor = (
        ", ".join(f"{value:.3f}" for value in array.reshape(-1, 3).mean(0))
        for array in (weights.mean, weights.divisor)
    )
    return {
        "status": "complete",
        "stop": names.IMPORTED,
        **provenance(torch.device("cpu")),
        "command": f"repro import {about['file']} --profile {profile.name}",
        "precision": "float32",
        "weights": about,
        "data": pack and _data(pack),
        "splits": {},
        "sessions": [],
        "protocol": f"RGB 0-255 minus {mean} (mean colour) over {divisor}; pixels.npz",
        "started": time,
        "ended": time,
    }


def _data(pack: Pack) -> dict[str, Any]:
    manifest = pack.manifest
    hashes = {name: manifest[f"{name}_sha256"] for name in ("images", "labels")}
    return {
        "dataset": manifest["dataset"],
        "split": manifest["split"],
        "sha256": hashes,
    }


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
