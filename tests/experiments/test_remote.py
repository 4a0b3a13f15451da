"""A task on a worker: with the driver's folder, and on a machine without it."""

import os
import shutil
import sys
from dataclasses import replace

import pytest
import torch

from repro.experiments import remote
from repro.experiments.remote import origin, pack_errand, run_errand
from repro.experiments.session import Laboratory
from repro.experiments.tasks import Average, Job
from repro.recipes.profiles import SMOKE
from repro.runs import folder as runs
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


def lab(reports):
    return Laboratory(SMOKE, reports, torch.device("cpu"), NET, say=lambda line: None)


def errand(task, reports, *, shared, carry=True, threads=1):
    with origin(reports) as here:
        packed = pack_errand(task, lab(reports), here, threads=threads, carry=carry)
        if shared:
            return run_errand(packed)
    return run_errand(packed)  # its mark is gone, as on another machine


JOB = Job("figure1-18pct-modern", {}, 2)


def test_where_the_folder_is_shared_nothing_travels(places):
    driver, worker = places
    outcome = errand(JOB, driver, shared=True)
    assert outcome.failure is None and not outcome.files
    [run] = JOB.folders(lab(driver))
    assert runs.status(run) == "complete" and not worker.exists()
    assert not list(driver.glob(".shared-*"))


def test_elsewhere_the_small_files_come_back_and_the_weights_stay(places):
    driver, worker = places
    outcome = errand(JOB, driver, shared=False)
    [there], [here] = JOB.folders(lab(worker)), JOB.folders(lab(driver))
    assert (there / "last.pt").exists() and not here.exists()
    names = {name.rpartition("/")[2] for name in outcome.files}
    assert {"recipe.json", "manifest.json", "metrics.csv"} <= names
    assert "last.pt" not in names
    remote.write_files(driver, outcome.files)
    assert (here / "metrics.csv").read_bytes() == (there / "metrics.csv").read_bytes()
    manifest = runs.read_json(here / "manifest.json")
    assert manifest["command"] == "repro reproduce"
    # on a third machine what the driver has is not trained again
    shutil.rmtree(worker)
    again = errand(JOB, driver, shared=False)
    assert again.failure is None and not again.files
    assert len(runs.read_json(there / "manifest.json")["sessions"]) == 1


def test_a_run_goes_on_where_its_own_folder_is(places):
    driver, worker = places
    assert errand(replace(JOB, stop=gone), driver, shared=False).failure
    assert errand(JOB, driver, shared=False).failure is None
    [run] = JOB.folders(lab(worker))
    assert len(runs.read_json(run / "manifest.json")["sessions"]) == 2
    assert runs.read_metrics(run)["epoch"].tolist() == [0, 1, 2]


def gone(rows):
    if len(rows) == 2:
        raise runs.RunError("the machine is gone")


def test_an_error_is_a_line_and_its_files_come_back(places):
    driver, _ = places
    outcome = errand(replace(JOB, stop=gone), driver, shared=False)
    assert outcome.failure == "the machine is gone"
    assert any(name.endswith("manifest.json") for name in outcome.files)


def test_an_average_finds_the_weights_of_runs_made_elsewhere(places):
    driver, worker = places
    seeds = [replace(JOB, seed=seed, weights="returned") for seed in (0, 1)]
    for job in seeds:
        outcome = errand(job, driver, shared=False)
        assert any(name.endswith(".pt") for name in outcome.files)
        remote.write_files(driver, outcome.files)
        shutil.rmtree(worker)  # the next one is another machine
    average = Average(JOB.name, (0, 1))
    outcome = errand(average, driver, shared=False)
    assert outcome.failure is None
    names = sorted(name.partition("ensembles/")[2] for name in outcome.files)
    folder = average.folders(lab(driver))[-1].name
    assert names == [
        f"{folder}/{name}"
        for name in ("errors.csv", "manifest.json", "predictions.npz")
    ]


def test_threads_are_those_asked_for_and_recorded(places):
    driver, _ = places
    errand(JOB, driver, shared=True, threads=2)
    [run] = JOB.folders(lab(driver))
    assert runs.read_json(run / "manifest.json")["hardware"]["threads"] == 2


def test_a_worker_with_other_code_refuses(places, monkeypatch):
    driver, _ = places
    with origin(driver) as here:
        there = replace(here, commit="0" * 40)
        packed = pack_errand(JOB, lab(driver), there, threads=1, carry=False)
        monkeypatch.setattr(remote, "commit", lambda: {"commit": "1" * 40})
        outcome = run_errand(packed)
    assert "runs commit 111111111111, the driver 000000000000" in outcome.failure
    assert not JOB.folders(lab(driver))[0].exists()


def test_the_drivers_data_are_used_where_they_are_reachable(places, monkeypatch):
    driver, _ = places
    with origin(driver) as here:
        packed = pack_errand(JOB, lab(driver), here, threads=1, carry=False)
        monkeypatch.setenv("REPRO_DATA", "nowhere")
        assert run_errand(packed).failure is None
        monkeypatch.setenv("REPRO_DATA", "nowhere")
        elsewhere = replace(packed.origin, data=driver / "absent")
        other = replace(packed, origin=elsewhere, task=replace(JOB, seed=9))
        assert "is not packed: looked for" in run_errand(other).failure
    assert os.environ["REPRO_DATA"] == "nowhere"
