"""Loading run folders: only complete ones are evidence, the others are named."""

import shutil

import pytest

from analysis.display.sections import holes
from analysis.evidence import runs as results
from analysis.evidence.runs import ReportError
from tests.made.runs import CURVE_TO_5, write_run


def test_only_complete_runs_are_evidence(tmp_path):
    write_run(tmp_path, CURVE_TO_5, seed=1)
    write_run(tmp_path, CURVE_TO_5, seed=2, status="running")
    write_run(tmp_path, CURVE_TO_5, seed=3, status="failed")
    runs = results.load("cifar10", tmp_path)
    assert [run.seed for run in runs.complete] == [1]
    assert [(run.seed, run.status) for run in runs.incomplete] == [
        (2, "running"),
        (3, "failed"),
    ]
    assert runs.complete[0].metrics["train_top1_error"].tolist() == list(CURVE_TO_5)


NAME = "figure1-18pct-modern+learning_rate=0.01"


@pytest.mark.parametrize(
    "copy",
    [
        f"{NAME}/seed-2",
        f"{NAME}/seed-1 copy",
        f"{NAME}/seed-01",
        f"{NAME}/copy of seed-1",
        f"{NAME} copy/seed-1",
        "figure1-18pct-original/seed-1",
    ],
)
def test_a_copied_run_is_no_other_seed(tmp_path, copy):
    run = write_run(tmp_path, CURVE_TO_5, seed=1)
    assert run.parent.name == NAME
    target = run.parents[1] / copy
    shutil.copytree(run, target)
    runs = results.load("cifar10", tmp_path)
    assert [each.folder for each in runs.complete] == [run]
    [left_out] = runs.incomplete
    assert left_out.folder == target and copy in left_out.status
    assert copy in holes(runs).html
    shutil.rmtree(run)  # a copy alone is no evidence either
    assert not results.load("cifar10", tmp_path).complete


def test_a_folder_without_manifest_is_no_run(tmp_path):
    run = write_run(tmp_path, CURVE_TO_5)
    (run / "manifest.json").unlink()
    runs = results.load("cifar10", tmp_path)
    assert runs.complete == runs.incomplete == ()
    assert runs.declared == {} and runs.note == ""


def test_named_keeps_the_recipes_that_start_so(tmp_path):
    write_run(tmp_path, CURVE_TO_5, condition="figure1-18pct-modern")
    write_run(tmp_path, CURVE_TO_5, condition="other")
    runs = results.load("cifar10", tmp_path).named("figure1-")
    assert [run.name for run in runs.complete] == [
        "figure1-18pct-modern+learning_rate=0.01"
    ]


def test_the_newest_run_declares_the_profile(tmp_path):
    write_run(tmp_path, CURVE_TO_5, seed=1, profile={"note": "old"})
    write_run(tmp_path, CURVE_TO_5, seed=2, profile={"note": "new"})
    assert results.load("cifar10", tmp_path).note == "new"


def test_unknown_profile_names_the_known_ones(tmp_path):
    with pytest.raises(ReportError, match="unknown profile 'cifar'.*cifar10, smoke"):
        results.load("cifar", tmp_path)


def test_a_broken_file_is_named(tmp_path):
    run = write_run(tmp_path, CURVE_TO_5)
    (run / "recipe.json").write_text("{")
    with pytest.raises(ReportError, match=r"recipe\.json: not readable"):
        results.load("cifar10", tmp_path)


def test_reports_come_from_the_environment_unless_given(tmp_path, monkeypatch):
    write_run(tmp_path, CURVE_TO_5)
    monkeypatch.setenv("REPRO_REPORTS", str(tmp_path))
    assert len(results.load("cifar10").complete) == 1
