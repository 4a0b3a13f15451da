"""Let the C library keep freed memory, so that a step need not fetch it anew."""

import ctypes
import platform

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
