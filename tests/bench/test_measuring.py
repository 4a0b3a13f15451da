"""The benchmarks measure in turn, and their rows say what was measured."""

import csv
import os

import pytest
import torch

from repro.bench import measuring
from repro.bench.measuring import (
    COLUMNS,
    BenchError,
    Settings,
    in_turn,
    line,
    one_core,
    rates,
    row,
    write_table,
)

CPU = torch.device("cpu")


def test_rounds_in_turn_without_the_first_and_without_what_comes_before(monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr(measuring.time, "perf_counter", lambda: next(clock))
    order = []
    works = {
        "ours": lambda: order.append("ours"),
        "peer": lambda: (order.append("peer"), next(clock)),
    }

    def before(name):
        order.append(f"before {name}")
        next(clock)

    seconds = in_turn(works, CPU, 3, before=before)
    assert order == ["before ours", "ours", "before peer", "peer"] * 4
    assert seconds == {"ours": [1, 1, 1], "peer": [2, 2, 2]}


def test_of_rates_more_is_better():
    """Rounds of 8 images: medians 4 and 2 images/s, ratios 4/1, 4/2 and 8/4."""
    ours, peer = rates([2, 2, 1], 8), rates([8, 4, 2], 8)
    assert (ours, peer) == ([4, 4, 8], [1, 2, 4])
    found = row("a step", ours, peer, "theirs", "images/s", batch=8)
    assert (found["ours"], found["peer"]) == ("4", "2")
    assert (found["ours_low"], found["ours_high"]) == ("4", "8")
    assert (found["ratio"], found["ratio_low"]) == ("2.000", "2.000")
    assert found["ratio_high"] == "4.000"
    assert (found["repeats"], found["batch"]) == (3, 8)


@pytest.mark.parametrize("unit", ["s", "MiB"])
def test_of_costs_less_is_better(unit):
    found = row("a page", [10.0], [25.0], "theirs", unit)
    assert (found["ours"], found["peer"], found["ratio"]) == ("10", "25", "2.500")


def test_a_table_has_all_columns_and_leaves_empty_what_a_row_lacks(tmp_path):
    measured = row("a step", [3.0], [2.0], "theirs", "images/s", dtype="float32")
    lacking = {"case": "a step", "peer_name": "other", "note": "not measured: why"}
    path = write_table(tmp_path / "bench" / "step-cpu.csv", [measured, lacking])
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["ratio"] == "1.500" and rows[0]["note"] == ""
    assert rows[1]["ratio"] == "" and rows[1]["note"] == "not measured: why"
    assert "a step, float32: ours 3 images/s, theirs 2; ratio 1.500" in line(measured)
    assert line(lacking) == "a step, beside other: not measured: why"


@pytest.mark.parametrize("name", ["batch", "side", "repeats"])
def test_sizes_below_one_are_refused(name):
    with pytest.raises(BenchError, match=f"--{name} 0: must be a whole number from 1"):
        Settings(CPU, **{name: 0})


def test_repeats_as_asked_else_one_when_quick_else_the_usual():
    assert Settings(CPU).rounds(7) == 7
    assert Settings(CPU, quick=True).rounds(7) == 1
    assert Settings(CPU, quick=True, repeats=2).rounds(7) == 2


@pytest.mark.skipif(not measuring.CORES_CAN_BE_CHOSEN, reason="no affinity here")
def test_one_core_for_a_while():
    before, threads = os.sched_getaffinity(0), torch.get_num_threads()
    with pytest.raises(KeyError), one_core():
        assert len(os.sched_getaffinity(0)) == 1
        assert torch.get_num_threads() == 1
        raise KeyError
    assert os.sched_getaffinity(0) == before
    assert torch.get_num_threads() == threads
