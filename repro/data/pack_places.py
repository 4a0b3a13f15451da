"""Where packs may be written: files that packing did not write stay as they are.

A folder is judged by what is in it. Files are removed one by one, under the names that
packing gave them; no folder is removed with what is in it.
"""

import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePath

from repro.errors import ReproError

PACK_FILES = (  # of one split; the last two of photographs only
    *("images.npy", "labels.npy", "mean.npy", "manifest.json"),
    *("files.csv", "broken.csv"),
)
RAW = "raw"  # in a data set's folder: files that the user placed there
_ELSEWHERE = "name another place for packs in the environment variable REPRO_DATA, then run again"
NEXT = f"move it elsewhere, or {_ELSEWHERE}"
MAKE_ROOM = f"make room, or {_ELSEWHERE}"
STALE_SECONDS = 3600.0


class PackMissing(ReproError):
    """A data set that was asked for has not been packed."""


class PlaceTaken(PackMissing):
    """Other files lie where packs belong; `what` says where, and which."""

    def __init__(self, what: str):
        self.what = what
        super().__init__(f"{what}; {NEXT}")


def need_place(folder: Path, splits: Iterable[str], source: Path | None = None) -> None:
    """Raise PlaceTaken where packs in <folder>/<split> would meet the user's files.

    They also do where the source and the folder lie in one another, if only through
    links, and where the folder is a link to one with other files. Changes nothing.
    """
    splits = tuple(splits)
    for inner, outer, how in (
        (source, folder, "is or lies in"),
        (folder, source, "holds"),
    ):
        if source is not None and holds(outer, inner):
            raise PlaceTaken(
                f"the source {source} {how} {folder.absolute()}, the place of its packs"
            )
    for split in splits:
        need_pack_or_nothing(folder / split)
    if folder.is_symlink() and folder.is_dir():
        for name in sorted(os.listdir(folder)):
            if name not in (*splits, RAW) and not name.startswith("."):
                raise PlaceTaken(
                    f"{folder.absolute()} is a link to a folder with other files, "
                    f"such as {name!r}"
                )


def need_pack_or_nothing(place: Path) -> None:
    """Raise PlaceTaken unless there is a pack (whole or damaged) or nothing at all.

    Without the manifest of a pack, arrays by the same names may be the user's own.
    """
    need_only(place, PACK_FILES)
    if os.path.isdir(place) and os.listdir(place) and not _has_manifest(place):
        raise PlaceTaken(f"{place.absolute()} has no manifest.json of a pack")


def need_only(place: Path, names: Iterable[str]) -> None:
    """Raise PlaceTaken where `place` is no folder, or holds more than these files.

    `names` are relative to it, with /. A link counts as another file.
    """
    if (other := _foreign(place, names)) is None:
        return
    if other == place:
        raise PlaceTaken(f"{place.absolute()} is a link or a file, no pack's folder")
    name = other.relative_to(place).as_posix()
    raise PlaceTaken(f"{place.absolute()} holds {name!r}, which packing did not write")


def instead_of_pack(place: Path) -> str | None:
    """Return None where a pack is, else the name of something there, '' for nothing."""
    if any(os.path.lexists(place / name) for name in PACK_FILES):
        return None
    if not os.path.isdir(place):  # False, not an error, where access is denied
        return ""
    return min(os.listdir(place), default="")


def holds(folder: Path, path: Path) -> bool:
    """Whether `path` is this folder or lies in it, through links and mounts too."""
    real = Path(os.path.realpath(path))
    return os.path.exists(folder) and any(
        os.path.exists(above) and os.path.samefile(above, folder)
        for above in (real, *real.parents)
    )


def remove(folder: Path, names: Iterable[str]) -> None:
    """Remove these files, and the folders around them if they are empty then.

    `names` are relative to `folder`, with /. Raises OSError where a file cannot go.
    """
    names = tuple(names)
    for name in names:
        (folder / name).unlink(missing_ok=True)
    above = {parent for name in names for parent in PurePath(name).parents}
    for inner in sorted(above, key=lambda inner: -len(inner.parts)):
        with suppress(OSError):  # not there, or other files are left in it
            (folder / inner).rmdir()


def remove_stale(folder: Path, pattern: str, names: Iterable[str]) -> None:
    """Remove folders that a killed process left, if they hold these files alone.

    A folder with a young file stays: another process may be writing it now.
    """
    for left in folder.glob(pattern):
        newest = max(path.lstat().st_mtime for path in [left, *left.rglob("*")])
        if time.time() - newest > STALE_SECONDS:
            with suppress(OSError):
                if _foreign(left, names) is None:
                    remove(left, names)


def _foreign(place: Path, names: Iterable[str]) -> Path | None:
    """Return the first path that is neither one of these files nor a folder of theirs."""
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        return place
    files = {PurePath(name) for name in names}
    folders = {parent for file in files for parent in file.parents}
    if not place.exists():
        return None
    for here, inner, found in os.walk(place, onerror=_raise):
        for name in sorted(inner + found):
            path = Path(here, name)
            known = folders if name in inner else files
            if path.is_symlink() or path.relative_to(place) not in known:
                return path
    return None


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # another process has removed it
        raise error


def _has_manifest(place: Path) -> bool:
    """Whether manifest.json can only be a pack's, though it may contradict the rest."""
    try:
        manifest = json.loads((place / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and {"split", "images_sha256"} <= manifest.keys()
