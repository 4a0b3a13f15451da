"""Checkpoints that survive a kill: last.pt, the one before it, and the best.

Random states need no place in them: every draw is a function of seed and step
(repro.machine.draws), and the step is saved.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from repro.machine.ranks import ONE, Ranks
from repro.runs.folder import RunError


@dataclass
class Position:
    """Where a run is: steps done, and what the unfinished epoch has gathered."""

    step: int = 0
    loss_sum: float = 0.0
    images: int = 0
    seconds: float = 0.0
    wait_seconds: float = 0.0


def save(run: Path, network: nn.Module, optimizer: Optimizer, at: Position) -> None:
    """Write last.pt under a temporary name; the one it replaces becomes previous.pt."""
    state = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "position": vars(at),
    }
    last = run / "last.pt"
    _write(state, last.with_suffix(".pt.tmp"))
    if last.exists():
        os.replace(last, run / "previous.pt")
    os.replace(last.with_suffix(".pt.tmp"), last)


def save_best(run: Path, network: nn.Module) -> None:
    """Write best.pt: the weights with the lowest validation top-1 error so far."""
    _write(network.state_dict(), run / "best.pt.tmp")
    os.replace(run / "best.pt.tmp", run / "best.pt")


def _write(state: dict[str, Any], path: Path) -> None:
    with open(path, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())


def restore(
    run: Path,
    network: nn.Module,
    optimizer: Optimizer,
    say=print,
    ranks: Ranks = ONE,
) -> Position:
    """Load last.pt, or previous.pt when last.pt is damaged, and return the position.

    Rank 0 reads it for all: a checkpoint knows of no ranks, and only one machine need
    have it. A run without checkpoints starts at step 0. Raises RunError when there are
    checkpoints and none can be read.
    """
    state = ranks.by_first(lambda: _read(run, say))
    if state is None:
        return Position()
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    return Position(**state["position"])


def _read(run: Path, say: Callable[[str], None]) -> dict[str, Any] | None:
    found = [run / name for name in ("last.pt", "previous.pt") if (run / name).exists()]
    for path in found:
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # noqa: BLE001 - a damaged file raises many kinds
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            say(f"{path}: damaged checkpoint, not used ({reason[:80]})")
            continue
        os.replace(path, run / "last.pt")  # over a damaged one, never the reverse
        return state
    if found:
        raise RunError(
            f"{run}: no checkpoint can be read; remove the folder to restart"
        )
    return None
