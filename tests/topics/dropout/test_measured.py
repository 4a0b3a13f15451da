"""What dropout is worth beside averages, and to single units, by hand."""

import math

import numpy as np
import pytest

from analysis.claims import claims
from analysis.evidence import runs
from analysis.ledger.lines import lines
from analysis.statistics.estimates import over_seeds
from analysis.topics.dropout import measured
from analysis.topics.training import topic
from tests.made.errors import mistakes, write_exported
from tests.made.training_runs import write_training
from tests.made.transfer import write_removed

T1, T2 = 12.706205, 4.302653  # Student's t, 97.5 %, of 1 and 2 degrees of freedom
R0, NODROP, LONG = "released-145", "R-nodrop", "R-long"
CLAIMS = {claim.id: claim for claim in claims.load()}
CURVE = ((2.0, 0.8, None), (1.0, 0.5, None))  # no validation images: no cost


def offered(reports, profile="cifar10"):
    return measured.measured(runs.load(profile, reports))


def words(reports, name, profile="cifar10"):
    found = lines(CLAIMS[name], offered(reports, profile)[name], profile)
    return [line.verdict.word for line in found]


def write_arm(reports, name, errors, epochs=2, seeds=None, curve=CURVE):
    """One seed an error, in images of 1000: the first so many are wrong."""
    about = {"profile": "cifar10", "dataset": "cifar10", "images": 1000}
    about |= {"epochs": epochs, "metrics": curve}
    for seed, count in zip(seeds or range(len(errors)), errors, strict=True):
        write_exported(reports, name, seed, wrong=mistakes(count, count), **about)


def by_quantity(reports):
    return {each.quantity: each for each in offered(reports)["S4.2f"]}


def test_every_pair_is_averaged_and_seeds_are_left_out_in_turn(tmp_path):
    """Equal probabilities: where both differ the first of a pair wins, as in the code.

    Of nested mistakes the average is wrong as often as the first network of the pair:
    300 of (0, 1) and (0, 2), 320 of (1, 2).
    """
    write_arm(tmp_path, NODROP, (300, 320, 310))
    write_arm(tmp_path, LONG, (280, 290, 270), epochs=4)
    found = by_quantity(tmp_path)["equal epochs"]
    assert found.value == pytest.approx(100 * ((0.3 + 0.3 + 0.32) / 3 - 0.28))
    without = [0.32 - 0.28, 0.3 - 0.275, 0.3 - 0.285]  # seed 0, 1 and 2
    pseudo = 3 * np.mean(without) - 2 * np.array(without)
    half = T2 * pseudo.std(ddof=1) / math.sqrt(3)
    limits = [100 * (np.mean(without) + sign * half) for sign in (-1, 1)]
    assert (found.low, found.high) == pytest.approx(limits)
    assert (found.seeds, found.images) == ((3, 3), 1000)
    assert found.stated == (
        "+2.67 points: R-nodrop, 2 networks averaged (3 pairs), minus one R-long; "
        "4 epochs in all against 4"
    )
    assert found.runs == tuple(
        f"{name}/seed-{seed}" for name in (NODROP, LONG) for seed in range(3)
    )


@pytest.mark.parametrize(
    ("without", "word"),
    [
        ((400, 401, 402), "direction reproduced"),
        ((300, 350, 400), "inconclusive"),
        ((100, 101, 102), "contradicted"),
    ],
)
def test_at_equal_epochs_it_can_be_the_other_way_round(tmp_path, without, word):
    write_arm(tmp_path, NODROP, without)
    write_arm(tmp_path, LONG, (280, 290, 270), epochs=4)
    assert words(tmp_path, "S4.2f") == [word]


def test_a_network_of_other_epochs_is_not_compared(tmp_path):
    write_arm(tmp_path, NODROP, (300, 310, 320))
    write_arm(tmp_path, LONG, (280, 290, 270), epochs=3)
    write_arm(tmp_path, f"{R0}+epochs=9", (280, 290, 270), epochs=9)
    assert "S4.2f" not in offered(tmp_path)


def test_two_seeds_make_one_pair_and_no_interval(tmp_path):
    write_arm(tmp_path, NODROP, (300, 320))
    write_arm(tmp_path, LONG, (280, 290, 270), epochs=4)
    (found,) = offered(tmp_path)["S4.2f"]
    assert found.value == pytest.approx(100 * (0.3 - 0.285)) and not found.has_interval
    assert words(tmp_path, "S4.2f") == ["inconclusive"]
    assert "(1 pair)" in found.stated


def test_one_seed_averages_nothing(tmp_path):
    write_arm(tmp_path, NODROP, (300,))
    write_arm(tmp_path, LONG, (280, 290), epochs=4)
    assert "S4.2f" not in offered(tmp_path)


def test_of_a_mean_the_jackknife_is_students_interval():
    values = [0.1, 0.4, 0.2, 0.7]
    without = [(sum(values) - each) / 3 for each in values]
    found = measured.jackknife(np.mean(values), without, images=9)
    expected = over_seeds(values, images=9)
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def write_cost(reports, slow, fast=(0.9, 0.7, 0.5)):
    """Validation errors by epoch: R0's, and those without dropout, 50 % after two."""
    for name, errors in ((R0, slow), (NODROP, fast)):
        curve = [(2.0, 0.8, error) for error in errors]
        write_arm(reports, name, (300, 300), curve=curve)


def test_epochs_to_one_validation_error(tmp_path):
    write_cost(tmp_path, (0.9, 0.8, 0.7, 0.6, 0.5))  # 50 % after four
    found = by_quantity(tmp_path)["cost"]
    assert (found.value, found.low, found.high) == pytest.approx((2, 2, 2))
    assert found.unit == "times" and found.split == "validation images"
    assert found.stated == (
        "2.00: released-145 over R-nodrop, 4.0 and 2.0 epochs to 50.0 % validation "
        "error, the lowest that every run reaches"
    )
    assert words(tmp_path, "S4.2f")[-1] == "direction reproduced"


def test_no_cost_at_all_is_not_about_twice(tmp_path):
    write_cost(tmp_path, (0.9, 0.7, 0.5))
    assert by_quantity(tmp_path)["cost"].value == pytest.approx(1)
    assert words(tmp_path, "S4.2f")[-1] == "contradicted"


def test_a_cost_of_four_times_is_not_about_twice(tmp_path):
    write_cost(tmp_path, [0.9 - 0.05 * epoch for epoch in range(9)])
    assert by_quantity(tmp_path)["cost"].value == pytest.approx(4)
    assert words(tmp_path, "S4.2f")[-1] == "contradicted"


def write_removals(reports, name, removed, tested=0.2, **changes):
    for seed, error in enumerate(removed):
        run = write_training(reports, name, seed, **changes)
        write_removed(run, tested=tested, removed=error)


def removals(reports):
    return measured.measured(runs.load("tiny-imagenet", reports))


def test_what_removing_units_adds_by_seed(tmp_path):
    write_removals(tmp_path, R0, (0.21, 0.22, 0.2, 0.5))
    write_removals(tmp_path, NODROP, (0.33, 0.36, 0.34), tested=0.3)
    (found,) = removals(tmp_path)["S4.2g"]
    each = [3 - 1, 6 - 2, 4 - 0]  # points
    half = T2 * np.std(each, ddof=1) / math.sqrt(3)
    assert found.value == pytest.approx(10 / 3)
    assert (found.low, found.high) == pytest.approx((10 / 3 - half, 10 / 3 + half))
    assert found.stated == (
        "+3.33 points: R-nodrop minus released-145, +4.33 and +1.00 of top-1 error"
    )
    assert (found.seeds, found.images) == ((3, 3), 2000)
    assert len(found.runs) == 6
    (line,) = lines(CLAIMS["S4.2g"], [found], "tiny-imagenet")
    assert line.verdict.word == "direction reproduced"


def test_a_run_without_the_row_does_not_count(tmp_path):
    write_removals(tmp_path, R0, (0.21, 0.22))
    write_training(tmp_path, NODROP)
    assert "S4.2g" not in removals(tmp_path)
    write_removals(tmp_path, NODROP, (0.33,))
    (found,) = removals(tmp_path)["S4.2g"]
    assert not found.has_interval and found.seeds == (1, 1)


def test_the_topic_offers_both(tmp_path):
    write_removals(tmp_path, R0, (0.21, 0.22))
    write_removals(tmp_path, NODROP, (0.33, 0.36))
    assert LONG in topic.RECIPES
    found = topic.measured(runs.load("tiny-imagenet", tmp_path))
    assert found.keys() >= {"S4.2f", "S4.2g"}
    for name in ("S4.2f", "S4.2g"):
        known = {quantity.name for quantity in CLAIMS[name].quantities}
        assert {each.quantity for each in found[name]} <= known
