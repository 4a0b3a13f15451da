"""Curves, rate drops and gaps, on runs whose numbers are known."""

import pytest

from analysis.evidence import curves as learning_curves
from analysis.evidence import runs as results
from tests.made.training_runs import TRAIN, write_training


def load(reports):
    return results.load("tiny-imagenet", reports)


def test_curves_have_a_row_for_each_epoch_and_split(tmp_path):
    write_training(tmp_path)
    curves = learning_curves.curves(load(tmp_path))
    assert curves["split"].tolist() == ["training"] * 5 + ["validation"] * 5
    assert curves["top1_error"].tolist()[:5] == list(TRAIN)
    assert curves["loss"].tolist()[5:] == pytest.approx([5, 4, 3.5, 3, 3.25])


def test_without_images_held_out_there_is_no_validation_and_no_gap(tmp_path):
    write_training(tmp_path, val=None, splits={"train": 800})
    runs = load(tmp_path)
    assert set(learning_curves.curves(runs)["split"]) == {"training"}
    assert learning_curves.gaps(runs).empty
    assert "800 training and no validation images" in learning_curves.protocol(runs)


def test_without_runs_the_tables_are_empty(tmp_path):
    assert learning_curves.curves(load(tmp_path)).empty
    assert learning_curves.gaps(load(tmp_path)).empty


def test_gaps_at_the_last_epoch_and_at_the_lowest_validation_error(tmp_path):
    write_training(tmp_path, "released-145+epochs=4")
    last, best = learning_curves.gaps(load(tmp_path)).itertuples()
    assert (last.epoch, best.epoch, best.step) == (4, 3, 300)
    assert (last.top1_gap, best.top1_gap) == pytest.approx((0.35, 0.2))
    assert (last.loss_gap, best.loss_gap) == pytest.approx((1.75, 1.0))
    assert (last.recipe, last.changes) == ("released-145", "epochs=4")
    assert (last.train_images, last.val_images) == (10_000, 2_500)


def test_of_equal_validation_errors_the_latest_is_the_best_as_in_best_pt(tmp_path):
    write_training(tmp_path, val=(1.0, 0.6, 0.7, 0.6, 0.65))
    assert learning_curves.gaps(load(tmp_path))["epoch"].tolist() == [4, 3]


def test_drops_are_read_from_the_rates_that_the_run_had(tmp_path):
    rates = [0.01, 0.01, 0.01, 0.001, 0.001]
    write_training(tmp_path, rates=rates)
    write_training(tmp_path, seed=1, rates=rates, fields={"schedule": "cosine"})
    stepped, smooth = load(tmp_path).complete
    ((after, share),) = learning_curves.drops(stepped)
    assert (after, share) == (2, pytest.approx(0.1))
    assert learning_curves.drops(smooth) == []


def test_the_late_phase_is_what_the_run_has_come_to(tmp_path):
    whole = load_one(tmp_path / "a", write_training)
    short = load_one(tmp_path / "b", write_training, train=TRAIN[:4], val=TRAIN[:4])
    never = load_one(tmp_path / "c", write_training, fields={"late_epochs": []})
    phases = [learning_curves.late_phase(run) for run in (whole, short, never)]
    assert phases == [[2, 3], [2], []]


def load_one(reports, write, **changes):
    write(reports, **changes)
    return load(reports).complete[0]
