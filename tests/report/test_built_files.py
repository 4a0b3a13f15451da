"""Files beside the page: whole, renewed, and never removed when they are not ours."""

import json

import pytest

from analysis.report import built_files
from analysis.report.built_files import replace

PAGE = {"index.html": b"<html>"}


def names(folder):
    found = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(path.as_posix() for path in found if path.parts[0] != "notebooks")


def test_what_a_former_build_made_is_removed_and_nothing_else(tmp_path):
    stale = {"figures/old.svg": b"o", "tables/old.csv": b"o", "tables/mine.csv": b"o"}
    replace(tmp_path, PAGE | stale | {"figures/kept.png": b"k"})
    (tmp_path / "figures" / "foreign.svg").write_text("not made by a build")
    (tmp_path / "tables" / "mine.csv").write_text("changed by hand")
    replace(tmp_path, PAGE | {"figures/kept.png": b"k"})
    kept = ["figures/foreign.svg", "figures/kept.png", "index.html", "tables/mine.csv"]
    assert names(tmp_path) == kept


def test_a_build_that_was_stopped_is_finished_by_the_next(tmp_path, monkeypatch):
    """Stopped before the page, with one figure written that the next does not make."""
    replace(tmp_path, PAGE | {"figures/a.svg": b"a"})
    with monkeypatch.context() as patch:
        patch.setattr(built_files, "replacing", stopped_at("index.html"))
        files = {"index.html": b"<new>", "figures/b.svg": b"b"}
        with pytest.raises(KeyboardInterrupt):
            replace(tmp_path, files)
    assert names(tmp_path) == ["figures/a.svg", "figures/b.svg", "index.html"]
    replace(tmp_path, PAGE)
    assert names(tmp_path) == ["index.html"]


def stopped_at(name):
    def replacing(path):
        if path.name == name:
            raise KeyboardInterrupt
        return open(path, "wb")

    return replacing


@pytest.mark.parametrize("name", ["../outside", "notebooks/01.ipynb", "figures/../a"])
def test_a_record_that_names_other_files_removes_none(tmp_path, name):
    folder = tmp_path / "reports"
    replace(folder, PAGE | {"figures/a.svg": b"a"})
    (folder / name).write_bytes(b"a")
    path = folder / "notebooks" / "page.files.json"
    record = json.loads(path.read_text())
    record["files"][name] = record["files"]["figures/a.svg"]
    path.write_text(json.dumps(record))
    replace(folder, PAGE)
    assert (folder / name).exists() and not (folder / "figures" / "a.svg").exists()
