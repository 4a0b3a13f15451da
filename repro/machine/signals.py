"""SIGINT and SIGTERM as a flag, so that a step is finished before the run is left."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from repro.errors import ReproError


class Interrupted(ReproError):
    """A run that was asked to stop and has saved its state."""

    def __init__(self, message: str, number: int):
        super().__init__(message)
        self.number = number  # of the signal; the exit status is 128 + it


@contextmanager
def caught() -> Iterator[Callable[[], int | None]]:
    """Yield a function that returns the signal that has come, or None.

    A second signal acts as usual. Outside the main thread nothing is caught.
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
