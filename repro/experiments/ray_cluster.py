"""Ray on this machine, or a cluster of it: what a run gets there, and how many fit."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Literal, NamedTuple

from repro.errors import ReproError
from repro.machine.cores import available_cores

SECONDS = 10.0  # until an address where nothing answers is given up
TRIAL = 60.0  # and one where something does


class EngineError(ReproError):
    """Ray that is not installed, not reached or has not what is asked for."""


class Node(NamedTuple):
    """What one machine lends."""

    cpus: int
    gpus: int


@dataclass(frozen=True)
class Cluster:
    """What each run gets."""

    kind: Literal["cpu", "cuda"]
    cpus: int  # a run's, and its threads
    workers: int | None  # runs at once, at most
    local: bool  # started here, for this call

    def slots(self) -> int:
        """How many runs fit now, at least one: machines may come and go."""
        fit = slots(_nodes(_ray()), self.kind, self.cpus)
        return max(1, min(fit, self.workers or fit))


@contextmanager
def connected(
    address: str | None, device: str, workers: int | None
) -> Iterator[Cluster]:
    """Ray on this machine, or at `address` ("auto" or host:port); left at the end.

    Without an address the environment's RAY_ADDRESS counts. Raises EngineError.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise EngineError(
            f"--device {device}: Ray assigns the devices; allowed are auto, cpu, cuda"
        )
    ray = _ray()
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    local = address == "local"
    if not local:
        _need_cluster(address)
    try:
        _start(ray, address)
        nodes = _nodes(ray)
        kind = find_kind(nodes, device)
        cpus = cpus_per_run(nodes, kind, workers)
        if local and workers and workers > slots(nodes, kind, cpus):
            raise EngineError(
                f"--workers {workers}: this machine has room for "
                f"{slots(nodes, kind, cpus)} runs at once, one a "
                f"{'GPU' if kind == 'cuda' else 'core'}"
            )
        yield Cluster(kind, cpus, workers, local)
    finally:
        ray.shutdown()


def find_kind(nodes: list[Node], device: str) -> Literal["cpu", "cuda"]:
    """CUDA where `device` allows it and a machine has it; raises EngineError."""
    has_gpus = any(node.gpus for node in nodes)
    if device == "cuda" and not has_gpus:
        raise EngineError("--device cuda: Ray finds no GPU; use auto or cpu")
    return "cuda" if has_gpus and device != "cpu" else "cpu"


def cpus_per_run(nodes: list[Node], kind: str, workers: int | None) -> int:
    """A GPU's share of its machine; else as many as let `workers` runs fit, or two."""
    if kind == "cuda":
        return max(1, min(node.cpus // node.gpus for node in nodes if node.gpus))
    if not workers:
        return 2 if min(node.cpus for node in nodes) >= 4 else 1
    most = max(node.cpus for node in nodes)
    fitting = [n for n in range(1, most + 1) if slots(nodes, kind, n) >= workers]
    return max(fitting, default=1)


def slots(nodes: list[Node], kind: str, cpus: int) -> int:
    """Runs of `cpus` cores, and a GPU each where `kind` is cuda, that fit at once."""
    fit = [node.cpus // cpus for node in nodes]
    if kind == "cuda":
        fit = [min(cores, node.gpus) for cores, node in zip(fit, nodes, strict=True)]
    return sum(fit)


def _ray() -> ModuleType:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # reports nothing home
    os.environ.setdefault("RAY_DEDUP_LOGS", "0")  # runs say alike lines
    os.environ.setdefault("RAY_COLOR_PREFIX", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError:
        raise EngineError(
            "--engine ray: Ray is not installed; pip install 'ray>=2.50', or leave "
            "--engine away: the runs then go one after another"
        ) from None
    return ray


def _need_cluster(address: str) -> None:
    """Connect once in another process, where it can be given up: Ray has no limit."""
    if address != "auto":
        _need_answer(address)
    code = "import ray, sys; ray.init(address=sys.argv[1], logging_level='error')"
    command = [sys.executable, "-c", code, address]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=TRIAL)
        return
    except subprocess.TimeoutExpired:
        reason = f"no answer in {TRIAL:g} s"
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").splitlines()
        reason = next((line for line in reversed(lines) if "Error" in line), "")[:200]
    raise EngineError(
        f"--address {address}: no Ray cluster there ({reason}); one that asks for a "
        "token needs RAY_AUTH_MODE=token"
    )


def _need_answer(address: str) -> None:
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise EngineError(f"--address {address}: expected auto or host:port")
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise EngineError(
            f"--address {address}: no answer ({reason}); `ray start --head` prints the "
            "address of a cluster"
        ) from None


def _start(ray: ModuleType, address: str) -> None:
    options = {"address": address, "logging_level": "error"}
    if address == "local":
        options |= {"num_cpus": available_cores(), "include_dashboard": False}
    try:
        ray.init(**options)
    except Exception as error:  # plain Exceptions among them
        reason = " ".join(str(error).split())[:200]
        raise EngineError(
            f"Ray did not start ({reason}); a busy machine may be too slow for it: try "
            "again, or run `ray start --head` and add --address auto"
        ) from error


def _nodes(ray: ModuleType) -> list[Node]:
    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return [Node(int(has.get("CPU", 0)), int(has.get("GPU", 0))) for has in alive]
