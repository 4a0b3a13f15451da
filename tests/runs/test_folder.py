"""The run folder: atomic files, the lock, and what makes two runs the same."""

import errno
import math
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from repro.recipes.profiles import SMOKE
from repro.runs import folder as runs
from repro.runs import names
from repro.runs.folder import RunError


def record(**changes):
    base = {
        "name": "r",
        "recipe": {"network": {"activation": "relu"}, "hold_out": True},
        "profile": {"dataset": "d", "side": 32, "validation_images": 5, "note": ""}
        | {"validation_by_class": False},
        "seed": 0,
    }
    return base | changes


def test_a_folder_that_holds_another_run_is_refused_by_name(tmp_path):
    runs.claim(tmp_path, record())
    runs.claim(tmp_path, record())  # the same again
    other = {"network": {"activation": "tanh"}, "hold_out": True}
    with pytest.raises(RunError, match="recipe.network.activation is 'relu' there"):
        runs.claim(tmp_path, record(recipe=other))
    with pytest.raises(RunError, match="seed is 0 there and 1 here"):
        runs.claim(tmp_path, record(seed=1))
    profile = record()["profile"]
    with pytest.raises(RunError, match="profile.dataset is 'd' there and 'e' here"):
        runs.claim(tmp_path, record(profile=profile | {"dataset": "e"}))
    # what a profile says about itself may change without touching its runs
    runs.claim(tmp_path, record(profile=profile | {"note": "new"}))


def test_a_recipe_that_is_not_json_is_one_clear_line(tmp_path):
    (tmp_path / "recipe.json").write_text("{")
    with pytest.raises(RunError, match=r"recipe.json: not readable as JSON"):
        runs.claim(tmp_path, record())


def test_a_second_process_is_refused_while_the_first_lives(tmp_path):
    program = (
        "import sys, pathlib\nfrom repro.runs import folder as runs\n"
        "with runs.locked(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunError, match="another process"), runs.locked(tmp_path):
            pass
        holder.kill()
    with runs.locked(tmp_path):  # the lock went with the process
        pass


@pytest.mark.skipif(os.name == "nt", reason="Windows has locks of another kind")
@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_is_named(tmp_path, monkeypatch, number):
    """Also beside the file that an earlier lock has left."""
    import fcntl

    def refused(file, operation):
        raise OSError(number, os.strerror(number))

    with runs.locked(tmp_path):
        pass
    monkeypatch.setattr(fcntl, "flock", refused)
    with (
        pytest.raises(RunError, match="a file system without locks.*REPRO_REPORTS"),
        runs.locked(tmp_path),
    ):
        pass


def test_the_users_folder_is_meant_by_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # of Windows
    monkeypatch.setenv("REPRO_REPORTS", "~/results")
    assert runs.reports_root() == tmp_path / "results"


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(RunError, match="cannot write here"),
        runs.locked(tmp_path / "file" / "run"),
    ):
        pass


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "manifest.json"
    runs.write_json(path, {"status": "running"})
    with pytest.raises(TypeError):
        runs.write_json(path, {"status": object()})
    assert runs.status(tmp_path) == "running"
    assert runs.status(tmp_path / "elsewhere") == "absent"


def test_metrics_come_back_and_missing_columns_are_named(tmp_path):
    rows = [
        {"epoch": 0, "step": 0, "lr": 0.1, "train_top1_error": 0.9},
        {"epoch": 1, "step": 5, "lr": 0.1, "train_top1_error": 1 / 3},
    ]
    runs.write_metrics(tmp_path, rows)
    frame = runs.read_metrics(tmp_path)
    assert tuple(frame.columns) == runs.METRICS
    assert frame["train_top1_error"].tolist() == pytest.approx([0.9, 1 / 3], abs=1e-9)
    assert frame["val_loss"].isna().all()
    first = (tmp_path / "metrics.csv").read_bytes()
    runs.write_metrics(tmp_path, frame.to_dict("records"))
    assert (tmp_path / "metrics.csv").read_bytes() == first
    (tmp_path / "metrics.csv").write_text("epoch,step\n0,0\n")
    with pytest.raises(RunError, match="columns missing: lr, running_loss"):
        runs.read_metrics(tmp_path)


def test_run_folders_are_found_where_they_are_put(tmp_path):
    folder = runs.run_folder(tmp_path, SMOKE.name, "a+flip=false", 3)
    assert folder == tmp_path / "smoke" / "runs" / "a+flip=false" / "seed-3"
    runs.write_json(folder / "manifest.json", {"status": "complete"})
    (tmp_path / "smoke" / "runs" / "b" / "seed-0").mkdir(parents=True)
    assert runs.find_runs(tmp_path, "smoke") == [folder]
    assert runs.find_runs(tmp_path, "cifar10") == []


def test_reports_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.delenv("REPRO_REPORTS", raising=False)
    here = runs.reports_root()
    monkeypatch.chdir(tmp_path)
    assert runs.reports_root() == here
    monkeypatch.setenv("REPRO_REPORTS", str(tmp_path))
    assert runs.reports_root() == tmp_path


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([0.9, 0.5, 0.3, 0.2], 2.5),  # half way from 0.3 to 0.2
        ([0.9, 0.25], 1.0),
        ([0.9, 0.1, 0.4, 0.2], 0.8125),  # the first crossing: 0.65 of 0.8
        ([0.2, 0.1], 0),
        ([0.9, 0.3], math.inf),
        ([], math.inf),
    ],
)
def test_epochs_to_a_level(errors, expected):
    assert runs.epochs_to(range(len(errors)), errors, 0.25) == pytest.approx(expected)


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "rows.npy"
    runs.save_array(path, np.arange(3))

    def broken():
        yield np.zeros((2, 4))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.save_rows(path, (5, 4), np.float16, broken())
    assert [file.name for file in tmp_path.iterdir()] == ["rows.npy"]
    assert np.load(path).tolist() == [0, 1, 2]


def test_rows_become_one_array_that_can_be_mapped(tmp_path):
    whole = np.arange(20.0).reshape(5, 4)
    runs.save_rows(tmp_path / "rows.npy", (5, 4), np.float16, [whole[:2], whole[2:]])
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert mapped.dtype == np.float16
    assert np.array_equal(mapped, whole)
    with pytest.raises(AssertionError, match="2 rows"):
        runs.save_rows(tmp_path / "rows.npy", (5, 4), np.float16, [whole[:2]])


def test_the_same_arrays_give_the_same_bytes(tmp_path):
    arrays = {"a": np.arange(9), "names": np.array(["cat", "tabby cat"])}
    for name in ("one.npz", "two.npz"):
        runs.save_arrays(tmp_path / name, arrays)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.npz", "two.npz"))
    assert one == two
    with np.load(tmp_path / "one.npz") as read:
        assert read["names"].tolist() == ["cat", "tabby cat"]


def test_a_table_keeps_what_is_empty_empty(tmp_path):
    runs.save_table(tmp_path / "t.csv", [{"a": 1, "b": None}, {"a": 2, "b": 0.25}])
    frame = pd.read_csv(tmp_path / "t.csv")
    assert frame["b"].isna().tolist() == [True, False]
    assert (tmp_path / "t.csv").read_text() == "a,b\n1,\n2,0.25\n"


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError), runs.replacing(tmp_path / "no" / "file"):
        raise AssertionError


def test_what_is_not_committed_is_ignored_by_git():
    ignored = (runs.ROOT / ".gitignore").read_text().splitlines()
    assert set(names.NOT_COMMITTED) <= set(ignored)


def test_the_reason_of_a_start_that_left_is_read_back():
    assert names.LEFT_PLATEAU.match(names.left_plateau(100))[1] == "100"
