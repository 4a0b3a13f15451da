"""Where the entries of zip and tar archives lie, so that each can be read by itself.

Nothing is unpacked. Only a compressed tar is decompressed, whole, because it cannot be
read at random. This module does not know what the files mean.
"""

import bz2
import gzip
import lzma
import os
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from repro.errors import ReproError

PIECE_BYTES = 1 << 20
DECOMPRESSED = "source.tar"
COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second begins an empty one
DEFLATED, STORED = zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED


class SourceUnusable(ReproError):
    """What the user named cannot be packed; the text says why and what to do."""

    def __init__(self, reason: object):
        super().__init__(" ".join(str(reason).split()))


class DamagedEntry(Exception):
    """The archive does not give this file back whole."""


class File(NamedTuple):
    """Where the bytes of one file are."""

    name: str  # with /, relative to the source
    size: int  # in bytes
    place: str  # path of the file itself, or of the zip or tar that holds it
    offset: int = 0  # in `place`; in a zip, that of the entry's header
    method: int | None = None  # how a zip compresses it; None outside of a zip
    packed: int = 0  # its compressed bytes in a zip
    crc: int = 0  # its checksum in a zip


def in_zip(place: Path) -> Iterator[File]:
    """Yield the files of a zip. Raises SourceUnusable where not all can be read."""
    try:
        with zipfile.ZipFile(place) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise _no_archive(place, error) from error
    for entry in entries:
        name = _checked_name(entry.filename, place)
        if entry.is_dir():
            continue
        if entry.flag_bits & 1 or entry.compress_type not in (STORED, DEFLATED):
            raise SourceUnusable(
                f"{place}: {name!r} is encrypted or compressed by method "
                f"{entry.compress_type}; allowed: stored, deflated. Unpack it first"
            )
        at = (entry.header_offset, entry.compress_type, entry.compress_size, entry.CRC)
        yield File(name, entry.file_size, str(place), *at)


def zip_entry(place: BinaryIO, file: File) -> bytes:
    """Read one entry without parsing the table of contents, which takes a second.

    `place` stands at the entry's header. Raises DamagedEntry.
    """
    header = place.read(30)
    if header[:4] != ZIP[0] or len(header) < 30:
        raise DamagedEntry("nothing where the zip says it is")
    place.seek(sum(struct.unpack("<HH", header[26:])), os.SEEK_CUR)
    content = place.read(file.packed)
    if file.method == DEFLATED:
        try:
            # max_length 0 would mean: without a limit
            content = zlib.decompressobj(-15).decompress(content, max(1, file.size))
        except zlib.error as error:
            raise DamagedEntry(f"damaged in the zip: {error}") from error
    if len(content) != file.size or zlib.crc32(content) != file.crc:
        raise DamagedEntry("damaged in the zip: wrong checksum")
    return content


def in_tar(place: Path, prefix: str = "", inside: File | None = None) -> Iterator[File]:
    """Yield the files of an uncompressed tar, or of the tar `inside` it.

    `prefix` goes before their names. Raises SourceUnusable for one that is truncated,
    damaged or no tar, where tarfile itself would end quietly.
    """
    start, size = (inside.offset, inside.size) if inside else (0, place.stat().st_size)
    what, stop = inside.name if inside else place, start + size
    with open(place, "rb") as stream:
        stream.seek(start)
        try:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                while (member := archive.next()) and member.offset < stop:
                    archive.members.clear()  # a kilobyte each, for a million of them
                    if member.offset_data + member.size > stop:
                        raise tarfile.ReadError(f"truncated in {member.name!r}")
                    if member.isreg():
                        name = prefix + _checked_name(member.name, what)
                        yield File(name, member.size, str(place), member.offset_data)
                end = archive.offset
        except tarfile.TarError as error:
            raise _no_archive(what, error) from error
        stream.seek(end)
        if any(stream.read(min(512, max(0, stop - end)))):  # a tar ends with zeros
            raise _no_archive(what, f"damaged at byte {end:,}")


def opener_of(start: bytes) -> Callable | None:
    """Return what opens a file compressed as its first bytes say, if it is."""
    return next((COMPRESSED[m] for m in COMPRESSED if start.startswith(m)), None)


def decompressed(source: Path, opener: Callable, folder: Path) -> Path:
    """Decompress `source` into `folder`. Raises OSError only about the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / DECOMPRESSED
    with open(target, "wb") as tar:
        tar.writelines(_pieces(source, opener))
    return target


def _pieces(source: Path, opener: Callable) -> Iterator[bytes]:
    try:
        with opener(source) as stream:
            while piece := stream.read(PIECE_BYTES):
                yield piece
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise _no_archive(source, error) from error


def _checked_name(name: str, what: object) -> str:
    """Refuse a name that points outside, though nothing is written under it."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", name):
        raise SourceUnusable(
            f"{what}: refused, its entry {name!r} points outside of the archive; "
            "fetch it from its publisher, or unpack it yourself and name the folder"
        )
    return str(path)


def _no_archive(what: object, reason: object) -> SourceUnusable:
    return SourceUnusable(
        f"{what}: not a zip or tar archive, truncated or damaged ({reason}); "
        "fetch it again, or name a folder"
    )
