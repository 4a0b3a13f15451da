"""Freed memory that is kept: blocks above glibc's first limit come back at once."""

import platform
import subprocess
import sys

import pytest

from repro.machine import process

FAULTS = """
import ctypes, resource
from repro.machine.process import keep_freed_memory
if {keep}:
    assert keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
size = 64 << 20
def use():
    blocks = [libc.malloc(ctypes.c_size_t(size)) for _ in range(4)]
    for block in blocks:
        ctypes.memset(block, 1, size)
    for block in blocks:
        libc.free(block)
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_freed_blocks_are_used_again_without_page_faults():
    faults = {}
    for keep in (False, True):
        code = FAULTS.format(keep=keep)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        faults[keep] = int(done.stdout)
    pages = (64 << 20) // 4096
    assert faults[True] < pages / 8
    assert faults[False] > faults[True]


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(process.platform, "libc_ver", lambda: ("", ""))
    assert process.keep_freed_memory() is False
