"""`repro export`: what analysis needs of a finished run, as small files beside it.

It is the only command that reads the test split. Every file is whole or not there; what
an interrupted export has written is kept, and the next one goes on from there. A file
that is removed is made again.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch

from repro.export.steps import SHARED, STEPS, Step
from repro.export.subject import Subject, open_subject
from repro.machine.devices import set_deterministic
from repro.machine.process import Interrupted
from repro.machine.provenance import commit, hardware, now, versions
from repro.machine.ranks import ONE, Ranks
from repro.runs import exported, folder
from repro.runs.folder import RunError
from repro.trained.run import FinishedRun, open_finished


def export(
    run: Path,
    *,
    device: torch.device,
    comparison: bool = False,
    data: Path | None = None,
    ranks: Ranks = ONE,
    say: Callable[[str], None] = print,
) -> None:
    """Write into a complete run folder the exported files that are not there.

    With `comparison` it writes only what comparing runs needs: no features, and nothing
    that rests on them. The manifest's `export` says from which weights and by which code
    the files are. Without weights, as in a fresh clone, a folder that holds all small
    files is left as it is. With several `ranks` the steps that see most images are
    shared out; rank 0 alone reads and writes `run`. Raises RunError (not complete, no weights, other data, disk full),
    PackMissing, RanksError and Interrupted; what was written stays.
    """
    names = exported.COMPARISON if comparison else exported.FILES
    finished, entry, missing = ranks.by_first(lambda: _begun(run, names))
    if not missing:
        say(f"{run}: exported, nothing to do")
        return
    todo = {files: step for files, step in STEPS.items() if missing & set(files)}
    with ExitStack() as held:
        ranks.by_first(lambda: _hold(run, held))
        with _stopped(run):
            _write(finished, entry, todo, device, data, ranks, say)


def _hold(run: Path, held: ExitStack) -> None:
    held.enter_context(folder.locked(run))


def _begun(
    run: Path, names: tuple[str, ...]
) -> tuple[FinishedRun, dict[str, Any], set[str]]:
    """The run, what its manifest says of an export, and the ones of `names` to write."""
    finished = open_finished(run)
    entry = finished.manifest.get("export", {})
    missing = _missing(run, entry, names)
    gone = "weights" in entry and not finished.has(entry["weights"])
    if gone and not missing - set(exported.LARGE):
        return finished, entry, set()
    sha256 = finished.weights_sha256()
    weights = {"weights": finished.weights, "weights_sha256": sha256}
    if any(entry.get(key) != value for key, value in weights.items()):
        entry = weights  # never exported, or other weights
    return finished, entry, _missing(run, entry, names)


def _missing(run: Path, entry: dict[str, Any], names: tuple[str, ...]) -> set[str]:
    """The files that this export has not written, or that are gone."""
    unwritten = set(names) - set(entry.get("files", []))
    return unwritten | set(exported.lacking(run, names))


def _write(
    finished: FinishedRun,
    entry: dict[str, Any],
    steps: dict[tuple[str, ...], Step],
    device: torch.device,
    data: Path | None,
    ranks: Ranks,
    say: Callable[[str], None],
) -> None:
    set_deterministic(device.type == "cpu")
    subject = open_subject(finished, device, data, ranks)
    entry = entry | _circumstances(subject)
    for names, step in steps.items():
        if step in SHARED:
            step(subject)
        else:
            ranks.by_first(partial(_alone, step, subject))
        if ranks.first:
            entry = _noted(finished, entry, names)
        say(f"{finished.folder}: {', '.join(names)}")


def _alone(step: Step, subject: Subject) -> None:
    with _stopped(subject.folder):  # for all ranks to hear of it
        step(subject)


@contextmanager
def _stopped(run: Path) -> Iterator[None]:
    again = "what was written stays, the same command goes on from there"
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"{run}: export stopped; {again}", signal.SIGINT) from None
    except OSError as error:
        reason = error.strerror or error
        raise RunError(f"{run}: export failed ({reason}); {again}") from error


def _noted(
    finished: FinishedRun, entry: dict[str, Any], names: tuple[str, ...]
) -> dict[str, Any]:
    """Write into the manifest that these files are whole now."""
    written = {*entry.get("files", []), *names}
    entry = entry | {"files": sorted(written), "ended": now()}
    manifest = finished.manifest | {"export": entry}
    folder.write_json(finished.folder / "manifest.json", manifest)
    return entry


def _circumstances(subject: Subject) -> dict[str, Any]:
    test = subject.packs["test"].manifest
    hashes = {name: test[f"{name}_sha256"] for name in ("images", "labels")}
    return {
        "test_sha256": hashes,
        **commit(),
        "versions": versions(),
        "hardware": hardware(subject.device),
    }
