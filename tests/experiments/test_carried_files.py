"""Which files of a run travel, and how they arrive."""

import os

import pytest

from repro.experiments.carried_files import ended, read_files, write_files
from repro.runs import folder as runs
from repro.runs.folder import RunError


def folder(reports, status="complete", kind="runs"):
    path = reports / "smoke" / kind / "name" / "seed-0"
    path.mkdir(parents=True)
    runs.write_json(path / "manifest.json", {"status": status})
    names = ("metrics.csv", "kernels.npy", "last.pt", "features-test.npy")
    for name in (*names, "kernels-epoch-2.npy", "run.lock", "half.tmp"):
        (path / name).write_bytes(name.encode())
    return path


def test_small_files_travel_and_large_ones_stay(tmp_path):
    path = folder(tmp_path)
    files = read_files(tmp_path, [path, tmp_path / "absent"], weights=False)
    base = "smoke/runs/name/seed-0/"
    assert sorted(files) == [
        base + name for name in ("kernels.npy", "manifest.json", "metrics.csv")
    ]
    assert files[base + "metrics.csv"] == b"metrics.csv"


def test_they_arrive_as_they_were_with_the_manifest_last(tmp_path, monkeypatch):
    files = read_files(tmp_path / "a", [folder(tmp_path / "a")], weights=False)
    placed, plain = [], os.replace

    def replace(source, target):
        placed.append(os.path.basename(target))
        plain(source, target)

    monkeypatch.setattr(os, "replace", replace)
    write_files(tmp_path / "b", files)
    there = tmp_path / "b/smoke/runs/name/seed-0"
    assert read_files(tmp_path / "b", [there], weights=False) == files
    assert placed[-1] == "manifest.json" and len(placed) == 3


def test_a_folder_that_is_held_is_not_written(tmp_path):
    path = folder(tmp_path)
    files = {"smoke/runs/name/seed-0/metrics.csv": b"other"}
    with runs.locked(path), pytest.raises(RunError, match="another process"):
        write_files(tmp_path, files)
    assert (path / "metrics.csv").read_bytes() == b"metrics.csv"


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        ("complete", "runs", True),
        ("failed", "runs", True),
        ("running", "runs", False),
        ("", "ensembles", True),
    ],
)
def test_what_has_ended(tmp_path, status, kind, expected):
    path = folder(tmp_path, status, kind)
    assert ended(path) is expected
    (path / "manifest.json").write_text("{")  # damaged
    assert not ended(path)
    (path / "manifest.json").unlink()
    assert not ended(path)
