"""Many runs on many devices and machines: one Ray task each.

Ray places them, gives each its GPU and starts one again whose worker or machine dies;
what is here is their order, their files and what the user sees.
"""

import os
from dataclasses import replace

import ray
import torch
from tqdm import tqdm

from repro.errors import ReproError
from repro.experiments.queue import Queue, Turn
from repro.experiments.ray_cluster import Cluster
from repro.experiments.remote import (
    Origin,
    Outcome,
    RemoteTask,
    origin,
    remote_task,
    run_remote_task,
    write_files,
)
from repro.experiments.session import Session
from repro.experiments.tasks import Plan
from repro.machine.process import Interrupted, caught

RETRIES = 3  # of a task whose worker or machine dies
GRACE = 60.0  # seconds that interrupted runs have to save their state


class RunsFailed(ReproError):
    """Some tasks have failed; the others are done."""


def run_on(cluster: Cluster, session: Session, plans: list[Plan]) -> None:
    """Carry out all plans at once, as far as workers are free.

    A task that fails is told at the end and ends only its own plan. Raises RunsFailed,
    and Interrupted when the runs under way have saved their state.
    """
    compute = replace(session.compute, device=torch.device(cluster.kind))
    session = replace(session, compute=compute)
    queue, failures = Queue(plans), []
    running: dict[ray.ObjectRef, Turn] = {}
    with origin(session.reports) as here, caught() as signal, _bar() as bar:
        while queue.waiting or running:
            while queue.waiting and len(running) < cluster.slots():
                turn = queue.waiting.popleft()
                running[_submit(turn, cluster, session, here)] = turn
            ready, _ = ray.wait(list(running), timeout=0.5)
            for ref in ready:
                turn, outcome = running.pop(ref), _taken_in(ref, session)
                if outcome.failure is None:
                    queue.done(turn, outcome.result)
                else:
                    queue.failed(turn)
                    failures.append(f"failed: {turn.task}: {outcome.failure}")
                how = "failed" if outcome.failure else "done"
                told = f"{queue.ended} of {queue.known} tasks ended"
                session.say(f"{turn.task}: {how}; {told}")
            _show(bar, queue, len(running), len(failures))
            if number := signal():
                _stop(running, session)
                done = queue.ended - len(failures)
                raise Interrupted(
                    f"stopped with {done} of {queue.known} tasks done; the same "
                    "command goes on from here",
                    number,
                )
    for line in failures:
        session.say(line)
    if failures:
        raise RunsFailed(
            f"{len(failures)} of {queue.known} tasks failed (above); the same command "
            "tries them again"
        )


def _submit(
    turn: Turn, cluster: Cluster, session: Session, here: Origin
) -> ray.ObjectRef:
    task = remote_task(
        turn.task,
        replace(session, say=print),  # Ray brings what a worker prints
        here,
        threads=cluster.cpus,
        carry=not cluster.local,
    )
    remote = ray.remote(
        num_cpus=cluster.cpus,
        num_gpus=1 if cluster.kind == "cuda" else 0,
        max_retries=RETRIES,
    )(_work)
    return remote.options(name="run").remote(task)  # before each line of a worker


def _work(task: RemoteTask) -> Outcome:
    """On a worker: one that is told to end dies, so that Ray starts its task again."""
    try:
        return run_remote_task(task)
    except (Interrupted, SystemExit):
        os._exit(1)


def _taken_in(ref: ray.ObjectRef, session: Session) -> Outcome:
    """What a task has left, its files among the reports."""
    outcome = _outcome(ref, session)
    try:
        write_files(session.reports, outcome.files)
    except ReproError as error:
        return replace(outcome, failure=str(error))
    return outcome


def _outcome(ref: ray.ObjectRef, session: Session) -> Outcome:
    try:
        return ray.get(ref)
    except ray.exceptions.TaskCancelledError:
        return Outcome(failure="stopped")
    except ray.exceptions.RayTaskError as error:  # a bug, or a device out of memory
        session.say(str(error))
        return Outcome(failure=str(error).strip().splitlines()[-1])
    except ray.exceptions.RayError as error:  # died more often than RETRIES
        return Outcome(failure=" ".join(str(error).split())[:300])


def _stop(running: dict[ray.ObjectRef, Turn], session: Session) -> None:
    """Have the tasks under way save their state; those too slow are killed later."""
    if not running:
        return
    session.say(f"stopping: {len(running)} tasks save their state")
    for ref in running:
        ray.cancel(ref)
    saved, _ = ray.wait(list(running), num_returns=len(running), timeout=GRACE)
    for ref in saved:
        _taken_in(ref, session)


def _bar() -> tqdm:
    return tqdm(unit=" runs", disable=None, leave=False)


def _show(bar: tqdm, queue: Queue, running: int, failed: int) -> None:
    bar.total = queue.known
    bar.n = queue.ended
    bar.set_postfix(running=running, failed=failed)
