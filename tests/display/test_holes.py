"""What is missing is a hole with the command that fills it."""

from analysis.display import holes
from analysis.evidence import exported
from analysis.evidence import runs as results
from tests.made.figure4 import write_exported

FILES = ("predictions.npz", "errors.csv")


def loaded(reports):
    return results.load("cifar10", reports).named("released-145")


def test_no_run_is_a_hole_with_its_commands(tmp_path):
    runs = loaded(tmp_path)
    assert exported.chosen(runs, FILES).complete == ()
    html = holes.missing(runs, FILES).html
    assert 'class="hole">Not run:' in html
    assert "repro train --profile cifar10 --recipe released-145 --seed 0" in html


def test_a_run_that_is_not_exported_is_a_hole_with_its_command(tmp_path):
    write_exported(tmp_path, without="errors.csv")
    write_exported(tmp_path, seed=1)
    html = holes.missing(loaded(tmp_path), FILES).html
    assert html.count("hole") == 1
    assert "seed 0: no errors.csv" in html
    assert "runs/released-145+learning_rate=0.01/seed-0</code>" in html
    assert holes.missing(loaded(tmp_path), ["examples.npz"]).html == ""
