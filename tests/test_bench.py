"""The benchmark measures in turn and writes the agreed columns."""

import csv

import pytest
import torch

from repro import bench


def test_medians_of_runs_in_turn(monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr(bench.time, "perf_counter", lambda: next(clock))
    order = []
    ours, peer = bench.in_turn(
        lambda: order.append("ours"),
        lambda: (order.append("peer"), next(clock)),
        torch.device("cpu"),
        repeats=3,
    )
    assert order == ["ours", "peer"] * 4
    assert (ours, peer) == (1, 2)


def test_step_table(monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "IMAGES", 256)
    monkeypatch.setattr(bench, "REPEATS", 1)
    path = bench.bench_step(torch.device("cpu"), tmp_path, say=lambda line: None)
    assert path == tmp_path / "bench" / "step-cpu.csv"
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["peer_name"] == "bare loop"
    for row in rows:
        assert float(row["ratio"]) == pytest.approx(
            int(row["ours"]) / int(row["peer"]), rel=0.01
        )
        assert row["unit"] == "images/s" and row["batch"] == "128"
