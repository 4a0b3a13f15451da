"""Notebooks: their form, the check of parameters, and what a failing one says."""

import ast
import os
import sys
import tempfile

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from analysis.evidence.runs import ReportError
from analysis.report import kernels, notebooks
from analysis.report.contents import TOPICS

PATHS = sorted(notebooks.FOLDER.glob("*.ipynb"))


def written(folder, *sources, tag="parameters"):
    """A notebook whose first cell is tagged."""
    first, *others = sources
    cells = [new_code_cell(first, metadata={"tags": [tag]})]
    cells += [new_code_cell(source) for source in others]
    path = folder / "01_example.ipynb"
    python = {"language_info": {"name": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=python), path)
    return path


def test_every_topic_has_one_notebook_and_every_notebook_a_topic():
    assert {notebooks.find(topic) for topic in TOPICS} == set(PATHS)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_notebooks_are_thin(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert len(notebook.cells) <= 9
    names = ["profile"] if path.stem.endswith("ledger") else ["profile", "ledger"]
    found = notebooks.defaults(notebook, path.name)
    assert found == dict.fromkeys(names, "smoke")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
            assert len(cell.source.splitlines()) <= 6
            kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
            assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.For, ast.While}


def test_a_notebook_that_does_not_exist():
    with pytest.raises(ReportError, match=r"expected one NN_weather\.ipynb, found 0"):
        notebooks.find("weather")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"profile": "smoke", "lr": 1}, "unknown parameter lr=1; allowed: profile, n"),
        ({"profile": 3, "n": 1}, "profile=3 is of type int; allowed: str"),
        ({"profile": "smoke", "n": True}, "n=True is of type bool; allowed: int"),
        ({"profile": "smoke"}, "n is missing; allowed: a value of type int"),
    ],
)
def test_wrong_parameters_stop_before_a_kernel_starts(tmp_path, given, message):
    path = written(tmp_path, 'profile = "smoke"\nn = 1')
    with pytest.raises(ReportError, match=message):
        notebooks.execute(path, given, output=tmp_path / "o.ipynb", reports=tmp_path)
    assert not (tmp_path / "o.ipynb").exists()


@pytest.mark.parametrize(
    ("source", "tag", "message"),
    [
        ("n = 1", "setup", "0 cells tagged 'parameters', not one"),
        ("n = print", "parameters", "parameters must be literals"),
        ("import os", "parameters", "line 1 is not a plain assignment"),
        ("n = (", "parameters", "parameters must be literals"),
    ],
)
def test_a_bad_parameters_cell_is_an_error(tmp_path, source, tag, message):
    path = written(tmp_path, source, tag=tag)
    with pytest.raises(ReportError, match=message):
        notebooks.execute(path, {}, output=tmp_path / "o.ipynb", reports=tmp_path)


def test_a_failing_notebook_names_cell_and_error(tmp_path, monkeypatch):
    """And it ran with the parameter, on the reports given, in this interpreter."""
    monkeypatch.setenv("REPRO_REPORTS", "before")
    path = written(
        tmp_path,
        "n = 1",
        "import os, sys",
        "assert n == 2 and os.environ['REPRO_REPORTS'].endswith('reports')",
        "raise ValueError(sys.executable)",
    )
    given = {"output": tmp_path / "deep" / "o.ipynb", "reports": tmp_path / "reports"}
    with pytest.raises(ReportError) as raised:
        notebooks.execute(path, {"n": 2}, **given)
    assert str(raised.value) == (
        "01_example.ipynb, cell 4 (raise ValueError(sys.executable)): "
        f"ValueError: {sys.executable}"
    )
    assert os.environ["REPRO_REPORTS"] == "before"


def test_a_kernel_that_dies_is_the_failure_of_its_cell(tmp_path):
    path = written(tmp_path, "n = 1", "import os", "os._exit(3)", "n")
    with pytest.raises(ReportError) as raised:
        given = {"output": tmp_path / "o.ipynb", "reports": tmp_path}
        notebooks.execute(path, {"n": 2}, **given)
    assert str(raised.value) == (
        "01_example.ipynb, cell 3 (os._exit(3)): DeadKernelError: Kernel died"
    )


def outputs(path, folder):
    """What the cells of a notebook show, run on the reports in `folder`."""
    done = notebooks.execute(path, {"n": 2}, output=folder / "o.ipynb", reports=folder)
    return [cell.outputs for cell in done.cells if cell.get("outputs")]


def test_settings_and_startup_files_of_the_user_are_not_read(tmp_path, monkeypatch):
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("raise RuntimeError('of IPython')\n")
    (tmp_path / "startup.py").write_text("print('of Python')\n")
    rc = "no.such.key: 1\naxes.titleweight: bold\n"
    (tmp_path / "matplotlibrc").write_text(rc)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "startup.py"))
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path / "matplotlibrc"))
    monkeypatch.chdir(tmp_path)
    weight = "matplotlib.rcParams['axes.titleweight']"
    path = written(tmp_path, "n = 1", "import matplotlib", f"print({weight})")
    [[shown]] = outputs(path, tmp_path)
    assert (shown.name, shown.text) == ("stdout", "normal\n")


def test_a_long_path_of_temporary_files_is_no_obstacle(tmp_path, monkeypatch):
    long = tmp_path / ("scratch-of-a-project-" * 6)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    [[shown]] = outputs(written(tmp_path, "n = 1", "print(n + 1)"), tmp_path)
    assert shown.text == "3\n"
    assert not list(long.iterdir())


def test_where_no_short_path_can_be_written_one_line_says_so(tmp_path, monkeypatch):
    def refused(*args, **kwargs):
        raise PermissionError("no")

    monkeypatch.setattr(kernels.tempfile, "TemporaryDirectory", refused)
    path = written(tmp_path, "n = 1")
    with pytest.raises(ReportError, match="set TMPDIR to one that can be written"):
        notebooks.execute(path, {"n": 2}, output=tmp_path / "o", reports=tmp_path)
