"""A task on a worker: with the driver's folder, and on a machine without it.

Which files of a run travel, and how they arrive.
"""

import os
import shutil
import sys
from dataclasses import replace

import pytest
import torch

from repro.experiments import remote
from repro.experiments.remote import (
    ended,
    origin,
    read_files,
    remote_task,
    run_remote_task,
    write_files,
)
from repro.experiments.session import Session
from repro.experiments.tasks import Average, Run
from repro.machine.devices import Compute
from repro.recipes.profiles import SMOKE
from repro.runs import folder as runs
from repro.runs.folder import RunError
from tests.made.tiny_finished_run import write_tiny_splits

NET = {"width": 0.1, "batch_size": 40, "epochs": 2}


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A driver's reports, and a worker's own; this process plays both."""
    monkeypatch.setattr(sys, "argv", ["repro", "reproduce"])
    monkeypatch.setenv("REPRO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REPRO_REPORTS", str(tmp_path / "worker"))
    write_tiny_splits(tmp_path / "data")
    threads = torch.get_num_threads()
    yield tmp_path / "driver", tmp_path / "worker"
    torch.set_num_threads(threads)


def a_session(reports):
    return Session(
        SMOKE, reports, Compute(torch.device("cpu")), NET, say=lambda line: None
    )


def task(task, reports, *, shared, carry=True, threads=1):
    with origin(reports) as here:
        packed = remote_task(
            task, a_session(reports), here, threads=threads, carry=carry
        )
        if shared:
            return run_remote_task(packed)
    return run_remote_task(packed)  # its mark is gone, as on another machine


RUN = Run("figure1-18pct-modern", {}, 2)


def test_where_the_folder_is_shared_nothing_travels(places):
    driver, worker = places
    outcome = task(RUN, driver, shared=True)
    assert outcome.failure is None and not outcome.files
    [run] = RUN.folders(a_session(driver))
    assert runs.status(run) == "complete" and not worker.exists()
    assert not list(driver.glob(".shared-*"))


def test_elsewhere_the_small_files_come_back_and_the_weights_stay(places):
    driver, worker = places
    outcome = task(RUN, driver, shared=False)
    [there], [here] = RUN.folders(a_session(worker)), RUN.folders(a_session(driver))
    assert (there / "last.pt").exists() and not here.exists()
    names = {name.rpartition("/")[2] for name in outcome.files}
    assert {"recipe.json", "manifest.json", "metrics.csv"} <= names
    assert "last.pt" not in names
    write_files(driver, outcome.files)
    assert (here / "metrics.csv").read_bytes() == (there / "metrics.csv").read_bytes()
    manifest = runs.read_json(here / "manifest.json")
    assert manifest["command"] == "repro reproduce"
    # on a third machine what the driver has is not trained again
    shutil.rmtree(worker)
    again = task(RUN, driver, shared=False)
    assert again.failure is None and not again.files
    assert len(runs.read_json(there / "manifest.json")["sessions"]) == 1


def test_a_run_goes_on_where_its_own_folder_is(places):
    driver, worker = places
    assert task(replace(RUN, stop=gone), driver, shared=False).failure
    assert task(RUN, driver, shared=False).failure is None
    [run] = RUN.folders(a_session(worker))
    assert len(runs.read_json(run / "manifest.json")["sessions"]) == 2
    assert runs.read_metrics(run)["epoch"].tolist() == [0, 1, 2]


def gone(rows):
    if len(rows) == 2:
        raise RunError("the machine is gone")


def test_an_error_is_a_line_and_its_files_come_back(places):
    driver, _ = places
    outcome = task(replace(RUN, stop=gone), driver, shared=False)
    assert outcome.failure == "the machine is gone"
    assert any(name.endswith("manifest.json") for name in outcome.files)


def test_an_average_finds_the_weights_of_runs_made_elsewhere(places):
    driver, worker = places
    seeds = [replace(RUN, seed=seed, weights="returned") for seed in (0, 1)]
    for one in seeds:
        outcome = task(one, driver, shared=False)
        assert any(name.endswith(".pt") for name in outcome.files)
        write_files(driver, outcome.files)
        shutil.rmtree(worker)  # the next one is another machine
    average = Average(RUN.name, (0, 1))
    outcome = task(average, driver, shared=False)
    assert outcome.failure is None
    names = sorted(name.partition("ensembles/")[2] for name in outcome.files)
    folder = average.folders(a_session(driver))[-1].name
    assert names == [
        f"{folder}/{name}"
        for name in ("errors.csv", "manifest.json", "predictions.npz")
    ]


def test_threads_are_those_asked_for_and_recorded(places):
    driver, _ = places
    task(RUN, driver, shared=True, threads=2)
    [run] = RUN.folders(a_session(driver))
    assert runs.read_json(run / "manifest.json")["hardware"]["threads"] == 2


def test_a_worker_with_other_code_refuses(places, monkeypatch):
    driver, _ = places
    with origin(driver) as here:
        there = replace(here, commit="0" * 40)
        packed = remote_task(RUN, a_session(driver), there, threads=1, carry=False)
        monkeypatch.setattr(remote, "commit", lambda: {"commit": "1" * 40})
        outcome = run_remote_task(packed)
    assert "runs commit 111111111111, the driver 000000000000" in outcome.failure
    assert not RUN.folders(a_session(driver))[0].exists()


def test_the_drivers_data_are_used_where_they_are_reachable(places, monkeypatch):
    driver, _ = places
    with origin(driver) as here:
        packed = remote_task(RUN, a_session(driver), here, threads=1, carry=False)
        monkeypatch.setenv("REPRO_DATA", "nowhere")
        assert run_remote_task(packed).failure is None
        monkeypatch.setenv("REPRO_DATA", "nowhere")
        elsewhere = replace(packed.origin, data=driver / "absent")
        other = replace(packed, origin=elsewhere, task=replace(RUN, seed=9))
        assert "is not packed: looked for" in run_remote_task(other).failure
    assert os.environ["REPRO_DATA"] == "nowhere"


def made_folder(reports, status="complete", kind="runs"):
    path = reports / "smoke" / kind / "name" / "seed-0"
    path.mkdir(parents=True)
    runs.write_json(path / "manifest.json", {"status": status})
    names = ("metrics.csv", "kernels.npy", "last.pt", "features-test.npy")
    for name in (*names, "kernels-epoch-2.npy", "run.lock", "half.tmp"):
        (path / name).write_bytes(name.encode())
    return path


def test_small_files_travel_and_large_ones_stay(tmp_path):
    path = made_folder(tmp_path)
    files = read_files(tmp_path, [path, tmp_path / "absent"], weights=False)
    base = "smoke/runs/name/seed-0/"
    assert sorted(files) == [
        base + name for name in ("kernels.npy", "manifest.json", "metrics.csv")
    ]
    assert files[base + "metrics.csv"] == b"metrics.csv"


def test_they_arrive_as_they_were_with_the_manifest_last(tmp_path, monkeypatch):
    files = read_files(tmp_path / "a", [made_folder(tmp_path / "a")], weights=False)
    placed, plain = [], os.replace

    def replace(source, target):
        placed.append(os.path.basename(target))
        plain(source, target)

    monkeypatch.setattr(os, "replace", replace)
    write_files(tmp_path / "b", files)
    there = tmp_path / "b/smoke/runs/name/seed-0"
    assert read_files(tmp_path / "b", [there], weights=False) == files
    assert placed[-1] == "manifest.json" and len(placed) == 3


def test_a_folder_that_is_held_is_not_written(tmp_path):
    path = made_folder(tmp_path)
    files = {"smoke/runs/name/seed-0/metrics.csv": b"other"}
    with runs.locked(path), pytest.raises(RunError, match="another process"):
        write_files(tmp_path, files)
    assert (path / "metrics.csv").read_bytes() == b"metrics.csv"


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        ("complete", "runs", True),
        ("failed", "runs", True),
        ("running", "runs", False),
        ("", "ensembles", True),
    ],
)
def test_what_has_ended(tmp_path, status, kind, expected):
    path = made_folder(tmp_path, status, kind)
    assert ended(path) is expected
    (path / "manifest.json").write_text("{")  # damaged
    assert not ended(path)
    (path / "manifest.json").unlink()
    assert not ended(path)
