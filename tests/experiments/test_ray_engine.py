"""Ray with two workers on this machine: equal runs, and none lost."""

import os
import signal
import threading
import time
from dataclasses import dataclass

import pandas as pd
import pytest
import torch

from repro.experiments.experiments import one_after_another
from repro.experiments.session import Session
from repro.experiments.tasks import Run, at_once
from repro.machine.devices import Compute
from repro.machine.process import Interrupted
from repro.recipes.profiles import SMOKE
from repro.runs import folder as runs
from tests.made.tiny_data import write_tiny_data

pytest.importorskip("ray", reason="Ray is not installed")
NET = {"width": 0.1, "batch_size": 40, "epochs": 3}
NAME = "figure1-18pct-modern"
TIMES = ["seconds", "images_per_second", "data_wait_fraction"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two workers of one thread; the data are those of these tests."""
    from repro.experiments.ray_cluster import connected

    data = tmp_path_factory.mktemp("data")
    write_tiny_data(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPRO_DATA", str(data))
        with connected(None, "cpu", 2) as found:
            yield found


def a_session(reports, said=None):
    say = (lambda line: None) if said is None else said.append
    return Session(SMOKE, reports, Compute(torch.device("cpu")), NET, say=say)


def on_ray(cluster, session, jobs):
    from repro.experiments.ray_engine import run_on

    run_on(cluster, session, [at_once(jobs)])


def job(seed, stop=None):
    return Run(NAME, {}, seed) if stop is None else Run(NAME, {}, seed, stop=stop)


def folder(session, job):
    [run] = job.folders(session)
    return run


def assert_same_end(ours, theirs):
    frames = [
        pd.read_csv(run / "metrics.csv", dtype=str).drop(columns=TIMES)
        for run in (ours, theirs)
    ]
    pd.testing.assert_frame_equal(*frames)
    weights = [torch.load(run / "last.pt", weights_only=True) for run in (ours, theirs)]
    for key, tensor in weights[0]["network"].items():
        assert torch.equal(tensor, weights[1]["network"][key]), key


def test_runs_equal_sequential_ones_and_no_failure_costs_another(cluster, tmp_path):
    from repro.experiments.ray_engine import RunsFailed

    def kill_once(number):
        killed = tmp_path / f"killed-{number}"

        def stop(rows):  # in the worker, in the middle of the run
            if rows[-1]["epoch"] == 2 and not killed.exists():
                killed.touch()
                os.kill(os.getpid(), number)

        return stop

    def broken(rows):
        raise ValueError("a bug")

    def refused(rows):
        raise runs.RunError("held by another")

    said = []
    ours, theirs = a_session(tmp_path / "ray", said), a_session(tmp_path / "sequential")
    killed, told_to_end = (kill_once(int(k)) for k in (signal.SIGKILL, signal.SIGTERM))
    jobs = [job(0, killed), job(1, broken), job(2, refused), job(3)]
    with pytest.raises(RunsFailed, match="^2 of 5 tasks failed"):
        on_ray(cluster, ours, [*jobs, job(4, told_to_end)])
    assert [line for line in said if line.startswith("failed: ")] == [
        f"failed: {jobs[1]}: ValueError: a bug",
        f"failed: {jobs[2]}: held by another",
    ]
    one_after_another(theirs, [at_once([job(0), job(3), job(4)])])
    for seed, sessions in ((0, 2), (3, 1), (4, 2)):
        run = folder(ours, job(seed))
        assert_same_end(run, folder(theirs, job(seed)))
        manifest = runs.read_json(run / "manifest.json")
        assert manifest["status"] == "complete"
        assert manifest["hardware"]["threads"] == cluster.cpus == 1
        assert len(manifest["sessions"]) == sessions


def test_a_stage_gets_the_results_of_the_one_before(cluster, tmp_path):
    from repro.experiments.ray_engine import run_on

    @dataclass(frozen=True)
    class Number:
        value: int
        weights = "stay"

        def folders(self, session):
            return []

        def carry_out(self, session):
            return self.value

    sums = []

    def plan():
        sums.append(sum((yield [Number(1), Number(2)])))
        sums.append(sum((yield [Number(sums[0]), Number(4)])))

    run_on(cluster, a_session(tmp_path), [plan()])
    assert sums == [3, 7]


def test_a_signal_leaves_what_the_same_command_goes_on_from(cluster, tmp_path):
    session, begun = a_session(tmp_path / "ray"), tmp_path / "begun"

    def slow(rows):
        begun.touch()
        time.sleep(1)

    def interrupt():
        while not begun.exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(Interrupted, match="stopped with 0 of 1 tasks done"):
        on_ray(cluster, session, [job(5, slow)])
    run = folder(session, job(5))
    assert runs.status(run) == "running" and (run / "last.pt").exists()
    on_ray(cluster, session, [job(5)])
    reference = a_session(tmp_path / "sequential")
    one_after_another(reference, [at_once([job(5)])])
    assert_same_end(run, folder(reference, job(5)))
