"""Two recipes whose runs differ in nothing else."""

import math

from analysis.evidence import runs as results
from analysis.evidence.arms import R0, Arm, arms
from tests.made.training_runs import write_training


def test_a_name_is_taken_apart_as_it_was_made():
    arm = Arm("R-gap", ("dropout=0",))
    assert arm.name(("epochs=17",)) == "R-gap+dropout=0+epochs=17"
    assert arm.condition("R-gap+dropout=0+epochs=17") == ("epochs=17",)
    assert arm.condition("R-gap+epochs=17") is None
    assert arm.condition("R-gap2+dropout=0") is None
    assert R0.condition("released-145") == ()


def test_what_the_arm_sets_goes_before_the_condition():
    assert Arm("R", ("epochs=1",)).name(("epochs=2",)) == "R+epochs=1"


def test_arms_have_the_same_changes_and_images(tmp_path):
    other = {"dataset": "d", "split": "train", "sha256": {"images": "x", "labels": "y"}}
    for name in ("released-145", "R-nodrop+epochs=4", "R-dense"):
        write_training(tmp_path, name)
    write_training(tmp_path, "R-nodrop", data=other)
    runs = results.load("tiny-imagenet", tmp_path)
    assert arms(runs, "R-nodrop", "released-145") == []
    write_training(tmp_path, "R-nodrop")
    (pair,) = arms(results.load("tiny-imagenet", tmp_path), "R-nodrop", "released-145")
    assert pair.names == ("R-nodrop", "released-145") and pair.changes == ""


def test_how_far_to_a_level_is_interpolated_and_infinite_where_it_never_is(tmp_path):
    write_training(tmp_path, losses=[5, 4, 3, 2, 1])
    write_training(tmp_path, "R-nodrop", losses=[5, 4, 4, 4, 4])
    (pair,) = arms(results.load("tiny-imagenet", tmp_path), "released-145", "R-nodrop")
    assert pair.reach("train_loss", 2.5) == [[2.5], [math.inf]]
    assert pair.reach("train_loss", 2.5, by="step") == [[250], [math.inf]]
    assert pair.reach("train_loss", 5) is None  # before the first step
