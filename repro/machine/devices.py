"""What a run computes on: which device, how precisely and how repeatably."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch

from repro.errors import ReproError
from repro.machine.compiled import INSTEAD, CompileError
from repro.machine.ranks import ONE, Ranks


class DeviceError(ReproError):
    """A device that is not here."""


@dataclass(frozen=True)
class Compute:
    """What a run computes on, and how; raises DeviceError and CompileError where two of
    these exclude each other."""

    device: torch.device
    precision: str = "float32"  # of the layers' products in a training step
    second: torch.device | None = None  # of the second tower, as in the paper
    compiled: bool = False  # training steps go through torch.compile
    ranks: Ranks = ONE  # the processes that train together

    def __post_init__(self) -> None:
        processes = self.ranks.world_size
        if self.compiled and (processes > 1 or self.second):
            raise CompileError(
                f"--compile is for one process on one device; {INSTEAD}, or --devices "
                "and torchrun"
            )
        if self.second and processes > 1:
            raise DeviceError(
                f"--devices {self.device},{self.second}: one tower a device is for one "
                f"process, not {processes}"
            )

    @property
    def deterministic(self) -> bool:
        """Whether the same run gives the same bits again: on the CPU."""
        return self.device.type == "cpu"


def find_compute(
    device: str,
    devices: str | None = None,
    *,
    precision: str = "float32",
    compiled: bool = False,
    ranks: Ranks = ONE,
) -> Compute:
    """What the command line asks for: `--device`, or `--devices A,B`, and the others.

    Raises DeviceError, RanksError and CompileError.
    """
    if not devices:
        return Compute(own_device(device, ranks), precision, None, compiled, ranks)
    if device != "auto":
        raise DeviceError(f"--device {device}, --devices {devices}: leave one away")
    first, second = _two_devices(devices)
    return Compute(first, precision, second, compiled, ranks)


def find_device(name: str = "auto") -> torch.device:
    """`auto` (CUDA where there is one), `cpu`, `cuda` or `cuda:k`.

    Raises DeviceError naming what is here.
    """
    here = ["cpu"] + [f"cuda:{k}" for k in range(torch.cuda.device_count())]
    if name == "auto":
        name = here[-1] if len(here) == 1 else "cuda:0"
    elif name == "cuda":
        name = "cuda:0"
    if name not in here:
        raise DeviceError(
            f"device {name!r} is not available; here: auto, {', '.join(here)}"
        )
    return torch.device(name)


def own_device(name: str, ranks: Ranks) -> torch.device:
    """The device of this rank: with several, each has a CUDA device of its own, or all
    share the CPU. Raises DeviceError, and RanksError where their kinds differ."""
    device = ranks.everywhere(lambda: _own_device(name, ranks))
    ranks.same("device", device.type)
    return device


def _own_device(name: str, ranks: Ranks) -> torch.device:
    if ranks.world_size == 1:
        return find_device(name)
    if name not in ("auto", "cpu", "cuda"):
        raise DeviceError(
            f"--device {name} is one device for {ranks.world_size} processes; use auto, "
            "cuda or cpu"
        )
    count = torch.cuda.device_count()
    if name == "cpu" or (name == "auto" and not count):
        return torch.device("cpu")
    if count < ranks.local_world_size:
        raise DeviceError(
            f"{ranks.local_world_size} processes and {count} CUDA devices on this "
            "machine: start as many as devices, or use --device cpu"
        )
    torch.cuda.set_device(ranks.local_rank)
    return find_device(f"cuda:{ranks.local_rank}")


def _two_devices(names: str) -> tuple[torch.device, ...]:
    """The devices of `--devices A,B`; raises DeviceError where they are not two here."""
    found = tuple(map(find_device, names.split(",")))
    if len(found) != 2:
        raise DeviceError(f"--devices {names}: name two, as cuda:0,cuda:1")
    return found


def need_precision(device: torch.device, precision: str) -> None:
    """Raise DeviceError where the device cannot multiply in `precision`."""
    if precision == "bfloat16" and device.type == "cuda":
        with torch.cuda.device(device):
            if not torch.cuda.is_bf16_supported(including_emulation=False):
                name = torch.cuda.get_device_name(device)
                raise DeviceError(f"{name} has no bfloat16; use --precision float32")


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """Where layers multiply in `precision`; weights and their sums stay float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")


def set_deterministic(on: bool) -> None:
    """Repeat runs bit for bit on the same device, thread count and versions."""
    torch.use_deterministic_algorithms(on)
    # Nothing here reads memory that was not written, so it need not be filled first.
    torch.utils.deterministic.fill_uninitialized_memory = False
    torch.backends.cudnn.benchmark = not on
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
