"""What is built again and what is not, what a failure leaves, and how a build stops."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from fake_runs import CURVE_TO_5, CURVE_TO_10, write_race, write_run
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis import builds, contents, inputs, notebooks
from analysis.builds import build_page, plan
from analysis.results import ReportError

ROOT = Path(__file__).parent.parent
FOUND = "import os, pathlib\nfound = pathlib.Path(os.environ['REPRO_REPORTS'], 'flag')"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Notebooks of two topics, of figure 1 and of the 2012 network."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    write_notebook(folder / "01_activations.ipynb", "from analysis import results")
    write_notebook(folder / "02_errors.ipynb", "import analysis.averaging")
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
    tagged = new_code_cell('profile = "smoke"', metadata={"tags": ["parameters"]})
    cells = [new_markdown_cell(f"# {path.stem}"), tagged, *map(new_code_cell, sources)]
    metadata = {"language_info": {"name": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)


def again(ran, reports):
    """What a second build runs."""
    ran.clear()
    build_page("cifar10", reports)
    return sorted(ran)


BOTH = ["01_activations.ipynb", "02_errors.ipynb"]


def test_only_what_changed_runs_again(folder, reports, ran):
    figure1 = write_run(reports, CURVE_TO_5, seed=2)
    assert again(ran, reports) == BOTH
    assert again(ran, reports) == []
    write_run(reports, CURVE_TO_5, seed=2)
    assert again(ran, reports) == []  # touched, and the same
    write_run(reports, CURVE_TO_10, seed=2)
    assert again(ran, reports) == BOTH[:1]
    shutil.rmtree(figure1)
    assert again(ran, reports) == BOTH[:1]
    write_run(reports, CURVE_TO_10, condition="released-145")
    assert again(ran, reports) == BOTH[1:]
    write_run(reports, CURVE_TO_10, condition="R-tanh")
    assert again(ran, reports) == []  # no topic here reads it
    write_notebook(folder / BOTH[1], "n = 2")
    assert again(ran, reports) == BOTH[1:]


def test_a_module_that_changed_runs_the_notebooks_that_import_it(
    folder, reports, ran, monkeypatch
):
    again(ran, reports)
    changed = {"analysis/averaging.py"}
    monkeypatch.setattr(
        inputs, "digest", lambda path, true=inputs.digest: altered(path, changed, true)
    )
    assert again(ran, reports) == BOTH[1:]
    changed.add("analysis/results.py")
    assert again(ran, reports) == BOTH


def altered(path, changed, true):
    hit = path.is_relative_to(ROOT) and path.relative_to(ROOT).as_posix() in changed
    return f"changed {len(changed)}" if hit else true(path)


def test_other_versions_of_libraries_run_everything(folder, reports, ran, monkeypatch):
    again(ran, reports)
    monkeypatch.setattr(inputs, "versions", lambda: {"matplotlib": "0.1"})
    assert again(ran, reports) == BOTH


def test_a_page_without_changes_is_not_written(folder, reports, ran, capsys):
    page = build_page("cifar10", reports)
    os.utime(page, (1, 1))
    capsys.readouterr()
    assert build_page("cifar10", reports) == page
    assert page.stat().st_mtime == 1
    assert capsys.readouterr().err == "nothing changed since this page was built\n"
    page.write_text("changed by hand")
    assert again(ran, reports) == [] and "<main" in page.read_text()


def test_what_ran_and_why_is_told(folder, reports, ran, capsys):
    build_page("cifar10", reports)
    told = capsys.readouterr().err
    assert re.search(
        r"^\[\d/2\] 02_errors\.ipynb: .* s \(not run yet\)$", told, re.MULTILINE
    )
    write_run(reports, CURVE_TO_10)
    build_page("cifar10", reports)
    (line,) = capsys.readouterr().err.splitlines()
    name = "cifar10/runs/figure1-18pct-modern+learning_rate=0.01/seed-1/metrics.csv"
    assert line.startswith("[1/1] 01_activations.ipynb: ")
    assert line.endswith(f" s ({name} changed)")


def test_a_changed_topic_is_planned_with_its_reason(folder, reports):
    first, second = plan(None, reports)
    assert (first.runs.profile, second.runs.profile) == ("cifar10", "cifar10")
    assert first.output == reports / "notebooks" / "01_activations.ipynb"
    assert first.reason == "not run yet"
    assert {"parameters", "python", "analysis/results.py"} <= first.inputs.keys()


def test_a_failure_is_named_and_runs_again_until_it_succeeds(folder, reports, capsys):
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
    assert "02_errors.ipynb: failed (not run yet)" in capsys.readouterr().err

    (reports / "flag").write_text("found at last")
    build_page("cifar10", reports)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("[1/1] 02_errors.ipynb: ")
    html = page.read_text()
    assert "found at last" in html and "failed" not in html


def test_a_failure_is_not_hidden_by_an_earlier_success(
    folder, reports, ran, monkeypatch
):
    build_page("cifar10", reports)
    succeed = notebooks.execute

    def execute(path, *rest, **where):
        succeed(path, *rest, **where)  # the executed copy is there, and partly wrong
        raise ReportError(f"{path.name}, cell 5 (x): KeyError: 'y'")

    write_run(reports, CURVE_TO_10)
    with monkeypatch.context() as patch:
        patch.setattr(notebooks, "execute", execute)
        for _ in range(2):
            with pytest.raises(ReportError, match=r"01_activations\.ipynb, cell 5"):
                build_page("cifar10", reports)
    write_run(reports, CURVE_TO_5)  # as when it succeeded
    assert again(ran, reports) == BOTH[:1]
    assert again(ran, reports) == []


def test_two_builds_of_one_page_at_once_are_refused(folder, reports, ran):
    message = "another process builds this page"
    with builds._alone(reports / "cifar10"), pytest.raises(ReportError, match=message):
        build_page("cifar10", reports)
    assert ran == []


def test_an_unwritable_folder_is_one_line(folder, reports, ran):
    (reports / "cifar10" / "notebooks").write_text("a file")
    with pytest.raises(ReportError, match=r"index\.html: cannot be written"):
        build_page("cifar10", reports)


def test_nothing_slow_is_imported_for_a_page_that_is_up_to_date(folder, reports, ran):
    build_page("cifar10", reports)
    slow = {"matplotlib", "pandas", "numpy", "nbconvert", "nbformat", "papermill"}
    end = f"print(page, sorted({slow} & sys.modules.keys()))"
    found = subprocess.check_output(
        [sys.executable, "-c", build(folder, reports, end)], cwd=ROOT, text=True
    )
    assert found.strip() == f"{reports / 'cifar10' / 'index.html'} []"


def build(folder, reports, end=""):
    """A program that builds the page of these notebooks and reports."""
    return (
        "import sys\nfrom pathlib import Path\n"
        "from analysis import builds, contents, notebooks\n"
        f"notebooks.FOLDER = Path({str(folder)!r})\n"
        f"contents.TOPICS = {contents.TOPICS!r}\n"
        f"page = builds.build_page('cifar10', Path({str(reports)!r}))\n{end}"
    )


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupt_ends_the_kernels_and_records_nothing(folder, reports):
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
    tasks = plan("cifar10", reports)
    assert tasks[0].reason == "not run yet"
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
    assert one.keys() == two.keys() and len(one) == 11
    assert [name for name in one if one[name] != two[name]] == []


def built(reports):
    found = (reports / "cifar10").rglob("*.*")
    kept = {".html", ".svg", ".png", ".csv"}
    files = [path for path in found if path.suffix in kept and "runs" not in path.parts]
    return {path.relative_to(reports).as_posix(): path.read_bytes() for path in files}
