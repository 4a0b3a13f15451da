"""What a build writes, what a failure leaves, and how a build stops."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.evidence.runs import ReportError
from analysis.report import builds, contents, notebooks
from analysis.report.builds import build_page, plan
from repro.runs.folder import ROOT
from tests.made.runs import CURVE_TO_5, write_race, write_run

FOUND = "import os, pathlib\nfound = pathlib.Path(os.environ['REPRO_REPORTS'], 'flag')"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Notebooks of two topics, of figure 1 and of the 2012 network."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    write_notebook(
        folder / "01_activations.ipynb", "from analysis.evidence import runs as results"
    )
    write_notebook(folder / "02_errors.ipynb", "import analysis.evidence.ensembles")
    monkeypatch.setattr(notebooks, "FOLDER", folder)
    names = ("activations", "errors")
    topics = {name: contents.TOPICS[name] for name in names}
    monkeypatch.setattr(contents, "TOPICS", topics)
    return folder


@pytest.fixture
def reports(tmp_path):
    reports = tmp_path / "reports"
    write_run(reports, CURVE_TO_5)
    write_run(reports, CURVE_TO_5, condition="released-145")
    return reports


@pytest.fixture
def ran(monkeypatch):
    """The notebooks that ran, in a list; no kernel is started."""
    names = []

    def execute(path, parameters, *, output, reports):
        names.append(path.name)
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, output)

    monkeypatch.setattr(notebooks, "execute", execute)
    return names


def write_notebook(path, *sources):
    given = 'profile = "smoke"\nledger = "smoke"'
    tagged = new_code_cell(given, metadata={"tags": ["parameters"]})
    cells = [new_markdown_cell(f"# {path.stem}"), tagged, *map(new_code_cell, sources)]
    metadata = {"language_info": {"name": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)


BOTH = ["01_activations.ipynb", "02_errors.ipynb"]


def test_what_ran_is_told(folder, reports, ran, capsys):
    build_page("cifar10", reports)
    told = capsys.readouterr().err
    assert re.search(r"^\[\d/2\] 02_errors\.ipynb: [\d.]+ s$", told, re.MULTILINE)
    assert sorted(ran) == BOTH


def test_a_topic_is_planned_on_the_profile_that_has_its_runs(folder, reports):
    first, second = plan(None, reports)
    assert (first.runs.profile, second.runs.profile) == ("cifar10", "cifar10")
    assert first.output == reports / "notebooks" / "01_activations.ipynb"


def test_a_failure_is_named_on_the_page(folder, reports, capsys):
    """With kernels: one notebook fails, the other one's answer stands."""
    write_notebook(folder / BOTH[1], FOUND, "print(found.read_text())")
    with pytest.raises(ReportError) as raised:
        build_page("cifar10", reports)
    cell = "02_errors.ipynb, cell 4 (print(found.read_text())): FileNotFoundError"
    page = reports / "cifar10" / "index.html"
    assert str(raised.value).startswith(f"{page}: incomplete: {cell}")
    html = page.read_text()
    assert f"The notebook failed: {cell}" in html and "<h2>01_activations</h2>" in html
    assert str(reports) not in html  # the same page in another folder
    assert "02_errors.ipynb: failed" in capsys.readouterr().err

    (reports / "flag").write_text("found at last")
    build_page("cifar10", reports)
    html = page.read_text()
    assert "found at last" in html and "failed" not in html


def test_two_builds_of_one_page_at_once_are_refused(folder, reports, ran):
    message = "another process builds this page"
    with builds._alone(reports / "cifar10"), pytest.raises(ReportError, match=message):
        build_page("cifar10", reports)
    assert ran == []


def test_an_unwritable_folder_is_one_line(folder, reports, ran):
    (reports / "cifar10" / "notebooks").write_text("a file")
    with pytest.raises(ReportError, match=r"index\.html: cannot be written"):
        build_page("cifar10", reports)


def build(folder, reports, end=""):
    """A program that builds the page of these notebooks and reports."""
    return (
        "import sys\nfrom pathlib import Path\n"
        "from analysis.report import builds; from analysis.report import contents; from analysis.report import notebooks\n"
        f"notebooks.FOLDER = Path({str(folder)!r})\n"
        f"contents.TOPICS = {contents.TOPICS!r}\n"
        f"page = builds.build_page('cifar10', Path({str(reports)!r}))\n{end}"
    )


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupt_ends_the_kernels_and_writes_no_page(folder, reports):
    note = "found.write_text(str(os.getpid()))\nimport time; time.sleep(600)"
    write_notebook(folder / BOTH[0], FOUND, note)
    # A background job of a shell is started with the signal ignored.
    heard = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    program = heard + build(folder, reports)
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    flag = reports / "flag"
    while not (flag.exists() and flag.read_text()):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=60)
    assert complaint.rstrip().endswith("KeyboardInterrupt")
    with pytest.raises(ProcessLookupError):
        os.kill(int(flag.read_text()), 0)
    assert not (reports / "cifar10" / "index.html").exists()


def test_two_clones_build_the_same_bytes(tmp_path, monkeypatch):
    """Another folder of code, notebooks and evidence, zone, language and hash seed."""
    clone = tmp_path / "another clone"
    for name in ("analysis", "repro", "notebooks"):
        kept = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / name, clone / name, ignore=kept)
    here = tmp_path / "reports"
    write_race(here)
    write_run(here, CURVE_TO_5, seed=9, status="running")
    shutil.copytree(here, clone / "reports")

    topics = {"activations": contents.TOPICS["activations"]}
    monkeypatch.setattr(contents, "TOPICS", topics)
    program = build(clone / "notebooks", clone / "reports")
    other = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "PYTHONPATH": str(clone)}
    there = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env=os.environ | other
    )
    build_page("cifar10", here)
    assert there.wait() == 0
    one, two = (built(reports) for reports in (here, clone / "reports"))
    assert one.keys() == two.keys() and len(one) == 14
    assert [name for name in one if one[name] != two[name]] == []


def built(reports):
    found = (reports / "cifar10").rglob("*.*")
    kept = {".html", ".svg", ".png", ".csv", ".json"}
    files = [
        path
        for path in found
        if path.suffix in kept and not {"runs", "notebooks"} & {*path.parts}
    ]
    return {path.relative_to(reports).as_posix(): path.read_bytes() for path in files}
