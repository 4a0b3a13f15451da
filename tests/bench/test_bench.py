"""`repro bench`: each measurement writes the agreed columns, from real work."""

import csv
import time

import pytest
import torch

from repro.bench import bench, report, step
from repro.bench import ours as bench_training
from repro.bench.contestants import NCHW
from repro.bench.measuring import COLUMNS, BenchError, Settings
from repro.bench.memory import peak_memory
from repro.bench.profile import profiled

CPU = torch.device("cpu")
QUICK = Settings(CPU, quick=True)


def measure(what, reports, settings=QUICK):
    """The rows that were written, after a look at what all tables share."""
    said = []
    path = bench.bench(what, settings, reports, say=said.append)
    assert path == reports / "bench" / "quick" / f"{what}-cpu.csv"
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    for row in rows:
        assert row["device"] == "cpu" and row["hardware"] and row["threads"]
        assert float(row["load"]) >= 0
        if not row["note"].startswith("not measured"):
            _check_ratio(row)
    assert len([line for line in said if line.startswith(f"{what}: ")]) == len(rows)
    busy = float(rows[0]["load"]) > bench.BUSY
    assert any(line.startswith("others used") for line in said) == busy
    return rows


def _check_ratio(row):
    ours, peer = float(row["ours"]), float(row["peer"])
    expected = peer / ours if row["unit"] in ("s", "MiB") else ours / peer
    # all are rounded: values to 4 digits, ratios to 3 places
    assert float(row["ratio"]) == pytest.approx(expected, rel=2e-3, abs=1e-3)
    low, high = float(row["ratio_low"]), float(row["ratio_high"])
    assert 0 <= low <= float(row["ratio"]) <= high


@pytest.fixture
def narrow(monkeypatch):
    """Ours at a tenth of its width; memory, which needs processes, is not measured."""
    monkeypatch.setitem(bench_training.SETTINGS, "width", 0.1)
    monkeypatch.setitem(step.MATRIX, "cpu", 64)


def test_step(narrow, monkeypatch, tmp_path):
    monkeypatch.setattr(step.memory, "rows", lambda *args: [])
    settings = Settings(CPU, batch=2, quick=True)
    rows = measure("step", tmp_path, settings)
    steps = [row for row in rows if row["case"] == "training step"]
    beside = [(row["dtype"], row["peer_name"]) for row in steps]
    assert beside == [
        ("float32", "torchvision's alexnet, float32, NCHW"),
        ("float32", "naive R0, float32, NCHW"),
        ("bfloat16", "torchvision's alexnet, float32, NCHW"),
        ("bfloat16", "torchvision's alexnet, bfloat16, channels last"),
        ("bfloat16", "torchvision's alexnet, bfloat16, channels last, compiled"),
        ("bfloat16", "naive R0, float32, NCHW"),
    ]
    assert {(row["batch"], row["side"]) for row in steps} == {("2", "56")}
    compiled = [row for row in rows if row["case"] == "training step, compiled"]
    assert [row["peer_name"] for row in compiled] == ["ours, bfloat16, compiled"]
    for row in (steps[4], *compiled):
        assert row["note"].startswith("not measured: ") and not row["ratio"]
    shares = [row for row in rows if row["unit"] == "GFLOP/s"]
    assert [row["dtype"] for row in shares] == ["float32", "bfloat16"]
    assert shares[0]["peer_name"] == "matrix product of 64 x 64, float32"
    epochs = [row["peer_name"] for row in rows if "epoch" in row["case"]]
    assert epochs == ["bare loop", "bare loop, channels last", "DataLoader loop"]


def test_peak_memory_is_at_least_weights_gradients_and_velocities():
    """torchvision's network on 56 pixels: 57 million parameters, three times 4 bytes."""
    used = peak_memory(NCHW, 56, 1, CPU)
    assert 3 * 4 * 57e6 / 2**20 < used < 4096


def test_data(narrow, tmp_path):
    rows = measure("data", tmp_path)
    loaders, training = rows[:2], rows[2]  # of 40 photographs 30 are in train/
    for row, pixels in zip(loaders, ("500 x 375", "256 x 256"), strict=True):
        assert pixels in row["peer_name"]
        assert row["threads"] == "1" and row["side"] == "224"
        assert "from 30 JPEG photographs" in row["case"]
    assert training["peer_name"] == "the same network on one batch in place"


def test_pack(tmp_path):
    rows = measure("pack", tmp_path, Settings(CPU, side=16, quick=True))
    assert [row["peer_name"] for row in rows] == ["1 worker", "1 process"]
    assert [row["case"].split()[0] for row in rows] == ["packing", "only"]
    assert {row["threads"] for row in rows} == {"2"}


def test_report(monkeypatch, tmp_path):
    """The command sees a copy of the evidence without what was built from it."""
    reports = tmp_path / "reports"
    (reports / "tiny" / "notebooks").mkdir(parents=True)
    (reports / "tiny" / "metrics.csv").write_text("evidence")
    (reports / "tiny" / "notebooks" / "built.html").write_text("built")
    monkeypatch.setenv("REPRO_REPORTS", str(reports))
    program = (
        "import os, pathlib\n"
        "root = pathlib.Path(os.environ['REPRO_REPORTS'])\n"
        "assert (root / 'tiny' / 'metrics.csv').read_text() == 'evidence'\n"
        "assert not (root / 'tiny' / 'notebooks').exists()\n"
        f"assert root != pathlib.Path({str(reports)!r})\n"
        f"with open({str(tmp_path / 'log')!r}, 'a') as log:\n"
        "    again = (root / 'index.html').exists()\n"
        "    print(again, len(os.sched_getaffinity(0)), file=log)\n"
        "(root / 'index.html').write_text('page')\n"
    )
    command = (report.sys.executable, "-c", program)
    monkeypatch.setattr(report, "COMMAND", command)
    rows = measure("report", tmp_path)
    assert [row["peer_name"] for row in rows] == ["all new", "on one core"]
    log = (tmp_path / "log").read_text().splitlines()
    assert [line.split()[0] for line in log] == ["False", "True", "False"] * 2
    assert log[2].split()[1] == "1"
    assert not (reports / "index.html").exists()


def test_a_report_that_fails_is_no_measurement(monkeypatch, tmp_path):
    monkeypatch.setenv("REPRO_REPORTS", str(tmp_path))
    program = "import sys; sys.exit('repro: a notebook failed')"
    command = (report.sys.executable, "-c", program)
    monkeypatch.setattr(report, "COMMAND", command)
    with pytest.raises(BenchError, match="failed: repro: a notebook failed"):
        bench.bench("report", QUICK, tmp_path, say=lambda line: None)
    assert not (tmp_path / "bench").exists()


def test_profile(narrow, tmp_path):
    rows = measure("profile", tmp_path, Settings(CPU, batch=2, quick=True))
    for dtype in ("bfloat16", "float32"):
        parts = {row["case"]: row for row in rows if row["dtype"] == dtype}
        for layer in ("conv1", "norm1", "pool", "active", "second2", "drop", "fc8"):
            assert {f"{layer}, forward", f"{layer}, backward"} <= parts.keys()
        assert {"update", "loss", "loading, views, between steps"} <= parts.keys()
        spent = [float(row["ours"]) for row in parts.values()]
        assert spent == sorted(spent, reverse=True)
        (whole,) = {float(row["peer"]) for row in parts.values()}
        assert sum(spent) == pytest.approx(whole, rel=0.01)  # one step: no part is lost


def test_a_part_of_a_step_is_what_it_takes(narrow):
    """A layer that waits for 50 ms forward and backward, between others that do not."""

    class Waiting(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            time.sleep(0.05)
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            time.sleep(0.05)
            return g

    training = bench_training.our_training(56, 2, 3, CPU, "float32")
    training.network.conv3.register_forward_pre_hook(
        lambda layer, inputs: (Waiting.apply(*inputs),)
    )
    parts = profiled(training, bench_training.our_epoch(training))
    assert {len(spent) for spent in parts.values()} == {3}
    for part in ("conv3, forward", "conv3, backward"):
        assert min(parts[part]) >= 50
        assert max(min(parts[name]) for name in parts if "conv3" not in name) < 50
