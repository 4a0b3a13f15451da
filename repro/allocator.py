"""Let the C library keep freed memory, so that a step need not fetch it anew."""

import ctypes
import platform

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of mallopt, malloc.h of glibc
LARGEST_MMAP_THRESHOLD = 32 << 20  # bytes; glibc refuses more


def keep_freed_memory() -> bool:
    """Ask glibc to reuse blocks of up to 32 MiB; whether it is there and agreed.

    It would give every activation of a training step back to the system, and the next
    step would wait for the same pages to be cleared again.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    never = 2**31 - 1
    return bool(
        mallopt(MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD)
        and mallopt(TRIM_THRESHOLD, never)
    )
