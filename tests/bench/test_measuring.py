"""Rounds in turn, rows, and the load of other processes, from numbers by hand."""

import os

import pytest
import torch

from repro.bench import measuring
from repro.bench.measuring import (
    BenchError,
    Settings,
    in_turn,
    one_core,
    rates,
    row,
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


@pytest.mark.parametrize("name", ["batch", "side", "repeats"])
def test_sizes_below_one_are_refused(name):
    with pytest.raises(BenchError, match=f"--{name} 0"):
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


@pytest.fixture
def now(monkeypatch, tmp_path):
    """Sets the clock, the ticks of all processors and the seconds of this process."""
    monkeypatch.setattr(measuring, "STAT", tmp_path / "stat")
    monkeypatch.setattr(os, "sysconf", lambda name: {"SC_CLK_TCK": 100}[name])

    def set_to(clock, ticks, ours):
        (tmp_path / "stat").write_text(f"cpu  {ticks}\ncpu0 1 2 3\n")
        monkeypatch.setattr(measuring.time, "perf_counter", lambda: clock)
        monkeypatch.setattr(os, "times", lambda: (*ours, clock))

    return set_to


def test_others_are_all_but_this_process_and_its_children(now):
    now(100.0, "1000 200 300 9000 50 10 20 7 0 0", (1.0, 0.5, 0.0, 0.0))
    others = measuring.watch_others()
    # 4 s later: user +500, nice +20, system +60, irq +5, softirq +15 ticks: 6 s
    now(104.0, "1500 220 360 9100 90 15 35 99 0 0", (3.0, 1.0, 1.5, 0.5))
    assert others() == pytest.approx((6.0 - 4.5) / 4)


def test_rounding_gives_no_negative_load(now):
    now(100.0, "1000 0 0 0 0 0 0", (0.0, 0.0, 0.0, 0.0))
    others = measuring.watch_others()
    now(101.0, "1099 0 0 0 0 0 0", (1.0, 0.0, 0.0, 0.0))
    assert others() == 0.0


def test_elsewhere_it_is_not_known(monkeypatch, tmp_path):
    monkeypatch.setattr(measuring, "STAT", tmp_path / "missing")
    assert measuring.watch_others()() is None
