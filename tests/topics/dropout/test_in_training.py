"""Steps and epochs of R0 over those without dropout, by hand."""

import pytest

from analysis.evidence import runs
from analysis.evidence.arms import arms
from analysis.topics.dropout import in_training
from tests.made.training_runs import write_training
from tests.made.verdicts import verdicts

R0, NODROP = "released-145", "R-nodrop"


def pairs(reports):
    return arms(runs.load("tiny-imagenet", reports), R0, NODROP)


def iterations(reports):
    return in_training.iterations(pairs(reports))


def cost(reports):
    (found,) = in_training.cost(pairs(reports))
    return found


def test_iterations_by_both_definitions(tmp_path):
    """A loss of 1 after 4 epochs, without dropout after 2; both best after the third."""
    for seed in (0, 1):
        write_training(tmp_path, seed=seed, losses=[5, 4, 3, 2, 1])
        write_training(tmp_path, NODROP, seed, losses=[5, 3, 1, 1, 1])
    level, best = iterations(tmp_path)
    assert (level.quantity, level.value) == ("to one training loss", 2)
    assert (level.low, level.high, level.unit) == (2, 2, "times")
    assert level.stated == (
        "2.00: released-145 over R-nodrop; training loss 1.00, the lowest that every "
        "run reaches"
    )
    assert (level.images, level.split) == (10_000, "training images")
    assert best.quantity == "to the best validation error"
    assert (best.value, best.images, best.split) == (1, 2_500, "validation images")
    assert best.stated == "1.00: released-145 over R-nodrop; lowest validation error"
    assert best.runs == tuple(f"{n}/seed-{s}" for n in (R0, NODROP) for s in (0, 1))
    assert verdicts("S4.2e", iterations(tmp_path)) == [
        "direction reproduced",
        "inconclusive",
    ]


def test_a_lowest_error_in_the_last_epoch_is_said(tmp_path):
    write_training(tmp_path, val=(1, 0.8, 0.7, 0.6, 0.5))
    write_training(tmp_path, NODROP)
    _, best = iterations(tmp_path)
    assert best.value == pytest.approx(4 / 3)
    assert best.stated.endswith("validation error; 1 run had it in the last epoch")


def test_a_level_before_the_first_step_has_no_ratio(tmp_path):
    write_training(tmp_path, losses=[1, 2, 2, 2, 2])
    write_training(tmp_path, NODROP, losses=[5, 3, 1, 1, 1])
    (best,) = iterations(tmp_path)
    assert best.quantity == "to the best validation error"


def test_a_level_between_two_epochs_is_interpolated(tmp_path):
    """The lowest that both reach is 1.5: after 400 steps and after 150."""
    write_training(tmp_path, losses=[5, 4, 3, 2, 1.5])
    write_training(tmp_path, NODROP, losses=[5, 2, 1, 1, 1])
    assert iterations(tmp_path)[0].value == pytest.approx(400 / 150)


def test_without_validation_images_nothing_is_measured(tmp_path):
    whole = {"val": (), "splits": {"train": 47_500}}
    for name in (R0, NODROP):
        write_training(tmp_path, name, **whole)
    assert iterations(tmp_path) == in_training.cost(pairs(tmp_path)) == []


def write_cost(reports, slow, fast=(0.9, 0.7, 0.5)):
    """Validation errors by epoch: R0's, and those without dropout, 50 % after two."""
    for name, errors in ((R0, slow), (NODROP, fast)):
        for seed in (0, 1):
            write_training(
                reports,
                name,
                seed,
                train=errors,
                val=errors,
                rates=[0.01] * len(errors),
            )


def test_epochs_to_one_validation_error(tmp_path):
    write_cost(tmp_path, (0.9, 0.8, 0.7, 0.6, 0.5))  # 50 % after four
    found = cost(tmp_path)
    assert (found.value, found.low, found.high) == pytest.approx((2, 2, 2))
    assert found.unit == "times" and found.split == "validation images"
    assert found.stated == (
        "2.00: released-145 over R-nodrop, 4.0 and 2.0 epochs to 50.0 % validation "
        "error, the lowest that every run reaches"
    )
    assert verdicts("S4.2f", [cost(tmp_path)])[-1] == "direction reproduced"


def test_no_cost_at_all_is_not_about_twice(tmp_path):
    write_cost(tmp_path, (0.9, 0.7, 0.5))
    assert cost(tmp_path).value == pytest.approx(1)
    assert verdicts("S4.2f", [cost(tmp_path)])[-1] == "contradicted"
