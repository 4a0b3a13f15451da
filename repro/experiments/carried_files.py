"""The files of run folders as bytes, for machines that share no folder."""

import fnmatch
from collections.abc import Iterable
from pathlib import Path

from repro.runs import folder as runs
from repro.runs.files import replacing
from repro.runs.folder import RunError
from repro.trained.run import open_finished

Files = dict[str, bytes]  # by path below the reports

STAY = ("*.pt", "features-*.npy", "kernels-epoch-*.npy", "*.tmp", "*.lock")


def read_files(reports: Path, folders: Iterable[Path], *, weights: bool) -> Files:
    """The small files of these folders, those of them that are there.

    With `weights` also, of complete runs, the file of the weights that are exported.
    """
    files: Files = {}
    for folder in folders:
        for path in sorted(folder.glob("*")):
            if path.is_file() and not any(fnmatch.fnmatch(path.name, n) for n in STAY):
                files[path.relative_to(reports).as_posix()] = path.read_bytes()
        if weights and _is_run(folder) and runs.status(folder) == "complete":
            finished = open_finished(folder)
            if finished.has(finished.weights):
                path = folder / finished.weights
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
