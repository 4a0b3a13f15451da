"""A search for the fastest rate that is stopped, anywhere, chooses as if it was not."""

import itertools
import os
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from repro.data.batches import Split
from repro.experiments import rate_search
from repro.experiments.session import Session
from repro.machine.devices import Compute
from repro.machine.process import Interrupted
from repro.recipes.profiles import SMOKE, Activations
from repro.runs import folder
from repro.training import checkpoints, manifests
from repro.training import train as train_module
from repro.training.epoch import Diverged
from repro.training.prepare import Training
from tests.made.tiny_data import write_tiny_data

CPU = torch.device("cpu")
NAME = "figure1-18pct-modern"

# Epochs that each rate needs, its error falling by the same amount in each; steps of the
# rate in the order in which they run; epochs there are; the fastest rate. Laps are of
# two epochs.
WORLDS = {
    # 0.01 is beaten after its second lap, 0.02 arrives in its third; 0.04, beyond the
    # edge, is faster, and 0.08 beyond that is beaten after its second lap
    "the race goes on beyond an edge": (
        {0.005: 10.0, 0.01: 6.5, 0.02: 5.25, 0.04: 4.6, 0.08: 5.5},
        (1, 2, 0.5),
        40,
        0.04,
    ),
    # 0.04 leads after a lap, so that 0.005 drops out, and diverges in the next one;
    # 0.02 arrives in the third and ends 0.01 there
    "the leader diverges": (
        {0.02: 5.75, 0.005: 7.0, 0.04: 5.0, 0.01: 6.4},
        (2, 0.5, 4, 1),
        40,
        0.02,
    ),
    "none arrives in the epochs there are": ({0.01: 15.0, 0.02: 12.0}, (1, 2), 5, 0.02),
}
DIVERGES = {"the leader diverges": (0.04, 3)}  # rate, in which epoch


def error_after(epoch, needed):
    return 0.9 - 0.65 / needed * epoch


@pytest.fixture
def made_up(monkeypatch, request):
    """All of `train` but the arithmetic: what its epochs measure is made up."""
    needed, steps, epochs, best = WORLDS[request.param]
    split = Split(np.zeros(0), np.zeros(0), np.arange(20))
    hashes = {"images_sha256": "0", "labels_sha256": "0"}
    pack = SimpleNamespace(manifest={"dataset": "", "split": "train", **hashes})

    def prepare(recipe, profile, pack, *, seed, run, compute, **_):
        network = nn.Linear(1, 1, bias=False)
        return Training(
            run=run,
            recipe=recipe,
            seed=seed,
            compute=compute,
            network=network,
            optimizer=torch.optim.SGD(network.parameters(), lr=1.0),
            pixels=None,
            splits={"train": split},
            classes=10,
        )

    def train_one_epoch(training, at, last_step, rates, **_):
        if at.step % 2 == 0:  # two steps an epoch, saved in between
            at.step += 1
            checkpoints.save(training.run, training.network, training.optimizer, at)
        if (rates.weights, last_step // 2) == DIVERGES.get(request.param):
            raise Diverged("diverged: loss is nan")
        at.step += 1

    def measured_row(training, *, epoch, rate, at):
        row = {"epoch": epoch, "step": at.step, "lr": rate, "images_per_second": 1.0}
        error = error_after(epoch, needed[rate])
        return row | dict.fromkeys(
            ("running_loss", "train_loss", "train_top1_error"), error
        )

    monkeypatch.setattr(train_module, "open_pack", lambda *_: pack)
    monkeypatch.setattr(train_module, "prepare", prepare)
    monkeypatch.setattr(train_module, "train_one_epoch", train_one_epoch)
    monkeypatch.setattr(train_module, "measured_row", measured_row)
    monkeypatch.setattr(manifests, "provenance", lambda device: {})
    monkeypatch.setattr(rate_search, "LAP", 2)
    monkeypatch.setattr(os, "fsync", lambda file: None)
    plan = Activations(conditions=(NAME,), rate_steps=steps, batch_size=10)
    return plan, {"epochs": epochs}, best


def search(reports, plan, changes, said=None):
    say = (said if said is not None else []).append
    a_session = Session(SMOKE, reports, Compute(CPU), changes, say=say)
    return rate_search.fastest_rate(a_session, plan, NAME, "relu")


def left(reports):
    """How each run ended, and its rows without what depends on the clock."""
    ends = {}
    for run in folder.find_runs(reports, "smoke"):
        manifest = folder.read_json(run / "manifest.json")
        frame = folder.read_metrics(run)
        rows = frame[["epoch", "step", "train_loss", "train_top1_error"]].to_csv()
        ends[run.parent.name] = (manifest["status"], manifest["stop"], rows)
    return ends


@pytest.mark.parametrize("made_up", WORLDS, indirect=True)
def test_stopped_anywhere_it_ends_as_one_that_was_not(made_up, tmp_path, monkeypatch):
    """Killed before rows, weights or manifest are renamed: after every epoch, in its
    middle, and between the files of one moment."""
    plan, changes, best = made_up
    replace = os.replace
    states = []

    def copied(source, target):
        if Path(target).name in ("metrics.csv", "last.pt", "manifest.json"):
            states.append(tmp_path / f"stopped-{len(states)}")
            shutil.copytree(tmp_path / "whole", states[-1])
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", copied)
        said = []
        assert search(tmp_path / "whole", plan, changes, said) == best
    whole = left(tmp_path / "whole")
    for state in states:
        again = []
        assert search(state, plan, changes, again) == best, state
        assert again[-1] == said[-1]
        assert left(state) == whole, state


def test_a_true_search_stopped_by_signals_ends_as_one_that_was_not(
    tmp_path, monkeypatch
):
    """Every 17 steps, with 13 in an epoch: at many places of laps and epochs."""
    write_tiny_data(tmp_path)
    monkeypatch.setenv("REPRO_DATA", str(tmp_path))
    plan = Activations(conditions=(NAME,), rate_steps=(1, 2, 4), batch_size=20)
    changes = {"width": 0.125, "epochs": 12}
    said = []
    best = search(tmp_path / "whole", plan, changes, said)
    whole = left(tmp_path / "whole")
    ended = [len(rows.splitlines()) - 2 for _, _, rows in whole.values()]
    assert len(whole) == 3 and min(ended) >= 8  # they race for several laps
    steps, stops = itertools.count(1), 0

    def strike(*_):
        if next(steps) % 17 == 0:
            os.kill(os.getpid(), signal.SIGTERM)

    hook = register_optimizer_step_post_hook(strike)
    try:
        while True:
            again = []
            try:
                assert search(tmp_path / "stopped", plan, changes, again) == best
                break
            except Interrupted:
                stops += 1
    finally:
        hook.remove()
    assert stops == 13 * sum(ended) // 17
    assert again[-1] == said[-1]
    assert left(tmp_path / "stopped") == whole
