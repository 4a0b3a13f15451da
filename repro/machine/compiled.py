"""`--compile`: what a training step does forward and backward through torch.compile.

On CUDA as CUDA graphs, which pays where kernels are shorter than their launch, as in the
paper's batches of 128. That has not been run: tests compile for the CPU alone.
"""

import os
import shutil
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils._triton import has_triton

from repro.errors import ReproError

INSTEAD = "leave --compile away"


class CompileError(ReproError):
    """A network that cannot be compiled as asked."""


def compiled(network: nn.Module, device: torch.device) -> Callable[[Tensor], Tensor]:
    """`network`, its weights included, to be called in training steps.

    The first step compiles, which takes a minute; so does a shorter last batch. Dropout
    masks are those of the network itself, sums agree up to rounding. Raises
    CompileError without a compiler.
    """
    if reason := no_compiler(device):
        raise CompileError(f"{reason}; install one, or {INSTEAD}")
    options = {"fallback_random": True, "triton.cudagraphs": device.type == "cuda"}
    return torch.compile(network, dynamic=False, options=options)


def no_compiler(device: torch.device) -> str | None:
    """Why torch.compile cannot work for this device; None where it can."""
    if device.type == "cuda" and not has_triton():
        return "no Triton for torch.compile"
    wanted = [os.environ.get("CXX"), "c++", "g++", "clang++", "cl"]
    if any(name and shutil.which(name) for name in wanted):
        return None
    return "no C++ compiler for torch.compile"
