"""Each kind of `repro bench` writes the agreed columns, from real work."""

import csv

import pytest
import torch

from repro.bench import bench, ours, report, step
from repro.bench.contestants import COMPILED, LAST, NAIVE, NCHW, OURS_COMPILED
from repro.bench.measuring import COLUMNS, BenchError, Settings

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
    assert any("other processes used" in line for line in said) == busy
    return rows


def _check_ratio(row):
    own, peer = float(row["ours"]), float(row["peer"])
    expected = peer / own if row["unit"] in ("s", "MiB") else own / peer
    # all are rounded: values to 4 digits, ratios to 3 places
    assert float(row["ratio"]) == pytest.approx(expected, rel=2e-3, abs=1e-3)
    low, high = float(row["ratio_low"]), float(row["ratio_high"])
    assert 0 <= low <= float(row["ratio"]) <= high


@pytest.fixture
def narrow(monkeypatch):
    """Ours at a tenth of its width; memory, which needs processes, is not measured."""
    monkeypatch.setitem(ours.SETTINGS, "width", 0.1)
    monkeypatch.setitem(step.MATRIX, "cpu", 64)


def test_step(narrow, monkeypatch, tmp_path):
    monkeypatch.setattr(step, "_memory", lambda *args: [])
    settings = Settings(CPU, batch=2, quick=True)
    rows = measure("step", tmp_path, settings)
    steps = [row for row in rows if row["case"] == step.CASE]
    assert [(row["dtype"], row["peer_name"]) for row in steps] == [
        ("float32", NCHW),
        ("float32", NAIVE),
        ("bfloat16", NCHW),
        ("bfloat16", LAST),
        ("bfloat16", COMPILED),
        ("bfloat16", NAIVE),
    ]
    assert {(row["batch"], row["side"]) for row in steps} == {("2", "56")}
    compiled = [row for row in rows if row["case"] == step.CASES[OURS_COMPILED]]
    assert [row["peer_name"] for row in compiled] == [OURS_COMPILED]
    for row in (steps[4], *compiled):
        assert row["note"].startswith("not measured: ") and not row["ratio"]
    shares = [row for row in rows if row["unit"] == "GFLOP/s"]
    assert [row["dtype"] for row in shares] == ["float32", "bfloat16"]
    epochs = [row["peer_name"] for row in rows if "epoch" in row["case"]]
    assert epochs == ["bare loop", "bare loop, channels last", "DataLoader loop"]


def test_data(narrow, tmp_path):
    rows = measure("data", tmp_path)
    assert [row["threads"] for row in rows[:2]] == ["1", "1"]
    for row in rows[:2]:
        assert "30 JPEG" in row["case"] and row["side"] == "224"  # 10 more are in val/
    assert (rows[2]["side"], rows[2]["batch"]) == ("56", "8")


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
