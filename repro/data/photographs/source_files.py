"""The user's files, in a folder, zip or tar: listed by name, read one at a time."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repro.data.photographs.archives import (
    PIECE_BYTES,
    ZIP,
    DamagedEntry,
    File,
    SourceUnusable,
    decompressed,
    in_tar,
    in_zip,
    opener_of,
    zip_entry,
)

MAX_BYTES = 256 << 20  # of one file: an entry of an archive may claim anything
# The tars inside of which ILSVRC-2012 is published: of a class, of a split.
INNER_TAR = re.compile(r"(?:n\d{8}|(?:ILSVRC2012_img_)?(?:train|val))\.tar")
Files = dict[str, File]


def list_files(source: Path, scratch: Path) -> Files:
    """Return name -> File of all files in a folder or archive, hidden ones left out.

    The tars of ILSVRC-2012 are listed like folders of their names. A compressed
    archive is decompressed into the folder `scratch` and has to stay there. Raises
    SourceUnusable, and OSError when `scratch` cannot be written.
    """
    if os.path.isdir(source):  # False, not an error, where access is denied
        with _reading(source):
            return _visible(_expanded(_in_folder(source)))
    start = _start(source)
    if opener := opener_of(start):
        source = decompressed(source, opener, scratch)
    with _reading(source):
        listed = in_zip(source) if start.startswith(ZIP) else in_tar(source)
        return _visible(_expanded(listed))


def read(file: File) -> bytes:
    """Return the content of one file.

    Raises DamagedEntry for one that an archive cannot give back, and SourceUnusable
    when the place cannot be read at all.
    """
    if file.size > MAX_BYTES:
        raise DamagedEntry(f"{file.size:,} bytes; at most {MAX_BYTES:,} are read")
    with _reading(file.place), open(file.place, "rb") as place:
        place.seek(file.offset)
        if file.method is not None:
            return zip_entry(place, file)
        content = place.read(file.size)
    if len(content) != file.size:
        raise SourceUnusable(
            f"{file.place} has changed or is truncated at {file.name!r}; run again"
        )
    return content


def fingerprint(source: Path) -> str:
    """Return what tells this source from another, without reading it whole.

    For a folder that is names and sizes; for an archive its size, first and last
    megabyte, where a zip keeps its table of contents. Raises SourceUnusable.
    """
    digest = hashlib.sha256()
    with _reading(source):
        if os.path.isdir(source):
            for file in sorted(_visible(_in_folder(source)).values()):
                digest.update(repr((file.name, file.size)).encode())
            return digest.hexdigest()
        with open(source, "rb") as archive:
            size = archive.seek(0, os.SEEK_END)
            digest.update(str(size).encode())
            for start in (0, max(0, size - PIECE_BYTES)):
                archive.seek(start)
                digest.update(archive.read(PIECE_BYTES))
    return digest.hexdigest()


def _start(source: Path) -> bytes:
    with _reading(source), open(source, "rb") as archive:
        return archive.read(6)


@contextmanager
def _reading(source: Path | str) -> Iterator[None]:
    """Turn the system's error about the user's files into SourceUnusable, one line."""
    try:
        yield
    except FileNotFoundError as error:
        raise SourceUnusable(
            f"{error.filename or source}: no such file or folder (or a link to "
            "nothing); name what you have with --source PATH (make ... SOURCE=PATH)"
        ) from error
    except OSError as error:
        raise SourceUnusable(
            f"cannot read {error.filename or source}: {error.strerror or error}; "
            "mend or remove it and run again"
        ) from error


def _in_folder(folder: Path, prefix: str = "", above: tuple = ()) -> Iterator[File]:
    found = folder.stat()
    this = (found.st_dev, found.st_ino)
    if this in above:  # a link to a folder above would never end
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            name, found = prefix + entry.name, entry.stat()
            if stat.S_ISREG(found.st_mode):
                yield File(name, found.st_size, entry.path)
            elif stat.S_ISDIR(found.st_mode):
                yield from _in_folder(Path(entry), name + "/", (*above, this))


def _expanded(files: Iterator[File]) -> Iterator[File]:
    """Replace each tar of ILSVRC-2012 by what is in it, tars in tars too."""
    for file in files:
        if file.method is None and INNER_TAR.fullmatch(file.name.rpartition("/")[2]):
            prefix = file.name.removesuffix(".tar") + "/"
            yield from _expanded(in_tar(Path(file.place), prefix, file))
        else:
            yield file


def _visible(files: Iterator[File]) -> Files:
    return {file.name: file for file in files if not _is_hidden(file.name)}


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
