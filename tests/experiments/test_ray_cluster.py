"""What a run gets of a cluster, and one line for what is not there."""

import sys

import pytest

from repro.cli import main
from repro.experiments.ray_cluster import (
    EngineError,
    Node,
    connected,
    cpus_per_run,
    find_kind,
    slots,
)


@pytest.mark.parametrize(
    ("cores", "workers", "cpus", "fit"),
    [
        ([2], None, 1, 2),  # two runs of one thread rather than one of two
        ([3], None, 1, 3),
        ([16], None, 2, 8),
        ([16, 8], None, 2, 12),
        ([2], 1, 2, 1),
        ([16], 4, 4, 4),
        ([8, 4], 2, 4, 3),  # with five cores only one would fit
        ([4, 4], 1, 4, 2),
        ([2], 5, 1, 2),
    ],
)
def test_cores_of_a_run_and_how_many_fit(cores, workers, cpus, fit):
    nodes = [Node(count, 0) for count in cores]
    assert cpus_per_run(nodes, "cpu", workers) == cpus
    assert slots(nodes, "cpu", cpus) == fit


def test_a_gpu_comes_with_its_share_of_its_machine():
    nodes = [Node(64, 0), Node(32, 8), Node(24, 4)]
    assert cpus_per_run(nodes, "cuda", None) == 4
    assert slots(nodes, "cuda", 4) == 8 + 4
    assert cpus_per_run([Node(2, 4)], "cuda", None) == 1
    assert slots([Node(2, 4)], "cuda", 1) == 2


def test_the_device_is_what_the_machines_have():
    assert find_kind([Node(2, 0)], "auto") == "cpu"
    assert find_kind([Node(64, 0), Node(8, 1)], "auto") == "cuda"
    assert find_kind([Node(8, 1)], "cpu") == "cpu"
    with pytest.raises(EngineError, match="Ray finds no GPU"):
        find_kind([Node(2, 0)], "cuda")


@pytest.fixture
def reports(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRO_REPORTS", str(tmp_path / "reports"))
    return tmp_path / "reports"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--engine", "ray"], "Ray is not installed; pip install 'ray>=2.50'"),
        (["--engine", "ray", "--device", "cuda:1"], "allowed are auto, cpu, cuda"),
        (["--engine", "ray", "--experiments", "x"], "unknown experiment 'x'"),
        (["--workers", "2"], "--address and --workers need --engine ray"),
        (["--address", "auto"], "--address and --workers need --engine ray"),
    ],
)
def test_without_ray_it_is_one_line(reports, monkeypatch, capsys, arguments, said):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["reproduce", "--device", "cpu", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("repro: ") and error.count("\n") == 1
    assert said in error
    assert not reports.exists()


def test_no_worker_is_no_number(capsys):
    with pytest.raises(SystemExit):
        main(["reproduce", "--engine", "ray", "--workers", "0"])
    assert "must be a whole number from 1 up" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("here", "expected auto or host:port"),
        ("host:port", "expected auto or host:port"),
        ("127.0.0.1:1", "--address 127.0.0.1:1: no answer"),
    ],
)
def test_an_address_without_ray_behind_it_is_one_line(address, said):
    pytest.importorskip("ray", reason="Ray is not installed")
    with pytest.raises(EngineError, match=said), connected(address, "cpu", None):
        pass
