"""The files that a build wrote: whether they are still whole, and which are stale."""

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from analysis.inputs import Inputs, digest
from repro.runs import RunError, read_json, write_json

PAGE = "index.html"
FOLDERS = ("figures", "tables")


def current(folder: Path, inputs: Inputs) -> bool:
    """Whether the files of `folder` were made from `inputs` and none has changed."""
    recorded = _recorded(folder)
    files = recorded["files"]
    if recorded["inputs"] != inputs or PAGE not in files:
        return False
    return all(digest(folder / name) == content for name, content in files.items())


def replace(folder: Path, inputs: Inputs, files: Mapping[str, bytes]) -> None:
    """Write `files`, the page last, and remove those of a former build.

    A file that somebody changed since is kept. A build that is stopped here is found
    unfinished by the next one, which knows the files of both.
    """
    from repro.atomic_files import replacing  # which imports NumPy

    before = _recorded(folder)["files"]
    made = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    _record(folder, {}, before | made)
    for name in sorted(files, key=PAGE.__eq__):
        path = folder / name
        if digest(path) != made[name]:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as file:
                file.write(files[name])
    for name in before.keys() - made.keys():
        if digest(folder / name) == before[name]:
            (folder / name).unlink()
    _record(folder, inputs, made)


def _recorded(folder: Path) -> dict[str, dict[str, str]]:
    """Inputs of the last build and the hashes of its files; empty where unknown."""
    try:
        record = read_json(_path(folder))
        files = {name: text for name, text in record["files"].items() if _ours(name)}
        return {"inputs": dict(record["inputs"]), "files": files}
    except (RunError, LookupError, AttributeError, TypeError, ValueError):
        return {"inputs": {}, "files": {}}


def _ours(name: str) -> bool:
    """Whether a build writes files of this name: nothing else is ever removed."""
    parts = PurePosixPath(name).parts
    return name == PAGE or (len(parts) == 2 and parts[0] in FOLDERS)


def _record(folder: Path, inputs: Inputs, files: Mapping[str, str]) -> None:
    write_json(_path(folder), {"inputs": inputs, "files": dict(sorted(files.items()))})


def _path(folder: Path) -> Path:
    return folder / "notebooks" / "page.inputs.json"
