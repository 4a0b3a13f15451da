"""Processes that find each other as torchrun's do, at a fraction of its start-up time.

As torchrun's agent does, the test keeps the store; the processes are forked from a
server that has imported torch once.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch.distributed as dist

LOADED = [
    "tests.made.started_ranks",
    "repro.training.train",
    "torch._inductor",
    "pandas",
]
SECONDS = 100  # for all to end, on a busy machine


def started(
    folder: Path,
    work: Callable,
    *arguments: Any,
    ranks: int = 2,
    port: int | None = None,
    environments: tuple[dict[str, str], ...] = (),
) -> tuple[list[int], str, str]:
    """Run `work(*arguments)` in so many processes: exit codes, stdout and stderr of all.

    `environments` add to what each rank finds; without `port` the store is a new one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    processes = []
    for rank in range(ranks):
        numbers = {"RANK": rank, "WORLD_SIZE": ranks, "LOCAL_RANK": rank}
        numbers |= {"LOCAL_WORLD_SIZE": ranks, "MASTER_PORT": port or store.port}
        environment = {name: str(number) for name, number in numbers.items()}
        environment |= {"MASTER_ADDR": "127.0.0.1", "OMP_NUM_THREADS": "1"}
        environment |= {"TORCHELASTIC_USE_AGENT_STORE": "True"}
        environment |= environments[rank] if environments else {}
        process = context.Process(
            target=_one, args=(folder / str(rank), environment, work, arguments)
        )
        process.start()
        processes.append(process)
    for process in processes:
        process.join(SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
            raise AssertionError(f"a rank hangs; see {folder}")
    said = [
        "".join((folder / f"{rank}.{stream}").read_text() for rank in range(ranks))
        for stream in ("out", "err")
    ]
    return [process.exitcode for process in processes], *said


def _one(path: Path, environment: dict[str, str], work: Callable, arguments) -> None:
    os.environ.update(environment)
    for stream, number in (("out", 1), ("err", 2)):
        os.dup2(os.open(f"{path}.{stream}", os.O_CREAT | os.O_WRONLY), number)
    sys.exit(work(*arguments))
