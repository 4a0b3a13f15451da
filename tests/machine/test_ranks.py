"""Several processes train as one does, and none outlives or outtalks the others."""

import itertools
import os
import signal
import socket
from datetime import timedelta

import numpy as np
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from repro.cli import main
from repro.machine import ranks as ranks_module
from repro.machine.devices import Compute
from repro.machine.ranks import ONE, Ranks, RanksError, joined
from repro.recipes.presets import RELEASED_145
from repro.recipes.profiles import SMOKE, fitted
from repro.recipes.settings import override
from repro.runs import folder as runs
from repro.training import epoch as epoch_module
from repro.training.train import train
from tests.made.started_ranks import started
from tests.made.tiny_data import write_tiny_data

CHANGES = {
    "width": 0.03,
    "batch_size": 44,
    "epochs": 10,
    "learning_rate": 0.003,
    "pixels": "standardised",
    "stem_std": 0.1,
    "std": 0.15,
    "middle_std": 0.2,
    "hidden_std": 0.15,
    "output_std": 0.15,
    "positive_bias": 0.1,
    "crop": "random",
    "drop_epochs": (4,),
    "late_epochs": (6, 8),
    "hold_out": False,
}  # 45 images: 20 steps; every second one has an image for one rank and none for the other
RECIPE = override(fitted(RELEASED_145, SMOKE), CHANGES)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_tiny_data(root, images=45)
    return root


def run(folder, data, ranks=ONE, say=print):
    compute = Compute(torch.device("cpu"), ranks=ranks)
    options = {"name": "tiny", "seed": 1, "data": data, "say": say}
    return train(RECIPE, SMOKE, run=folder, compute=compute, **options)


def by_all(folder, data):
    with joined() as ranks:
        run(folder, data, ranks)


@pytest.fixture(scope="module")
def reference(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    run(folder, data)
    return folder


def assert_same_within_rounding(folder, reference):
    found, expected = runs.read_metrics(folder), runs.read_metrics(reference)
    for column in ("running_loss", "train_loss"):
        np.testing.assert_allclose(found[column], expected[column], rtol=1e-5)
    for column in ("epoch", "step", "lr"):
        assert found[column].tolist() == expected[column].tolist()
    ours, theirs = (
        torch.load(run / "last.pt", weights_only=True) for run in (folder, reference)
    )
    for name, weight in theirs["network"].items():
        torch.testing.assert_close(ours["network"][name], weight, rtol=1e-4, atol=1e-6)
    assert ours["optimizer"]["param_groups"] == theirs["optimizer"]["param_groups"]


def test_recipe_has_all_that_is_drawn():
    assert RECIPE.network.dropout == 0.5
    assert RECIPE.augmentation.flip and RECIPE.augmentation.colour_noise == "released"


def test_two_processes_train_as_one(data, reference, tmp_path):
    codes, out, err = started(tmp_path, by_all, tmp_path / "run", data)
    assert (codes, err) == ([0, 0], "")
    assert out.count("epoch 10") == 1
    assert_same_within_rounding(tmp_path / "run", reference)
    manifest = runs.read_json(tmp_path / "run/manifest.json")
    assert manifest["status"] == "complete"
    assert manifest["ranks"] == manifest["sessions"][0]["ranks"] == 2


def struck(folder, data, number, step):
    """Train; rank 1 gets the signal after so many steps, and every step is saved."""
    epoch_module.SAVE_SECONDS = 0
    steps = itertools.count(1)

    def strike(*_):
        if next(steps) == step and os.environ["RANK"] == "1":
            os.kill(os.getpid(), number)

    register_optimizer_step_post_hook(strike)
    return main_of(lambda: by_all(folder, data))


def main_of(action):
    """What the command line makes of an error."""
    from repro import commands

    commands.train_one = lambda options, ranks: None
    commands.joined = lambda: _now(action)
    return main(["train", "--recipe", "released-145"])


class _now:
    def __init__(self, action):
        self.action = action

    def __enter__(self):
        self.action()

    def __exit__(self, *_):
        pass


def test_a_killed_rank_ends_the_job_and_one_process_goes_on(data, reference, tmp_path):
    folder = tmp_path / "run"
    codes, _, err = started(tmp_path, struck, folder, data, signal.SIGKILL, 5)
    assert codes == [1, -signal.SIGKILL]
    assert err.startswith("repro: rank 0 of 2: another rank has ended")
    assert err.count("\n") == 1
    assert runs.status(folder) == "running"
    said = []
    run(folder, data, say=said.append)
    assert "goes on with 1 process after 2 processes" in said[0]
    assert "no longer bit for bit" in said[0]
    assert "going on from step 4" in said[1]  # the fifth was under way
    assert_same_within_rounding(folder, reference)
    sessions = runs.read_json(folder / "manifest.json")["sessions"]
    assert [session["ranks"] for session in sessions] == [2, 1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_one_rank_stops_all_after_the_same_step(data, tmp_path, number):
    folder = tmp_path / "run"
    codes, _, err = started(tmp_path, struck, folder, data, number, 3)
    assert codes == [128 + number] * 2
    assert err.endswith(
        "stopped after step 3, saved; the same command goes on from here\n"
    )
    assert err.count("\n") == 1
    state = torch.load(folder / "last.pt", weights_only=True)
    assert state["position"]["step"] == 3
    assert state["position"]["images"] == 44  # of the epoch under way, on both ranks


TRAIN = ["train", "--recipe", "released-145", "--set", "width=0.03", "--device"]


def refused(tmp_path, arguments, **options):
    """The one line that is said of what no rank can do."""
    codes, _, err = started(tmp_path, main, arguments, **options)
    assert codes == [1] * len(codes)
    assert err.startswith("repro: ")
    assert err.count("\n") == 1
    return err


def test_bad_input_is_one_line_of_one_rank(data, tmp_path):
    here = {"REPRO_DATA": str(data), "REPRO_REPORTS": str(tmp_path / "reports")}
    both = {"environments": (here, here)}
    odd = [*TRAIN, "cpu", "--set", "batch_size=45"]
    said = "batch_size 45 cannot be shared out equally among 2 processes; start 1, 3, 5"
    assert said in refused(tmp_path / "odd", odd, **both)
    unknown = ["train", "--recipe", "released-146"]
    assert "unknown recipe" in refused(tmp_path / "unknown", unknown, **both)
    one = refused(tmp_path / "device", [*TRAIN, "cuda:0"], **both)
    assert "--device cuda:0 is one device for 2 processes" in one
    with runs.locked(tmp_path / "held"):
        held = [*TRAIN, "cpu", "--out", str(tmp_path / "held")]
        said = "another process is training this run"
        assert said in refused(tmp_path / "lock", held, **both)


def test_a_rank_without_data_or_with_other_data_is_named(data, tmp_path):
    here = {"REPRO_DATA": str(data), "REPRO_REPORTS": str(tmp_path / "reports")}
    there = here | {"REPRO_DATA": str(tmp_path / "data")}
    lone = refused(tmp_path / "lone", [*TRAIN, "cpu"], environments=(here, there))
    assert lone.startswith("repro: rank 1 of 2: ") and "repro data" in lone
    write_tiny_data(tmp_path / "data", images=50)
    other = refused(tmp_path / "other", [*TRAIN, "cpu"], environments=(here, there))
    assert "rank 1 of 2 has training images with SHA-256" in other
    assert not (tmp_path / "reports").exists()


def unreached(seconds):
    ranks_module.JOIN = timedelta(seconds=seconds)
    return main([*TRAIN, "cpu"])


def test_an_address_that_does_not_answer_is_one_line_in_bounded_time(tmp_path):
    with socket.socket() as held:  # bound, so that nobody else listens there
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        codes, _, err = started(tmp_path, unreached, 1, port=port)
    assert codes == [1, 1]
    lines = [line for line in err.splitlines() if line.startswith("repro: ")]
    assert len(lines) == 1
    assert f"cannot reach 127.0.0.1:{port} within 1 seconds" in lines[0]


def test_a_rank_that_never_comes_is_named(tmp_path):
    lone = ({"WORLD_SIZE": "2"},)
    codes, _, err = started(tmp_path, unreached, 1, ranks=1, environments=lone)
    assert codes == [1]
    lines = [line for line in err.splitlines() if "c10d" not in line]  # torch's own
    assert lines == ["repro: rank 1 of 2 has not come within 1 seconds"]


def test_an_incomplete_environment_is_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(RanksError, match="RANK='': not a number; start with torchrun"):
        joined().__enter__()


def test_rows_are_shared_out_in_order_and_evenly():
    for size, world in itertools.product((0, 1, 5, 128), (1, 2, 3, 8)):
        shares = [Ranks(rank, world).rows(size) for rank in range(world)]
        indices = [k for rows in shares for k in range(size)[rows.here]]
        assert indices == list(range(size))
        counts = [rows.last - rows.first for rows in shares]
        assert max(counts) - min(counts) <= 1
        assert {rows.of for rows in shares} == {size}
