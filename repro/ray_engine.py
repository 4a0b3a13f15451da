"""Many runs on many devices and machines: one Ray task each.

Ray places them, gives each its GPU and starts one again whose worker or machine dies;
what is here is their order, their files and what the user sees.
"""

from dataclasses import replace

import ray
import torch
from tqdm import tqdm

from repro.agenda import Agenda, Turn
from repro.carried_files import write_files
from repro.errands import Origin, Outcome, origin, pack_errand, run_errand
from repro.errors import ReproError
from repro.jobs import Plan
from repro.laboratory import Laboratory
from repro.ray_cluster import Cluster
from repro.signals import Interrupted, caught

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
                turn = running.pop(ref)
                failure = _end(turn, agenda, ref, laboratory)
                failures += [f"{turn.task}: {failure}"] if failure else []
            _show(bar, agenda, len(running), len(failures))
            if number := signal():
                _stop(running, laboratory)
                raise Interrupted(
                    f"stopped with {bar.n - len(failures)} of {agenda.known} tasks "
                    "done; the same command goes on from here",
                    number,
                )
    if failures:
        for line in failures:
            laboratory.say(f"failed: {line}")
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
    )(run_errand)
    return remote.options(name=str(turn.task)).remote(errand)


def _end(
    turn: Turn, agenda: Agenda, ref: ray.ObjectRef, laboratory: Laboratory
) -> str | None:
    """Take in what a task has left; the line that says why it failed, if it did."""
    outcome = _outcome(ref, laboratory)
    try:
        write_files(laboratory.reports, outcome.files)
    except ReproError as error:
        outcome = replace(outcome, failure=str(error))
    if outcome.failure:
        agenda.failed(turn)
        laboratory.say(f"{turn.task}: failed")
    else:
        agenda.done(turn, outcome.result)
        laboratory.say(f"{turn.task}: done")
    return outcome.failure


def _outcome(ref: ray.ObjectRef, laboratory: Laboratory) -> Outcome:
    try:
        return ray.get(ref)
    except ray.exceptions.RayTaskError as error:  # a bug, or a device out of memory
        laboratory.say(str(error))
        return Outcome(failure=str(error).strip().splitlines()[-1])
    except ray.exceptions.RayError as error:  # died more often than RETRIES
        return Outcome(failure=" ".join(str(error).split())[:300])


def _stop(running: dict[ray.ObjectRef, Turn], laboratory: Laboratory) -> None:
    """Have the runs under way save their state; those too slow are killed."""
    laboratory.say(f"stopping: {len(running)} tasks save their state")
    for ref in running:
        ray.cancel(ref)
    if running:
        ray.wait(list(running), num_returns=len(running), timeout=GRACE)


def _bar() -> tqdm:
    return tqdm(unit=" runs", disable=None, leave=False)


def _show(bar: tqdm, agenda: Agenda, running: int, failed: int) -> None:
    bar.total = agenda.known
    bar.n = agenda.known - len(agenda.waiting) - running
    bar.set_postfix(running=running, failed=failed)
