"""Epochs of tanh over those of ReLU in the 2012 network, on losses known by hand."""

import math

from fake_training_runs import write_training

from analysis import claims, results, tanh_measured
from analysis.claim_lines import lines

R0, TANH = "released-145", "R-tanh"
FAST = [5, 4, 3, 2, 1]  # loss by epoch
(CLAIM,) = [claim for claim in claims.load() if claim.id == "S3.1b"]


def offered(reports):
    return tanh_measured.measured(results.load("tiny-imagenet", reports))


def words(reports):
    found = lines(CLAIM, offered(reports)["S3.1b"], "tiny-imagenet")
    return [line.verdict.word for line in found]


def write_both(reports, slow, fast=(FAST, FAST)):
    for seed, losses in enumerate(fast):
        write_training(reports, R0, seed, losses=losses)
    for seed, losses in enumerate(slow):
        write_training(reports, TANH, seed, losses=losses)


def test_a_loss_that_tanh_never_reaches_is_a_bound(tmp_path):
    """1 is R0's after 4 epochs; tanh comes to 3 after 4."""
    write_both(tmp_path, ([5, 4.5, 4, 3.5, 3], [5, 4.5, 4, 3.5, 3]))
    (found,) = offered(tmp_path)["S3.1b"]
    assert (found.value, found.low, found.high) == (1, 1, math.inf)
    assert found.stated == (
        "at least 1.00: R-tanh over released-145, training loss 1.00, not in 4 epochs "
        "in 2 of 2 runs and after 4.0 epochs"
    )
    assert (found.images, found.split) == (10_000, "training images")
    assert found.runs == tuple(f"{n}/seed-{s}" for n in (TANH, R0) for s in (0, 1))
    assert words(tmp_path) == ["inconclusive"]


def test_a_bound_above_one_is_enough(tmp_path):
    """R0 is there after 2 of 4 epochs, tanh never."""
    write_both(tmp_path, ([5, 4.5, 4, 3.5, 3],) * 2, fast=([5, 3, 1, 1, 1],) * 2)
    (found,) = offered(tmp_path)["S3.1b"]
    assert (found.value, found.low, found.high) == (2, 2, math.inf)
    assert words(tmp_path) == ["direction reproduced"]


def test_a_loss_that_tanh_reaches_later_is_a_ratio(tmp_path):
    """R0's 1 after 2 epochs of its 4, tanh's after 4: twice."""
    write_both(tmp_path, (FAST, FAST), fast=([5, 3, 1, 1, 1],) * 2)
    (found,) = offered(tmp_path)["S3.1b"]
    assert (found.value, found.low, found.high) == (2, 2, 2)
    assert words(tmp_path) == ["direction reproduced"]


def test_a_faster_tanh_contradicts(tmp_path):
    write_both(tmp_path, ([5, 3, 1, 1, 1],) * 2)
    assert words(tmp_path) == ["contradicted"]


def test_one_run_an_arm_has_no_interval(tmp_path):
    write_both(tmp_path, ([5, 4.5, 4, 3.5, 3],), fast=(FAST,))
    (found,) = offered(tmp_path)["S3.1b"]
    assert not found.has_interval
    assert words(tmp_path) == ["inconclusive"]


def test_without_both_recipes_nothing_is_offered(tmp_path):
    assert offered(tmp_path) == {}
    write_training(tmp_path)
    assert offered(tmp_path) == {}
    write_training(tmp_path, TANH, status="running")
    assert offered(tmp_path) == {}
