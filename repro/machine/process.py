"""This process and its system: freed memory that is kept, signals as a flag."""

import ctypes
import platform
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from repro.errors import ReproError

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # of mallopt: malloc.h of glibc


def keep_freed_memory() -> bool:
    """Ask glibc to reuse what is freed; whether it is there and agreed.

    It would give the larger activations of a training step back to the system, and
    the next step would wait for the same pages to be cleared again.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    never = -1
    return bool(mallopt(MMAP_MAX, 0) and mallopt(TRIM_THRESHOLD, never))


class Interrupted(ReproError):
    """A run that was asked to stop and has saved its state."""

    def __init__(self, message: str, number: int):
        super().__init__(message)
        self.number = number  # of the signal; the exit status is 128 + it


@contextmanager
def caught() -> Iterator[Callable[[], int | None]]:
    """Yield a function that returns the signal that has come, or None.

    A step is finished before the run is left, on SIGINT and on SIGTERM. A second signal acts as usual. Outside the main thread nothing is caught.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return

    def note(number: int, frame: object) -> None:
        came.append(number)
        restore()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, note) for number in numbers}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    try:
        yield lambda: came[0] if came else None
    finally:
        restore()
