"""manifest.json of a training run says what each of its sessions was made with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from repro.data.packs import Pack
from repro.machine.provenance import now, provenance
from repro.networks.two_devices import TwoDevices
from repro.runs import folder
from repro.runs.folder import RunError
from repro.training.plateau import LOW_SIGNAL, low_signal, start_signal
from repro.training.prepare import Training

PROTOCOL = "centre view, no augmentation, at most 10,000 fixed images a split"


def begin(training: Training, pack: Pack, say: Callable[[str], None]) -> dict[str, Any]:
    """Write the manifest of a run that starts or goes on, and return it.

    Before the first step it holds the pre-flight, and `say` is told where it is low.

    The head describes the first session; every session is listed with its commit and
    hardware. Raises RunError where the run was started on other data or in
    another precision.
    """
    path, compute = training.run / "manifest.json", training.compute
    made_with = provenance(compute.device)
    data = {
        "dataset": pack.manifest["dataset"],
        "split": pack.manifest["split"],
        "sha256": {
            "images": pack.manifest["images_sha256"],
            "labels": pack.manifest["labels_sha256"],
        },
    }
    manifest: dict[str, Any] = {
        "status": "running",
        "stop": None,
        **made_with,
        "precision": compute.precision,
        **({"pretrained": training.pretrained} if training.pretrained else {}),
        "deterministic": compute.deterministic,
        "ranks": compute.ranks.world_size,
        "data": data,
        "splits": {name: len(split) for name, split in training.splits.items()},
        "protocol": PROTOCOL,
        "started": now(),
        "ended": None,
        "sessions": [],
    }
    if path.exists():
        manifest = folder.read_json(path)
        if manifest["data"] != data:
            raise RunError(
                f"{training.run}: was started on other data ({data['dataset']} was "
                "packed anew since); remove the folder to train again"
            )
        need_same_precision(training.run, manifest, compute.precision)
        _say_other_ranks(training, manifest, say)
    else:
        manifest["preflight"] = start_signal(training)
        if (manifest["preflight"] or 1.0) < LOW_SIGNAL:
            say(f"{training.run}: {low_signal(manifest['preflight'], training.recipe)}")
    session = {"started": now(), "ranks": compute.ranks.world_size, **made_with}
    if training.compiled:
        session["compiled"] = True
    if isinstance(training.network, TwoDevices):
        session["towers_on"] = [str(device) for device in training.network.devices]
    manifest["sessions"].append(session)
    folder.write_json(path, manifest)
    return manifest


def _say_other_ranks(
    training: Training, manifest: dict[str, Any], say: Callable[[str], None]
) -> None:
    before = manifest["sessions"][-1].get("ranks", 1)
    here = training.compute.ranks.world_size
    if before != here:
        say(
            f"{training.run}: goes on with {_counted(here)} after {_counted(before)}: "
            "the same batches, views and masks, but sums in another order; losses and "
            "weights agree up to rounding, no longer bit for bit"
        )


def _counted(ranks: int) -> str:
    return f"{ranks} process{'es' * (ranks != 1)}"


def need_same_precision(run: Path, manifest: dict[str, Any], precision: str) -> None:
    """Raise RunError where the run is in another precision than the one asked for."""
    if manifest["precision"] != precision:
        raise RunError(
            f"{run}: is a run with --precision {manifest['precision']}, not {precision}; "
            "go on with its own, or remove the folder"
        )


def end(run: Path, manifest: dict[str, Any], *, status: str, stop: str) -> None:
    """Write how the run ended."""
    ended = {"status": status, "stop": stop, "ended": now()}
    folder.write_json(run / "manifest.json", manifest | ended)
