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
from repro.experiments.carried_files import write_files
from repro.experiments.queue import Agenda, Turn
from repro.experiments.ray_cluster import Cluster
from repro.experiments.remote import (
    Errand,
    Origin,
    Outcome,
    origin,
    pack_errand,
    run_errand,
)
from repro.experiments.session import Laboratory
from repro.experiments.tasks import Plan
from repro.machine.signals import Interrupted, caught

RETRIES = 3  # of a task whose worker or machine dies
GRACE = 60.0  # seconds that interrupted runs have to save their state


class RunsFailed(ReproError):
    """Some tasks have failed; the others are done."""


def run_on(cluster: Cluster, laboratory: Laboratory, plans: list[Plan]) -> None:
    """Carry out all plans at once, as far as workers are free.

    A task that fails is told at the end and ends only its own plan. Raises RunsFailed,
    and Interrupted when the runs under way have saved their state.
    """
    laboratory = replace(laboratory, device=torch.device(cluster.kind))
    agenda, failures = Agenda(plans), []
    running: dict[ray.ObjectRef, Turn] = {}
    with origin(laboratory.reports) as here, caught() as signal, _bar() as bar:
        while agenda.waiting or running:
            while agenda.waiting and len(running) < cluster.slots():
                turn = agenda.waiting.popleft()
                running[_submit(turn, cluster, laboratory, here)] = turn
            ready, _ = ray.wait(list(running), timeout=0.5)
            for ref in ready:
                turn, outcome = running.pop(ref), _taken_in(ref, laboratory)
                if outcome.failure is None:
                    agenda.done(turn, outcome.result)
                else:
                    agenda.failed(turn)
                    failures.append(f"failed: {turn.task}: {outcome.failure}")
                how = "failed" if outcome.failure else "done"
                told = f"{agenda.ended} of {agenda.known} tasks ended"
                laboratory.say(f"{turn.task}: {how}; {told}")
            _show(bar, agenda, len(running), len(failures))
            if number := signal():
                _stop(running, laboratory)
                done = agenda.ended - len(failures)
                raise Interrupted(
                    f"stopped with {done} of {agenda.known} tasks done; the same "
                    "command goes on from here",
                    number,
                )
    for line in failures:
        laboratory.say(line)
    if failures:
        raise RunsFailed(
            f"{len(failures)} of {agenda.known} tasks failed (above); the same command "
            "tries them again"
        )


def _submit(
    turn: Turn, cluster: Cluster, laboratory: Laboratory, here: Origin
) -> ray.ObjectRef:
    errand = pack_errand(
        turn.task,
        replace(laboratory, say=print),  # Ray brings what a worker prints
        here,
        threads=cluster.cpus,
        carry=not cluster.local,
    )
    remote = ray.remote(
        num_cpus=cluster.cpus,
        num_gpus=1 if cluster.kind == "cuda" else 0,
        max_retries=RETRIES,
    )(_work)
    return remote.options(name="run").remote(errand)  # before each line of a worker


def _work(errand: Errand) -> Outcome:
    """On a worker: one that is told to end dies, so that Ray starts its task again."""
    try:
        return run_errand(errand)
    except (Interrupted, SystemExit):
        os._exit(1)


def _taken_in(ref: ray.ObjectRef, laboratory: Laboratory) -> Outcome:
    """What a task has left, its files among the reports."""
    outcome = _outcome(ref, laboratory)
    try:
        write_files(laboratory.reports, outcome.files)
    except ReproError as error:
        return replace(outcome, failure=str(error))
    return outcome


def _outcome(ref: ray.ObjectRef, laboratory: Laboratory) -> Outcome:
    try:
        return ray.get(ref)
    except ray.exceptions.TaskCancelledError:
        return Outcome(failure="stopped")
    except ray.exceptions.RayTaskError as error:  # a bug, or a device out of memory
        laboratory.say(str(error))
        return Outcome(failure=str(error).strip().splitlines()[-1])
    except ray.exceptions.RayError as error:  # died more often than RETRIES
        return Outcome(failure=" ".join(str(error).split())[:300])


def _stop(running: dict[ray.ObjectRef, Turn], laboratory: Laboratory) -> None:
    """Have the tasks under way save their state; those too slow are killed later."""
    if not running:
        return
    laboratory.say(f"stopping: {len(running)} tasks save their state")
    for ref in running:
        ray.cancel(ref)
    saved, _ = ray.wait(list(running), num_returns=len(running), timeout=GRACE)
    for ref in saved:
        _taken_in(ref, laboratory)


def _bar() -> tqdm:
    return tqdm(unit=" runs", disable=None, leave=False)


def _show(bar: tqdm, agenda: Agenda, running: int, failed: int) -> None:
    bar.total = agenda.known
    bar.n = agenda.ended
    bar.set_postfix(running=running, failed=failed)
