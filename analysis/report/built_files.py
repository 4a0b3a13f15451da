"""The files that a build writes: all of them or none, and those of the last one gone."""

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from repro.runs.folder import RunError, read_json, replacing, write_json

PAGE, LEDGER = "index.html", "ledger.json"
FOLDERS = ("figures", "tables")


def replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files`, the page last, and remove those of a former build.

    A file that somebody changed since is kept. A build that is stopped here is found
    unfinished by the next one, which knows the files of both.
    """
    before = _recorded(folder)
    made = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    _record(folder, before | made)
    for name in sorted(files, key=PAGE.__eq__):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(files[name])
    for name in before.keys() - made.keys():
        if _digest(folder / name) == before[name]:
            (folder / name).unlink()
    _record(folder, made)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _recorded(folder: Path) -> dict[str, str]:
    """The hashes of the last build's files by name; empty where unknown."""
    try:
        files = read_json(_path(folder))["files"]
        return {name: text for name, text in files.items() if _ours(name)}
    except (RunError, LookupError, AttributeError, TypeError):
        return {}


def _ours(name: str) -> bool:
    """Whether a build writes files of this name: nothing else is ever removed."""
    parts = PurePosixPath(name).parts
    return name in (PAGE, LEDGER) or (len(parts) == 2 and parts[0] in FOLDERS)


def _record(folder: Path, files: Mapping[str, str]) -> None:
    write_json(_path(folder), {"files": dict(sorted(files.items()))})


def _path(folder: Path) -> Path:
    return folder / "notebooks" / "page.files.json"
