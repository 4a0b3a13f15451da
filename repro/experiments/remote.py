"""A task as a worker of another machine gets it, and what comes back.

The machines may share no folder: then the small files of runs travel as bytes.
"""

import fnmatch
import os
import platform
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import torch

from repro.data.packs import data_root
from repro.errors import ReproError
from repro.experiments.session import Session
from repro.experiments.tasks import Task
from repro.machine.devices import find_device
from repro.machine.process import keep_freed_memory
from repro.machine.provenance import commit
from repro.runs import folder as runs
from repro.runs.folder import RunError, replacing, reports_root
from repro.runs.names import NOT_COMMITTED
from repro.trained.run import has_weights, open_finished

Files = dict[str, bytes]  # by path below the reports


class OtherCode(ReproError):
    """A worker runs another commit than the process that sends it tasks."""


@dataclass(frozen=True)
class Origin:
    """What a worker must know of the process that sends it tasks."""

    mark: Path  # a file among the reports: who sees it shares them
    data: Path
    command: list[str]
    commit: str | None


@dataclass(frozen=True)
class RemoteTask:
    """A task with all that a worker needs for it."""

    task: Task
    session: Session  # of the process that sends it
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
    """Describe this process; its mark is there as long as the block runs."""
    reports.mkdir(parents=True, exist_ok=True)
    mark = (reports / f".shared-{uuid4().hex}.tmp").resolve()
    mark.touch()
    try:
        yield Origin(mark, data_root().resolve(), sys.argv, commit()["commit"])
    finally:
        mark.unlink(missing_ok=True)


def remote_task(
    task: Task, session: Session, origin: Origin, *, threads: int, carry: bool
) -> RemoteTask:
    """The task with what a worker needs; `carry` where it may share no folder.

    Runs that have not ended stay: without their weights they are of no use.
    """
    files: Files = {}
    if carry:
        done = filter(ended, task.folders(session))
        weights = task.weights == "needed"
        files = read_files(session.reports, done, weights=weights)
    return RemoteTask(task, session, origin, threads, files)


def run_remote_task(remote: RemoteTask) -> Outcome:
    """Carry out the task in this process, among the origin's reports if they are shared.

    If not, it is done among the worker's own reports, whose new files are returned, also
    of a run that ends with an error. Threads, command and, where it is there, the data are the origin's.
    Raises Interrupted where this process is told to end (SIGTERM).
    """
    torch.set_num_threads(remote.threads)
    keep_freed_memory()
    origin, task = remote.origin, remote.task
    sys.argv[:] = origin.command
    if origin.data.is_dir():
        os.environ["REPRO_DATA"] = str(origin.data)
    shared = origin.mark.exists()
    reports = origin.mark.parent if shared else reports_root()
    session = replace(remote.session, reports=reports)
    result, failure = None, None
    try:
        _need_same_code(origin.commit)
        if not shared:
            write_files(reports, remote.files)
        compute = session.compute
        compute = replace(compute, device=find_device(compute.device.type))
        result = task.carry_out(replace(session, compute=compute))
    except ReproError as error:
        if getattr(error, "number", None) == signal.SIGTERM:
            raise
        failure = str(error)
    if shared:
        return Outcome(result, failure)
    returned = task.weights == "returned"
    there = read_files(reports, task.folders(session), weights=returned)
    new = there.items() - remote.files.items()
    return Outcome(result, failure, dict(new))


def _need_same_code(theirs: str | None) -> None:
    ours = commit()["commit"]
    if theirs and ours and ours != theirs:
        raise OtherCode(
            f"{platform.node()} runs commit {ours[:12]}, the driver {theirs[:12]}: "
            "check out the same one on every machine"
        )


def read_files(reports: Path, folders: Iterable[Path], *, weights: bool) -> Files:
    """The small files of these folders, those of them that are there.

    With `weights` also, of complete runs, the file of the weights that are exported.
    """
    files: Files = {}
    for folder in folders:
        for path in sorted(folder.glob("*")):
            if path.is_file() and not any(
                fnmatch.fnmatch(path.name, n) for n in NOT_COMMITTED
            ):
                files[path.relative_to(reports).as_posix()] = path.read_bytes()
        if weights and _is_run(folder) and has_weights(folder):
            path = folder / open_finished(folder).weights
            files[path.relative_to(reports).as_posix()] = path.read_bytes()
    return files


def write_files(reports: Path, files: Files) -> None:
    """Write each at once, a folder's manifest after all that it speaks of.

    Raises RunError where another process holds one of the folders.
    """
    folders = sorted({(reports / name).parent for name in files})
    for folder in folders:
        with runs.locked(folder):
            own = [name for name in files if (reports / name).parent == folder]
            for name in sorted(own, key=lambda name: name.endswith("manifest.json")):
                with replacing(reports / name) as file:
                    file.write(files[name])


def ended(folder: Path) -> bool:
    """Whether the folder holds a run that has ended, or a whole ensemble."""
    try:
        manifest = runs.read_json(folder / "manifest.json")
    except RunError:  # absent or damaged: told by whoever needs it
        return False
    return not _is_run(folder) or manifest["status"] in ("complete", "failed")


def _is_run(folder: Path) -> bool:
    return folder.parents[1].name == "runs"
