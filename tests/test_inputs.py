"""Inputs by content, and the record that says which of them a notebook answers for."""

import ast
import importlib.metadata
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis import inputs
from analysis.inputs import changed, digest, of_notebook, record, stamp_of
from analysis.results import ReportError

ANALYSIS = Path(inputs.__file__).parent


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "01_example.ipynb"
    cells = [new_markdown_cell("import analysis.page"), new_code_cell("import repro")]
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def run_file(tmp_path):
    path = tmp_path / "reports" / "smoke" / "metrics.csv"
    path.parent.mkdir(parents=True)
    path.write_text("1")
    return path


def taken(notebook, *evidence, **parameters):
    return of_notebook(notebook, parameters, evidence, notebook.parent / "reports")


def test_digests_are_those_of_the_content(tmp_path):
    """SHA-256 of no bytes, from FIPS 180-4's test vectors."""
    (tmp_path / "empty").touch()
    assert digest(tmp_path / "empty").startswith("e3b0c44298fc1c149afbf4c8996fb924")
    assert digest(tmp_path / "nothing") == "absent"


def test_everything_that_decides_an_answer_is_an_input(notebook, run_file):
    before = taken(notebook, run_file, profile="smoke")
    assert before == taken(notebook, run_file, profile="smoke")
    assert before["smoke/metrics.csv"] == digest(run_file)
    assert before["repro/__init__.py"] == digest(ANALYSIS.parent / "repro/__init__.py")
    assert "analysis/page.py" not in before  # named in prose, not in code
    assert before["matplotlib"] == importlib.metadata.version("matplotlib")

    assert differ(before, taken(notebook, run_file, profile="a")) == {"parameters"}
    without = taken(notebook, profile="smoke")
    assert differ(before, without) == {"smoke/metrics.csv"}
    run_file.write_text("2")
    assert differ(before, taken(notebook, run_file, profile="smoke")) == {
        "smoke/metrics.csv"
    }
    run_file.write_text("1")
    notebook.write_text(
        notebook.read_text().replace("import repro", "import repro.runs")
    )
    assert differ(before, taken(notebook, run_file, profile="smoke")) == {
        *("01_example.ipynb", "repro/runs.py", "repro/errors.py"),
    }


def differ(one, other):
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


def test_an_answer_holds_for_the_inputs_it_was_recorded_with(tmp_path):
    executed = tmp_path / "01_example.ipynb"
    now = {"a": "1", "b": "2"}
    assert changed(now, executed) == "not run yet"
    executed.write_text("answer")
    assert changed(now, executed) == "not run yet"
    record(now, executed)
    assert stamp_of(executed).name == "01_example.inputs.json"
    assert changed(now, executed) == ""
    assert changed({**now, "b": "3"}, executed) == "b changed"
    assert changed({"a": "1", "c": "2"}, executed) == "b and 1 more changed"
    executed.write_text("half an ans")
    assert changed(now, executed) == "01_example.ipynb changed"
    executed.unlink()
    assert changed(now, executed) == "not run yet"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"inputs": 3, "executed": ""}'])
def test_a_record_that_cannot_be_read_holds_for_nothing(tmp_path, text):
    executed = tmp_path / "01_example.ipynb"
    executed.write_text("answer")
    stamp_of(executed).write_text(text)
    assert changed({}, executed) == "01_example.inputs.json is not readable"


@pytest.mark.parametrize("text", ["", "[1]", '{"cells": [{}]}', "\x00"])
def test_a_file_that_is_no_notebook_is_one_line(tmp_path, text):
    path = tmp_path / "01_example.ipynb"
    path.write_text(text)
    with pytest.raises(ReportError, match=r"01_example\.ipynb: not readable as a note"):
        taken(path)


def test_every_library_that_analysis_imports_is_an_input():
    """Jupyter's own client aside, which moves text and decides none."""
    distributions = importlib.metadata.packages_distributions()
    roots = {
        name.split(".")[0]
        for path in ANALYSIS.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in names(node)
    }
    foreign = roots - sys.stdlib_module_names - {"analysis", "repro", "traitlets"}
    used = {distributions[name][0].lower() for name in foreign}
    moved = {"jupyter_client", "jupyter_core", "nbclient", "filelock"}
    assert used - moved <= {*inputs.LIBRARIES}
    assert len(used) > 8


def names(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) else []
