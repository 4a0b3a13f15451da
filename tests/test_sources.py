"""What code depends on, on a project of a few files."""

import pytest

from analysis import sources


@pytest.fixture
def project(tmp_path, monkeypatch):
    files = {
        "analysis/__init__.py": "",
        "analysis/towers.py": "from analysis import colours\nimport numpy",
        "analysis/colours.py": "def f():\n    from repro.runs import status",
        "analysis/errors.py": "import analysis.claims",
        "analysis/claims.py": "FILE = 'claims.toml'",
        "analysis/claims.toml": "",
        "analysis/rows.py": "import importlib\nNAMES = ('errors', 'nothing')",
        "analysis/broken.py": "import (",
        "repro/__init__.py": "",
        "repro/runs.py": "import json",
        "repro/train.py": "import torch",
        "reports/networks.csv": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    return tmp_path


def found(project, *code):
    paths = sources.closure(code)
    return {path.relative_to(project).as_posix() for path in paths}


BASE = {"analysis/__init__.py"}
CLAIMS = {*BASE, "analysis/errors.py", "analysis/claims.py", "analysis/claims.toml"}


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("import numpy, matplotlib.pyplot", set()),
        ("import analysis", BASE),
        ("from analysis import claims", CLAIMS - {"analysis/errors.py"}),
        ("from analysis.errors import table", CLAIMS),
        ("def f():\n    import analysis.errors as e", CLAIMS),
        ("import analysis.rows", {*CLAIMS, "analysis/rows.py"}),
        ("open('networks.csv')", {"reports/networks.csv"}),
    ],
)
def test_imports_are_followed(project, code, files):
    assert found(project, code) == files


def test_an_import_inside_a_function_counts(project):
    files = {"analysis/towers.py", "analysis/colours.py", "repro/__init__.py"}
    assert found(project, "import analysis.towers") == BASE | files | {"repro/runs.py"}


def test_several_pieces_of_code_are_taken_together(project):
    code = ("from analysis import claims", "from analysis import errors")
    assert found(project, *code) == CLAIMS


def test_code_that_cannot_be_read_depends_on_every_module(project):
    everything = {
        path.relative_to(project).as_posix() for path in project.rglob("*.py")
    }
    assert everything < found(project, "import analysis.broken")
    assert everything < found(project, "%matplotlib inline")


def test_a_module_counts_from_the_moment_it_is_there(project):
    assert "analysis/nothing.py" not in found(project, "import analysis.rows")
    (project / "analysis" / "nothing.py").write_text("")
    assert "analysis/nothing.py" in found(project, "import analysis.rows")
