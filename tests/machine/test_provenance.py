"""The recorded commit is that of this project's own checkout, or none."""

import os
import subprocess

import pytest

from repro.machine.provenance import commit

NONE = {"commit": None, "dirty": None}


def git(root, *arguments):
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    ours = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    command = ["git", "-C", str(root), *who, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=ours)
    return done.stdout.strip()


def repository(root):
    (root / "repro").mkdir(parents=True)
    (root / "repro" / "code.py").write_text("x = 1\n")
    (root / ".gitignore").write_text("__pycache__/\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


@pytest.fixture
def root(tmp_path):
    return repository(tmp_path / "a project")


def test_the_commit_of_a_clean_checkout(root):
    assert commit(root) == {"commit": git(root, "rev-parse", "HEAD"), "dirty": False}


def test_changed_and_new_code_is_dirty_and_new_results_are_not(root):
    (root / "reports").mkdir()
    (root / "reports" / "new.csv").write_text("1\n")
    (root / "repro" / "__pycache__").mkdir()
    (root / "repro" / "__pycache__" / "code.pyc").write_text("1\n")
    assert commit(root)["dirty"] is False
    new = root / "repro" / "new.py"
    new.write_text("x = 2\n")
    assert commit(root)["dirty"] is True
    new.unlink()
    (root / "repro" / "code.py").write_text("x = 2\n")
    assert commit(root)["dirty"] is True


def test_a_copy_inside_another_repository_has_no_commit(root):
    inner = root / "repro"
    assert commit(inner) == NONE


def test_no_repository_has_no_commit(tmp_path):
    assert commit(tmp_path) == NONE
    assert commit(tmp_path / "not there") == NONE


def test_variables_that_name_another_repository_change_nothing(
    root, tmp_path, monkeypatch
):
    wanted = commit(root)
    other = repository(tmp_path / "other")
    (other / "more").write_text("1\n")
    git(other, "add", ".")
    git(other, "commit", "-q", "-m", "second")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert commit(root) == wanted
    assert commit(tmp_path) == NONE
