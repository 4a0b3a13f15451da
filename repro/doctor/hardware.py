"""These checks find what this machine has and measure how fast it is, in seconds."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from repro.doctor.finding import FAIL, OK, WARN, Finding

LITTLE_MEMORY, LITTLE_DISK, NO_DISK = 4e9, 5e9, 2e8  # bytes
SLOW_DISK = 5e7  # bytes a second
CHUNK, AT_MOST, SECONDS = 1 << 23, 1 << 29, 0.4
MATRIX = 1024  # rows and columns
CGROUP = Path("/sys/fs/cgroup/memory.max")  # Linux, in a container


def cores_and_memory() -> Iterator[Finding]:
    """Say which cores and how much memory this process may use."""
    from repro.machine.cores import available_cores

    cores, memory = available_cores(), memory_bytes()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    yield Finding(OK, f"{cores} cores, {load:.1f} busy over the last minute")
    if memory is not None and memory < LITTLE_MEMORY:
        step = "a smaller batch_size, should a run be killed"
        yield Finding(WARN, f"{memory / 1e9:.1f} GB of memory", step)
    elif memory is not None:
        yield Finding(OK, f"{memory / 1e9:.1f} GB of memory")


def memory_bytes() -> int | None:
    """Return the memory of the machine, or of its container where that is less.

    None where the system does not tell.
    """
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return None
    limit = CGROUP.read_text().strip() if CGROUP.exists() else ""
    return min(memory, int(limit)) if limit.isdigit() else memory


def place(what: str, folder: Path, variable: str) -> Iterator[Finding]:
    """Say whether a folder, or the place of one to be made, can be written."""
    folder = folder.absolute()
    there = nearest(folder)
    shown = f"{what} in {folder}"
    elsewhere = f"name another place in {variable}"
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"here")
        free = shutil.disk_usage(there).free
    except OSError as error:
        yield Finding(FAIL, f"{shown}: cannot write ({error.strerror})", elsewhere)
        return
    room = f"{shown}: {free / 1e9:.1f} GB free"
    if free < LITTLE_DISK:
        level = FAIL if free < NO_DISK else WARN
        yield Finding(level, room, f"make room, or {elsewhere}")
    else:
        yield Finding(OK, room)


def nearest(folder: Path) -> Path:
    """Return the folder, or the first above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def disk_speed(folder: Path, stored: Path | None) -> Iterator[Finding]:
    """Measure reading of `stored`, a large file, or of a temporary one in `folder`."""
    try:
        if stored:
            with open(stored, "rb") as file:
                rate = _read_rate(file)
        else:
            with tempfile.TemporaryFile(dir=nearest(folder.absolute())) as file:
                for _ in range(8):
                    file.write(os.urandom(CHUNK))
                file.flush()
                os.fsync(file.fileno())
                rate = _read_rate(file)
    except OSError as error:
        yield Finding(WARN, f"reading could not be measured ({error.strerror})")
        return
    images = rate / (256 * 256 * 3)
    what = f"reads {rate / 1e9:.2f} GB/s: {images:,.0f} images of 256 pixels a second"
    if rate < SLOW_DISK:
        yield Finding(WARN, what, "put the data on a local disk, by REPRO_DATA")
    else:
        yield Finding(OK, what)


def _read_rate(file) -> float:
    """Return bytes per second, without the page cache where it can be dropped."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    file.seek(0)
    start, count = time.perf_counter(), 0
    while count < AT_MOST and time.perf_counter() - start < SECONDS:
        if not (content := file.read(CHUNK)):
            break
        count += len(content)
    return count / (time.perf_counter() - start)


def product_rates() -> Iterator[Finding]:
    """Measure matrix products on the CPU and on each GPU, in float32."""
    import torch

    names = ["cpu"] + [f"cuda:{k}" for k in range(torch.cuda.device_count())]
    for name in names:
        rate = _product_rate(torch.device(name))
        threads = f", {torch.get_num_threads()} threads" if name == "cpu" else ""
        yield Finding(OK, f"{name} multiplies at {rate / 1e9:,.0f} GFLOP/s{threads}")


def _product_rate(device) -> float:
    import torch

    a = torch.ones(MATRIX, MATRIX, device=device)
    b = (a @ a).sum().item()  # warms up, and waits
    start, products = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        for _ in range(4):
            b = a @ a
        b[0, 0].item()
        products += 4
    return products * 2 * MATRIX**3 / (time.perf_counter() - start)
