"""What R0 and the recipes beside it offer to the ledger: gaps and iterations."""

import pytest

from analysis.claims import claims
from analysis.evidence import runs
from analysis.ledger.lines import lines
from analysis.topics.training import topic
from tests.made.training_runs import write_training

R0, QUARTER, NODROP = "released-145", "R-frac-0.25", "R-nodrop"
OTHER = {"images": "other", "labels": "5e7a"}


def offered(reports, profile="tiny-imagenet"):
    return topic.measured(runs.load(profile, reports))


def words(reports, name, profile="tiny-imagenet"):
    (claim,) = [claim for claim in claims.load() if claim.id == name]
    found = lines(claim, offered(reports, profile)[name], profile)
    return [line.verdict.word for line in found]


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


def test_one_run_an_arm_settles_nothing(tmp_path):
    write_training(tmp_path)
    write_training(tmp_path, QUARTER, val=(1, 0.8, 0.7, 0.6, 0.9))
    (measured,) = offered(tmp_path)["S1.7"]
    assert measured.value == pytest.approx(25) and not measured.has_interval
    assert words(tmp_path, "S1.7") == ["inconclusive"]


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
    for recipe in (QUARTER, "R-noreg", NODROP):
        write_training(tmp_path, recipe, **whole)
    assert not {"S1.7", "S4.0", "S4.2e"} & offered(tmp_path).keys()


def test_iterations_by_both_definitions(tmp_path):
    """A loss of 1 after 4 epochs, without dropout after 2; both best after the third."""
    for seed in (0, 1):
        write_training(tmp_path, seed=seed, losses=[5, 4, 3, 2, 1])
        write_training(tmp_path, NODROP, seed, losses=[5, 3, 1, 1, 1])
    level, best = offered(tmp_path)["S4.2e"]
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
    assert words(tmp_path, "S4.2e") == ["direction reproduced", "inconclusive"]


def test_a_lowest_error_in_the_last_epoch_is_said(tmp_path):
    write_training(tmp_path, val=(1, 0.8, 0.7, 0.6, 0.5))
    write_training(tmp_path, NODROP)
    _, best = offered(tmp_path)["S4.2e"]
    assert best.value == pytest.approx(4 / 3)
    assert best.stated.endswith("validation error; 1 run had it in the last epoch")


def test_a_level_before_the_first_step_has_no_ratio(tmp_path):
    write_training(tmp_path, losses=[1, 2, 2, 2, 2])
    write_training(tmp_path, NODROP, losses=[5, 3, 1, 1, 1])
    (best,) = offered(tmp_path)["S4.2e"]
    assert best.quantity == "to the best validation error"


def test_the_recorded_recipe_is_offered_beside(tmp_path):
    write_training(tmp_path)
    found = offered(tmp_path)
    assert {"S5.1", "S5.4", "S5.5", "S5.7"} <= found.keys()
    assert [(each.quantity, each.value) for each in found["S5.7"]][:3] == [
        ("first rate", 0.01),
        ("drops", 3),
        ("divisor", 10),
    ]


def test_smoke_runs_decide_nothing(tmp_path):
    profile = {"name": "smoke", "dataset": "cifar10-subset"}
    for recipe in (QUARTER, "R-noreg", NODROP):
        write_gaps(tmp_path, recipe, profile=profile)
    for name in ("S1.7", "S4.0", "S4.2e"):
        assert set(words(tmp_path, name, "smoke")) == {"not run"}, name


def test_runs_that_are_not_complete_do_not_count(tmp_path):
    write_gaps(tmp_path, QUARTER, status="running")
    assert offered(tmp_path) == {}


def test_without_runs_nothing_is_offered(tmp_path):
    assert offered(tmp_path) == {}


def test_epochs_set_by_hand_leave_the_steps_unequal(tmp_path):
    write_gaps(tmp_path / "own", QUARTER)
    assert "S1.7" in offered(tmp_path / "own")
    write_gaps(tmp_path / "set", QUARTER, changes="+epochs=4")
    assert "S1.7" not in offered(tmp_path / "set")
