"""Training: it learns, it can be killed at any step, and it fails in one line."""

import itertools
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from repro.machine.devices import Compute
from repro.machine.process import Interrupted
from repro.networks.build import build_network
from repro.recipes.presets import CIFAR_18PCT, RELEASED_145
from repro.recipes.profiles import SMOKE, fitted
from repro.recipes.settings import override
from repro.runs import folder as runs
from repro.runs.folder import RunError
from repro.training import checkpoints, plateau
from repro.training import metrics as metrics_module
from repro.training import train as train_module
from repro.training.epoch import Diverged
from repro.training.train import Stalled, train
from tests.made.tiny_data import write_tiny_data

CPU = torch.device("cpu")
HALF = Compute(CPU, "bfloat16")
RECIPE = override(
    CIFAR_18PCT,
    {
        "scheme": "torch",
        "pixels": "standardised",
        "learning_rate": 0.01,
        "output_weight_decay": 0.0,
        "batch_size": 40,
        "epochs": 3,
        "schedule": "fixed",
        "drop_epochs": (2,),
        "width": 0.25,
    },
)  # 160 training images: 4 steps an epoch, 12 in all
TIMES = ["seconds", "images_per_second", "data_wait_fraction"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_tiny_data(root)
    return root


def run(folder, data, recipe=RECIPE, **options):
    options = {"say": lambda line: None, "compute": Compute(CPU), "seed": 1} | options
    return train(recipe, SMOKE, name="tiny", run=folder, data=data, **options)


def weights(folder):
    return torch.load(folder / "last.pt", weights_only=True)["network"]


def metrics(folder):
    return pd.read_csv(folder / "metrics.csv", dtype=str).drop(columns=TIMES)


def assert_same_end(folder, reference):
    ours, theirs = weights(folder), weights(reference)
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
    pd.testing.assert_frame_equal(metrics(folder), metrics(reference))


@pytest.fixture(scope="module")
def reference(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    run(folder, data)
    return folder


def test_it_learns_and_records(reference):
    frame = runs.read_metrics(reference)
    assert frame["epoch"].tolist() == [0, 1, 2, 3]
    assert frame["step"].tolist() == [0, 4, 8, 12]
    assert frame["lr"].tolist() == pytest.approx([0.01, 0.01, 0.01, 0.001])
    assert frame["train_loss"].iloc[-1] < frame["train_loss"].iloc[0]
    assert frame["val_top1_error"].notna().all()
    assert frame["running_loss"].notna().tolist() == [False, True, True, True]
    manifest = runs.read_json(reference / "manifest.json")
    assert manifest["status"] == "complete"
    assert manifest["stop"] == "all epochs done"
    assert manifest["splits"] == {"train": 160, "val": 100}
    record = runs.read_json(reference / "recipe.json")
    assert record["recipe"]["optimisation"]["drop_epochs"] == [2]
    assert record["seed"] == 1


def test_running_loss_is_the_mean_over_images(data, tmp_path):
    """One epoch at a vanishing rate: the running loss is the loss before training."""
    still = override(
        RECIPE, {"learning_rate": 1e-12, "epochs": 1, "batch_size": 150, "flip": False}
    )
    still = override(still, {"crop": "centre"})
    rows = run(tmp_path, data, still)
    assert rows[1]["running_loss"] == pytest.approx(rows[0]["train_loss"], rel=1e-5)


def test_again_is_a_no_op_and_another_recipe_is_refused(data, reference):
    before = (reference / "metrics.csv").stat().st_mtime_ns
    said = []
    rows = run(reference, data, say=said.append)
    assert "complete, nothing to do" in said[0]
    assert len(rows) == 4
    assert (reference / "metrics.csv").stat().st_mtime_ns == before
    with pytest.raises(RunError, match="momentum is 0.9 there and 0.5 here"):
        run(reference, data, override(RECIPE, {"momentum": 0.5}))


KILLED = """
import os, signal, sys
import torch
from pathlib import Path
from repro.training import epoch
from repro.training.train import train
from tests.training import test_train
epoch.SAVE_SECONDS = float(sys.argv[4])
calls, kill_at, what = 0, int(sys.argv[3]), sys.argv[5]
owner, name = (torch.optim.SGD, "step") if what == "step" else (os, "replace")
plain = getattr(owner, name)
def counted(*arguments, **options):
    global calls
    calls += 1
    if calls == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(*arguments, **options)
setattr(owner, name, counted)
test_train.run(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def killed(folder, data, at, *, save_seconds, what):
    arguments = [str(folder), str(data), str(at), str(save_seconds), what]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def test_sigkill_at_random_steps_changes_nothing(data, reference, tmp_path):
    """Killed twice while checkpoints come every step, once while they come by epoch."""
    rng = np.random.default_rng()
    first, second = sorted(rng.choice(np.arange(2, 12), size=2, replace=False))
    killed(tmp_path, data, first, save_seconds=0, what="step")
    assert runs.status(tmp_path) == "running"
    killed(tmp_path, data, second - first + 1, save_seconds=1e9, what="step")
    run(tmp_path, data)
    assert_same_end(tmp_path, reference)


def test_sigkill_while_files_are_renamed_changes_nothing(data, reference, tmp_path):
    at = np.random.default_rng().integers(4, 20)
    killed(tmp_path, data, at, save_seconds=0, what="rename")
    run(tmp_path, data)
    assert_same_end(tmp_path, reference)


@pytest.mark.parametrize(
    ("number", "step", "pause"),
    [
        (signal.SIGINT, 6, None),  # in the middle of an epoch
        (signal.SIGTERM, 8, None),  # at its last step
        (signal.SIGINT, 12, None),  # in the last step of the run
        (signal.SIGINT, 4, 1),  # and of a lap
    ],
)
def test_a_signal_finishes_the_step_and_saves(
    data, reference, tmp_path, number, step, pause
):
    steps = itertools.count(1)

    def strike(*_):
        if next(steps) == step:
            os.kill(os.getpid(), number)

    hook = register_optimizer_step_post_hook(strike)
    try:
        with pytest.raises(Interrupted, match=f"after step {step}, saved") as raised:
            run(tmp_path, data, pause=pause)
    finally:
        hook.remove()
    assert raised.value.number == number
    said = []
    run(tmp_path, data, say=said.append)
    expected = "nothing to do" if step == 12 else f"going on from step {step}"
    assert expected in said[0]
    assert_same_end(tmp_path, reference)


def test_a_paused_run_goes_on(data, reference, tmp_path):
    assert len(run(tmp_path, data, pause=1)) == 2
    assert runs.status(tmp_path) == "running"
    assert len(run(tmp_path, data, pause=1)) == 2  # nothing is trained again
    run(tmp_path, data)
    assert_same_end(tmp_path, reference)


def test_a_run_beyond_its_pause_is_left_and_shows_its_rows_up_to_there(data, tmp_path):
    rows = run(tmp_path, data, pause=2)
    before = (tmp_path / "manifest.json").read_bytes()
    shown = run(tmp_path, data, pause=1, stop=lambda rows: "not asked")
    assert [row["epoch"] for row in shown] == [0, 1]
    assert shown[1] == rows[1]
    assert (tmp_path / "manifest.json").read_bytes() == before
    run(tmp_path, data)
    assert len(run(tmp_path, data, pause=1)) == 2  # complete
    assert len(run(tmp_path, data, pause=3)) == len(run(tmp_path, data, pause=9)) == 4


def test_a_run_that_diverged_after_its_pause_shows_its_rows_up_to_there(data, tmp_path):
    run(tmp_path, data, pause=1)
    manifest = runs.read_json(tmp_path / "manifest.json")
    failed = {"status": "failed", "stop": "diverged: loss is nan"}
    runs.write_json(tmp_path / "manifest.json", manifest | failed)
    assert [row["epoch"] for row in run(tmp_path, data, pause=0)] == [0]
    assert [row["epoch"] for row in run(tmp_path, data, pause=1)] == [0, 1]
    for pause in (2, None):
        with pytest.raises(Diverged, match="diverged: loss is nan"):
            run(tmp_path, data, pause=pause)


def test_a_damaged_checkpoint_falls_back_and_says_so(data, reference, tmp_path):
    def strike(rows):
        return "enough" if rows[-1]["epoch"] == 2 else None

    run(tmp_path, data, stop=strike)
    manifest = runs.read_json(tmp_path / "manifest.json")
    assert manifest["stop"] == "enough"
    runs.write_json(tmp_path / "manifest.json", manifest | {"status": "running"})
    whole = (tmp_path / "last.pt").read_bytes()
    (tmp_path / "last.pt").write_bytes(whole[: len(whole) // 2])
    said = []
    run(tmp_path, data, say=said.append)
    assert "last.pt: damaged checkpoint, not used" in said[0]
    assert "going on from step 4" in said[1]
    assert_same_end(tmp_path, reference)


def test_the_good_checkpoint_survives_the_next_save(data, tmp_path):
    """After a fallback the damaged file is gone before anything is saved over it."""
    run(tmp_path, data, pause=2)
    (tmp_path / "last.pt").write_bytes(b"damaged")
    run(tmp_path, data, stop=lambda rows: "enough")  # restores epoch 1, trains nothing
    assert not (tmp_path / "previous.pt").exists()
    assert torch.load(tmp_path / "last.pt", weights_only=True)["position"]["step"] == 4


def test_missing_rows_are_refused(data, tmp_path):
    run(tmp_path, data, pause=2)
    (tmp_path / "metrics.csv").unlink()
    with pytest.raises(RunError, match=r"0 rows, but the checkpoint is of epoch 2"):
        run(tmp_path, data)
    (tmp_path / "metrics.csv").write_text("")
    with pytest.raises(RunError, match="not readable"):
        run(tmp_path, data)


def test_other_data_is_refused(data, tmp_path):
    run(tmp_path / "run", data, pause=1)
    write_tiny_data(tmp_path / "data", images=270)
    with pytest.raises(RunError, match="started on other data"):
        run(tmp_path / "run", tmp_path / "data")


def test_sessions_are_listed_and_the_first_one_stays(data, tmp_path):
    run(tmp_path, data, pause=1)
    first = runs.read_json(tmp_path / "manifest.json")
    run(tmp_path, data)
    last = runs.read_json(tmp_path / "manifest.json")
    assert len(first["sessions"]) == 1 and len(last["sessions"]) == 2
    assert last["started"] == first["started"]
    assert last["sessions"][1]["hardware"]["threads"] == torch.get_num_threads()


def test_a_second_process_on_the_same_run_is_refused(data, tmp_path):
    with runs.locked(tmp_path), pytest.raises(RunError, match="another process"):
        run(tmp_path, data)


def test_no_readable_checkpoint_is_refused(tmp_path):
    (tmp_path / "last.pt").write_bytes(b"nothing")
    network = build_network(RECIPE, classes=10, side=32)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with pytest.raises(RunError, match="no checkpoint can be read"):
        checkpoints.restore(tmp_path, network, optimizer, say=lambda line: None)


def test_a_loss_that_is_not_a_number_fails_early(data, tmp_path):
    wild = override(RECIPE, {"learning_rate": 1e12})
    with pytest.raises(
        Diverged, match=r"loss is (nan|inf).*; try a lower learning_rate"
    ):
        run(tmp_path, data, wild)
    manifest = runs.read_json(tmp_path / "manifest.json")
    assert manifest["status"] == "failed"
    assert manifest["stop"].startswith("diverged: loss is")
    before = (tmp_path / "manifest.json").read_bytes()
    (tmp_path / "last.pt").unlink()  # as in a clone, where weights are not
    with pytest.raises(Diverged, match="diverged: loss is"):
        run(tmp_path, data, wild)
    assert (tmp_path / "manifest.json").read_bytes() == before


def test_a_run_on_the_plateau_stops_when_asked_to_and_can_go_on(
    data, tmp_path, monkeypatch
):
    monkeypatch.setattr(plateau, "FIRST_STEP", 8)
    still = override(RECIPE, {"learning_rate": 1e-9})
    with pytest.raises(Stalled, match=r"still ln\(10\) = 2.303.*; stopped and saved"):
        run(tmp_path, data, still, stop_on_plateau=True)
    assert runs.status(tmp_path) == "running"
    assert runs.read_metrics(tmp_path)["step"].max() == 8
    said = []
    assert run(tmp_path, data, still, say=said.append)[-1]["step"] == 12
    assert "is still ln(10) = 2.303" in said[-1]  # else it is reported


def test_half_precision_learns_and_is_not_mixed_with_single(data, tmp_path):
    """Losses within bfloat16's three digits of those in float32; another sum of bits."""
    single = run(tmp_path / "single", data, pause=1)
    half = run(tmp_path / "half", data, pause=1, compute=HALF)
    assert half[1]["running_loss"] != single[1]["running_loss"]
    assert half[1]["running_loss"] == pytest.approx(single[1]["running_loss"], rel=0.01)
    assert half[0] == single[0]  # measured in float32
    assert runs.read_json(tmp_path / "half/manifest.json")["precision"] == "bfloat16"
    refused = "is a run with --precision bfloat16, not float32; go on with its own"
    with pytest.raises(RunError, match=refused):
        run(tmp_path / "half", data)
    run(tmp_path / "half", data, compute=HALF)
    with pytest.raises(RunError, match=refused):  # complete
        run(tmp_path / "half", data)


def test_the_2012_network_in_half_precision_resumes_bit_for_bit(data, tmp_path):
    recipe = override(fitted(RELEASED_145, SMOKE), {"width": 0.03, "epochs": 2})
    options = {"recipe": recipe, "compute": HALF}
    run(tmp_path / "once", data, **options)
    run(tmp_path / "twice", data, pause=1, **options)
    run(tmp_path / "twice", data, **options)
    assert_same_end(tmp_path / "twice", tmp_path / "once")


def test_the_target_error_ends_a_run(data, tmp_path):
    rows = run(tmp_path, data, override(RECIPE, {"stop_train_error": 0.99}))
    assert len(rows) == 1  # chance is below it already
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["stop"] == "train_top1_error at most 0.99"


def test_no_held_out_images_leaves_the_columns_empty(data, tmp_path):
    run(tmp_path, data, override(RECIPE, {"hold_out": False, "epochs": 1}))
    frame = runs.read_metrics(tmp_path)
    assert frame["val_loss"].isna().all()
    assert runs.read_json(tmp_path / "manifest.json")["splits"] == {"train": 260}
    assert not (tmp_path / "best.pt").exists()


def test_best_is_the_lowest_validation_error(data, tmp_path, monkeypatch):
    """Best after epoch 1; the tie of epoch 2 replaces it, the rise of epoch 3 not."""
    errors = iter([0.9, 0.5, 0.5, 0.6])

    def measured(*arguments, **options):
        row = metrics_module.measured_row(*arguments, **options)
        return row | {"val_top1_error": next(errors)}

    monkeypatch.setattr(train_module, "measured_row", measured)
    kept = []
    monkeypatch.setattr(checkpoints, "save_best", lambda run, net: kept.append(1))
    run(tmp_path, data)
    assert len(kept) == 3  # before training, after epochs 1 and 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_few_steps_on_cuda_agree_with_the_cpu(data, tmp_path):
    recipe = override(RECIPE, {"epochs": 1})
    on_cpu = run(tmp_path / "cpu", data, recipe)
    on_cuda = run(
        tmp_path / "cuda", data, recipe, compute=Compute(torch.device("cuda:0"))
    )
    for key in ("running_loss", "train_loss", "val_loss"):
        assert on_cuda[1][key] == pytest.approx(on_cpu[1][key], rel=1e-4)
