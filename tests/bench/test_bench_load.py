"""What others used of the processors, from numbers by hand."""

import os

import pytest

from repro.bench import bench_load


@pytest.fixture
def now(monkeypatch, tmp_path):
    """Sets the clock, the ticks of all processors and the seconds of this process."""
    monkeypatch.setattr(bench_load, "STAT", tmp_path / "stat")
    monkeypatch.setattr(os, "sysconf", lambda name: {"SC_CLK_TCK": 100}[name])

    def set_to(clock, ticks, ours):
        (tmp_path / "stat").write_text(f"cpu  {ticks}\ncpu0 1 2 3\n")
        monkeypatch.setattr(bench_load.time, "perf_counter", lambda: clock)
        monkeypatch.setattr(os, "times", lambda: (*ours, clock))

    return set_to


def test_others_are_all_but_this_process_and_its_children(now):
    now(100.0, "1000 200 300 9000 50 10 20 7 0 0", (1.0, 0.5, 0.0, 0.0))
    others = bench_load.watch_others()
    # 4 s later: user +500, nice +20, system +60, irq +5, softirq +15 ticks: 6 s
    now(104.0, "1500 220 360 9100 90 15 35 99 0 0", (3.0, 1.0, 1.5, 0.5))
    assert others() == pytest.approx((6.0 - 4.5) / 4)


def test_rounding_gives_no_negative_load(now):
    now(100.0, "1000 0 0 0 0 0 0", (0.0, 0.0, 0.0, 0.0))
    others = bench_load.watch_others()
    now(101.0, "1099 0 0 0 0 0 0", (1.0, 0.0, 0.0, 0.0))
    assert others() == 0.0


def test_elsewhere_it_is_not_known(monkeypatch, tmp_path):
    monkeypatch.setattr(bench_load, "STAT", tmp_path / "missing")
    assert bench_load.watch_others()() is None
