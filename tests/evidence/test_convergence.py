"""Steps to one training loss and to the best validation error."""

import math

import pytest

from analysis.evidence import convergence
from analysis.evidence import runs as results
from tests.made.training_runs import write_training

SLOW = [5, 4, 3, 2, 1]
FAST = [5, 3, 1, 0.5, 0.5]


def arms(reports):
    runs = results.load("tiny-imagenet", reports)
    return runs.named("released-145"), runs.named("R-nodrop")


def test_the_level_is_the_lowest_that_every_run_reaches(tmp_path):
    for seed in (0, 1):
        write_training(tmp_path, seed=seed, losses=SLOW)
    write_training(tmp_path, "R-nodrop", losses=FAST, val=(1, 0.6, 0.7, 0.8, 0.9))
    found = convergence.compare(*arms(tmp_path))
    assert found.level == 1
    assert (found.first_steps, found.second_steps) == ((400, 400), (200,))
    assert (found.to_level.value, found.to_level.limits) == (pytest.approx(2), "")
    assert (found.first_best, found.second_best) == ((300, 300), (100,))
    assert found.to_best.value == pytest.approx(3)
    assert found.still_improving == 0


def test_a_level_between_two_epochs_is_interpolated(tmp_path):
    write_training(tmp_path, losses=[5, 4, 3, 2, 1.5])
    write_training(tmp_path, "R-nodrop", losses=[5, 2, 1, 1, 1])
    found = convergence.compare(*arms(tmp_path))
    assert (found.level, found.second_steps) == (1.5, (150,))


def test_runs_that_improve_to_the_end_are_counted(tmp_path):
    falling = (1, 0.9, 0.8, 0.7, 0.6)
    write_training(tmp_path, val=falling)
    write_training(tmp_path, "R-nodrop", val=falling)
    assert convergence.compare(*arms(tmp_path)).still_improving == 2


def test_a_loss_that_never_falls_gives_no_ratio(tmp_path):
    write_training(tmp_path, losses=[5, 6, 6, 6, 6])
    write_training(tmp_path, "R-nodrop", losses=FAST)
    found = convergence.compare(*arms(tmp_path))
    assert found.to_level.bound == "unknown"
    assert math.isnan(found.to_level.value)


def test_an_arm_without_runs_is_nothing_to_compare(tmp_path):
    write_training(tmp_path)
    assert convergence.compare(*arms(tmp_path)) is None
