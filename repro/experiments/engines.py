"""Who carries out plans: this process, one task after another, or Ray, many at once."""

from collections.abc import Callable

from repro.experiments.queue import next_stage
from repro.experiments.session import Laboratory
from repro.experiments.tasks import Plan

Engine = Callable[[Laboratory, list[Plan]], None]


def one_after_another(laboratory: Laboratory, plans: list[Plan]) -> None:
    """Every task in its turn, in this process; the first error ends all."""
    for plan in plans:
        results = None
        while tasks := next_stage(plan, results):
            results = [task.carry_out(laboratory) for task in tasks]


def on_ray(
    address: str | None,
    device: str,
    workers: int | None,
    laboratory: Laboratory,
    plans: list[Plan],
) -> None:
    """As many tasks at once as Ray has room for; raises EngineError, RunsFailed.

    Without an address Ray is started here for this call. `device` is auto, cpu or cuda.
    """
    from repro.experiments.ray_cluster import connected

    with connected(address, device, workers) as cluster:
        from repro.experiments.ray_engine import run_on  # only where Ray is installed

        run_on(cluster, laboratory, plans)
