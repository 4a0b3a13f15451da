"""Gaps and epochs of other recipes beside those of R0, by hand."""

import math

import pytest

from analysis.evidence import runs
from analysis.topics.training import compared
from tests.made.training_runs import write_training
from tests.made.verdicts import verdicts

R0, QUARTER, TANH = "released-145", "R-frac-0.25", "R-tanh"
FAST = [5, 4, 3, 2, 1]  # loss by epoch
OTHER = {"images": "other", "labels": "5e7a"}


def offered(reports, profile="tiny-imagenet"):
    return compared.measured(runs.load(profile, reports))


def words(reports, name, profile="tiny-imagenet"):
    return verdicts(name, offered(reports, profile)[name], profile)


def write_gaps(reports, recipe, *, changes="", **more):
    """Two seeds of R0, whose validation ends at 65 and 67 %, and of one 10 % above."""
    for seed, last in enumerate((0.65, 0.67)):
        for name, rise in ((R0, 0), (recipe, 0.1)):
            val = (1, 0.8, 0.7, 0.6, last + rise)
            write_training(reports, name + changes, seed, val=val, **more)


def test_the_gap_on_a_quarter_of_the_images(tmp_path):
    write_gaps(tmp_path, QUARTER)
    (measured,) = offered(tmp_path)["S1.7"]
    assert measured.value == pytest.approx(10)
    # standard error sqrt(2) x 1 point on 2 degrees of freedom, whose t is 4.303
    limits = pytest.approx((10 - 4.303 * 2**0.5, 10 + 4.303 * 2**0.5), abs=1e-2)
    assert (measured.low, measured.high) == limits
    assert (measured.unit, measured.quantity) == ("points", "a quarter")
    assert measured.stated == (
        "+10.00: R-frac-0.25 minus released-145, 46.0 (45.0–47.0) and 36.0 (35.0–37.0)"
    )
    assert (measured.seeds, measured.images) == ((2, 2), 2_500)
    assert measured.dataset == "Tiny-ImageNet (45,000 training images)"
    assert measured.protocol == (
        "centre view, no augmentation; top-1 errors of the last epoch; "
        "Welch's t over seeds"
    )
    assert measured.runs == tuple(
        f"{n}/seed-{s}" for n in (QUARTER, R0) for s in (0, 1)
    )
    assert words(tmp_path, "S1.7") == ["direction reproduced"]


def test_the_gap_on_half_of_the_images_is_a_number_of_its_own(tmp_path):
    write_gaps(tmp_path, "R-frac-0.5")
    write_gaps(tmp_path, QUARTER)
    quarter, half = offered(tmp_path)["S1.7"]
    assert (quarter.quantity, half.quantity) == ("a quarter", "half")
    assert half.stated.startswith("+10.00: R-frac-0.5 minus released-145,")
    assert words(tmp_path, "S1.7") == ["direction reproduced"] * 2


def test_a_gap_the_other_way_round_contradicts(tmp_path):
    for seed, last in enumerate((0.65, 0.67)):
        write_training(tmp_path, seed=seed, val=(1, 0.8, 0.7, 0.6, last + 0.1))
        write_training(tmp_path, QUARTER, seed, val=(1, 0.8, 0.7, 0.6, last))
    assert words(tmp_path, "S1.7") == ["contradicted"]


def test_arms_are_of_the_same_changes_and_images(tmp_path):
    write_training(tmp_path, R0 + "+epochs=4")
    write_training(tmp_path, QUARTER)
    assert "S1.7" not in offered(tmp_path)
    data = {"dataset": "tiny-imagenet", "split": "train", "sha256": OTHER}
    write_training(tmp_path, data=data)
    assert "S1.7" not in offered(tmp_path)
    write_training(tmp_path, seed=1)
    (measured,) = offered(tmp_path)["S1.7"]
    assert measured.runs == (f"{QUARTER}/seed-0", f"{R0}/seed-1")


def test_every_condition_has_its_own(tmp_path):
    for changes in ("", "+width=0.5"):
        write_gaps(tmp_path, QUARTER, changes=changes)
    first, second = offered(tmp_path)["S1.7"]
    assert first.stated.startswith("+10.00: R-frac-0.25 minus released-145,")
    assert "R-frac-0.25+width=0.5 minus released-145+width=0.5" in second.stated


def test_a_share_of_a_share_is_not_a_quarter_of_all(tmp_path):
    write_gaps(tmp_path, QUARTER, changes="+train_share=0.5")
    assert "S1.7" not in offered(tmp_path)


def test_without_regularisation_the_gap_is_a_number_of_its_claim(tmp_path):
    write_gaps(tmp_path, "R-noreg")
    (measured,) = offered(tmp_path)["S4.0"]
    assert (measured.quantity, measured.value) == ("gap", pytest.approx(10))
    assert words(tmp_path, "S4.0") == ["direction reproduced"]


def test_runs_without_validation_have_no_gap(tmp_path):
    whole = {"val": (), "splits": {"train": 47_500}}
    write_training(tmp_path, **whole)
    for recipe in (QUARTER, "R-noreg"):
        write_training(tmp_path, recipe, **whole)
    assert not {"S1.7", "S4.0"} & offered(tmp_path).keys()


def test_runs_that_are_not_complete_do_not_count(tmp_path):
    write_gaps(tmp_path, QUARTER, status="running")
    assert offered(tmp_path) == {}


def test_epochs_set_by_hand_leave_the_steps_unequal(tmp_path):
    write_gaps(tmp_path / "own", QUARTER)
    assert "S1.7" in offered(tmp_path / "own")
    write_gaps(tmp_path / "set", QUARTER, changes="+epochs=4")
    assert "S1.7" not in offered(tmp_path / "set")


def write_both(reports, slow, fast=(FAST, FAST)):
    for seed, losses in enumerate(fast):
        write_training(reports, R0, seed, losses=losses)
    for seed, losses in enumerate(slow):
        write_training(reports, TANH, seed, losses=losses)


def test_a_loss_that_tanh_never_reaches_is_a_bound(tmp_path):
    """5 to 1 is half way at 3: of R0 after 4 epochs; tanh comes to 4."""
    late = [5, 5, 5, 3.5, 1]
    write_both(tmp_path, ([5, 4.75, 4.5, 4.25, 4],) * 2, fast=(late, late))
    (found,) = offered(tmp_path)["S3.1b"]
    assert found.value == pytest.approx(4 / 3.2)  # 3.5 to 1: 3 a fifth of the way
    assert (found.low, found.high) == (found.value, math.inf)
    assert found.stated == (
        "at least 1.25: R-tanh over released-145, training loss 3.00, not in 4 epochs "
        "in 2 of 2 runs and after 3.2 epochs"
    )
    assert (found.images, found.split) == (10_000, "training images")
    assert found.runs == tuple(f"{n}/seed-{s}" for n in (TANH, R0) for s in (0, 1))
    assert words(tmp_path, "S3.1b") == ["direction reproduced"]


def test_a_bound_below_one_decides_nothing(tmp_path):
    """Of shorter runs: R0 is there after 2 epochs, tanh not in 1."""
    for seed in range(2):
        write_training(tmp_path, R0, seed, losses=FAST)
        write_training(tmp_path, TANH, seed, train=(1, 0.9), losses=[5, 4.5])
    (found,) = offered(tmp_path)["S3.1b"]
    assert (found.value, found.low, found.high) == (0.5, 0.5, math.inf)
    assert words(tmp_path, "S3.1b") == ["inconclusive"]


def test_the_level_is_one_that_every_run_reaches(tmp_path):
    """The lowest of 1 and 3 gives 3 and with it 4, after 1 epoch; tanh's after 2."""
    write_both(tmp_path, ([5, 4.5, 4, 4, 4],) * 2, fast=(FAST, [5, 4, 3, 3, 3]))
    (found,) = offered(tmp_path)["S3.1b"]
    assert found.value == 2 and "training loss 4.00" in found.stated


def test_a_loss_that_tanh_reaches_later_is_a_ratio(tmp_path):
    """R0's 3 after 1 epoch of its 4, tanh's after 2: twice."""
    write_both(tmp_path, (FAST, FAST), fast=([5, 3, 1, 1, 1],) * 2)
    (found,) = offered(tmp_path)["S3.1b"]
    assert (found.value, found.low, found.high) == (2, 2, 2)
    assert words(tmp_path, "S3.1b") == ["direction reproduced"]


def test_one_slow_run_has_no_interval(tmp_path):
    write_both(tmp_path, ([5, 4.5, 4, 3.5, 3],), fast=(FAST,))
    (found,) = offered(tmp_path)["S3.1b"]
    assert not found.has_interval
    assert words(tmp_path, "S3.1b") == ["inconclusive"]


def test_without_both_recipes_nothing_is_offered(tmp_path):
    write_training(tmp_path)
    assert offered(tmp_path) == {}
    write_training(tmp_path, TANH, status="running")
    assert offered(tmp_path) == {}
