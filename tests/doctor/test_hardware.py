"""Folders, memory and speeds of the machine."""

import os
from types import SimpleNamespace

import pytest

from repro.doctor import hardware
from repro.doctor.finding import FAIL, OK, WARN


def test_memory_is_that_of_the_container_where_less(tmp_path, monkeypatch):
    monkeypatch.setattr(hardware, "CGROUP", tmp_path / "memory.max")
    whole = hardware.memory_bytes()
    assert whole > 1e8
    (tmp_path / "memory.max").write_text("1000000\n")
    assert hardware.memory_bytes() == 1_000_000
    (tmp_path / "memory.max").write_text("max\n")
    assert hardware.memory_bytes() == whole


@pytest.mark.parametrize(("memory", "level"), [(2e9, WARN), (64e9, OK)])
def test_little_memory_is_said(monkeypatch, memory, level):
    monkeypatch.setattr(hardware, "memory_bytes", lambda: memory)
    cores, found = hardware.cores_and_memory()
    assert "cores" in cores.what
    assert found[:2] == (level, f"{memory / 1e9:.1f} GB of memory")


def test_a_place_may_not_exist_yet(tmp_path):
    folder = tmp_path / "not" / "yet"
    (finding,) = hardware.place("data", folder, "REPRO_DATA")
    assert str(folder) in finding.what
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("free", "level"), [(1e8, FAIL), (1e9, WARN), (1e12, OK)])
def test_room(tmp_path, monkeypatch, free, level):
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr(hardware.shutil, "disk_usage", lambda path: usage)
    (finding,) = hardware.place("data", tmp_path, "REPRO_DATA")
    assert finding.level == level
    assert (level == OK) or "REPRO_DATA" in finding.step


def test_a_place_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(hardware.tempfile, "TemporaryFile", refuse)
    (finding,) = hardware.place("reports", tmp_path, "REPRO_REPORTS")
    assert finding.level == FAIL
    assert "Permission denied" in finding.what and "REPRO_REPORTS" in finding.step
    (finding,) = hardware.disk_speed(tmp_path, None)
    assert finding.level == WARN


def test_reading_is_measured_on_a_file_or_on_one_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(hardware, "CHUNK", 1 << 16)
    stored = tmp_path / "images.npy"
    stored.write_bytes(os.urandom(1 << 18))
    for file in (stored, None):
        (finding,) = hardware.disk_speed(tmp_path, file)
        assert "images of 256 pixels a second" in finding.what
    assert list(tmp_path.iterdir()) == [stored]
    monkeypatch.setattr(hardware, "SLOW_DISK", float("inf"))
    (finding,) = hardware.disk_speed(tmp_path, stored)
    assert finding.level == WARN and finding.step


def test_products_are_measured(monkeypatch):
    monkeypatch.setattr(hardware, "MATRIX", 64)
    monkeypatch.setattr(hardware, "SECONDS", 0.01)
    cpu, *_ = hardware.product_rates()
    assert cpu.level == OK and "GFLOP/s" in cpu.what
