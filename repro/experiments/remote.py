"""One task as it is handed to a worker of another machine, and what comes back."""

import os
import platform
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import torch

from repro.data.packs import data_root
from repro.errors import ReproError
from repro.experiments.carried_files import Files, ended, read_files, write_files
from repro.experiments.session import Laboratory
from repro.experiments.tasks import Task
from repro.machine.allocator import keep_freed_memory
from repro.machine.devices import find_device
from repro.machine.provenance import commit
from repro.runs.folder import reports_root


class OtherCode(ReproError):
    """A worker with another commit than the one that handed out its work."""


@dataclass(frozen=True)
class Origin:
    """What a worker must know of the process that hands out the work."""

    mark: Path  # a file among the reports: who sees it shares them
    data: Path
    command: list[str]
    commit: str | None


@dataclass(frozen=True)
class Errand:
    """A task with all that a worker needs for it."""

    task: Task
    laboratory: Laboratory  # of the process that hands it out
    origin: Origin
    threads: int
    files: Files = field(default_factory=dict)  # what is done already


@dataclass(frozen=True)
class Outcome:
    """The result of a task, or the line that says why there is none."""

    result: Any = None
    failure: str | None = None
    files: Files = field(default_factory=dict)  # new ones, where nothing is shared


@contextmanager
def origin(reports: Path) -> Iterator[Origin]:
    """This process as an origin; the mark is there as long as the block runs."""
    reports.mkdir(parents=True, exist_ok=True)
    mark = (reports / f".shared-{uuid4().hex}.tmp").resolve()
    mark.touch()
    try:
        yield Origin(mark, data_root().resolve(), sys.argv, commit()["commit"])
    finally:
        mark.unlink(missing_ok=True)


def pack_errand(
    task: Task, laboratory: Laboratory, origin: Origin, *, threads: int, carry: bool
) -> Errand:
    """The errand of this task; with `carry` for a worker that may share no folder.

    Runs that have not ended stay: without their weights they are of no use.
    """
    files: Files = {}
    if carry:
        done = filter(ended, task.folders(laboratory))
        weights = task.weights == "needed"
        files = read_files(laboratory.reports, done, weights=weights)
    return Errand(task, laboratory, origin, threads, files)


def run_errand(errand: Errand) -> Outcome:
    """Do it in this process, among the origin's reports where they are shared.

    Else among the worker's own, whose new files are returned, also of a run that ends
    with an error. Threads, command and, where it is there, the data are the origin's.
    Raises Interrupted where this process is told to end (SIGTERM).
    """
    torch.set_num_threads(errand.threads)
    keep_freed_memory()
    sys.argv[:] = errand.origin.command
    if errand.origin.data.is_dir():
        os.environ["REPRO_DATA"] = str(errand.origin.data)
    shared = errand.origin.mark.exists()
    reports = errand.origin.mark.parent if shared else reports_root()
    laboratory, task = replace(errand.laboratory, reports=reports), errand.task
    result, failure = None, None
    try:
        _need_same_code(errand.origin.commit)
        if not shared:
            write_files(reports, errand.files)
        device = find_device(laboratory.device.type)
        result = task.carry_out(replace(laboratory, device=device))
    except ReproError as error:
        if getattr(error, "number", None) == signal.SIGTERM:
            raise
        failure = str(error)
    if shared:
        return Outcome(result, failure)
    returned = task.weights == "returned"
    there = read_files(reports, task.folders(laboratory), weights=returned)
    new = there.items() - errand.files.items()
    return Outcome(result, failure, dict(new))


def _need_same_code(theirs: str | None) -> None:
    ours = commit()["commit"]
    if theirs and ours and ours != theirs:
        raise OtherCode(
            f"{platform.node()} runs commit {ours[:12]}, the driver {theirs[:12]}: "
            "check out the same one on every machine"
        )
