"""Epochs of tanh over those of ReLU in the 2012 network, on losses known by hand."""

import math

import pytest
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


def write_both(reports, slow, fast=(FAST, FAST), **changes):
    for seed, losses in enumerate(fast):
        write_training(reports, R0, seed, losses=losses)
    for seed, losses in enumerate(slow):
        write_training(reports, TANH, seed, losses=losses, **changes)


def test_a_loss_that_tanh_never_reaches_is_a_bound(tmp_path):
    """1 is R0's after 4 epochs; tanh comes to 3 after 4, R0 after 2."""
    write_both(tmp_path, ([5, 4.5, 4, 3.5, 3], [5, 4.5, 4, 3.5, 3]))
    own, both = offered(tmp_path)["S3.1b"]
    assert (own.quantity, both.quantity) == (
        "to the loss of released-145",
        "to a loss that both reach",
    )
    assert (own.value, own.low, own.high) == (1, 1, math.inf)
    assert own.stated == (
        "at least 1.00: R-tanh over released-145, training loss 1.00, not in 4 epochs "
        "in 2 of 2 runs and after 4.0 epochs; 450 and 450 s an epoch"
    )
    assert (both.value, both.low, both.high) == (2, 2, 2)
    assert both.stated.startswith(
        "2.00: R-tanh over released-145, training loss 3.00, after 4.0 epochs and after "
        "2.0 epochs"
    )
    assert (both.images, both.split) == (10_000, "training images")
    assert both.runs == tuple(f"{n}/seed-{s}" for n in (TANH, R0) for s in (0, 1))
    assert words(tmp_path) == ["inconclusive", "direction reproduced"]


def test_losses_that_both_reach_are_one_number(tmp_path):
    """R0's 1 after 2 epochs of its 4, tanh's after 4: twice."""
    write_both(tmp_path, (FAST, FAST), fast=([5, 3, 1, 1, 1],) * 2)
    own, both = offered(tmp_path)["S3.1b"]
    assert (own.value, own.low) == (both.value, both.low) == (2, 2)
    assert words(tmp_path) == ["direction reproduced"] * 2


def test_a_faster_tanh_contradicts(tmp_path):
    write_both(tmp_path, ([5, 3, 1, 1, 1],) * 2)
    assert words(tmp_path) == ["contradicted"] * 2


def test_one_run_an_arm_has_no_interval(tmp_path):
    write_both(tmp_path, ([5, 4.5, 4, 3.5, 3],), fast=(FAST,))
    own, both = offered(tmp_path)["S3.1b"]
    assert not own.has_interval and not both.has_interval
    assert words(tmp_path) == ["inconclusive"] * 2


def test_seconds_are_medians_of_each_arm(tmp_path):
    write_both(tmp_path, (FAST, FAST), speeds=[None, 50, 50, 50, 50])
    own, _ = offered(tmp_path)["S3.1b"]
    assert own.stated.endswith("900 and 450 s an epoch")


def test_a_network_that_learns_nothing_leaves_the_bound(tmp_path):
    """Its lowest loss is that before training: no step of R0 leads there."""
    write_both(tmp_path, ([5, 5, 5, 5, 5],) * 2)
    (own,) = offered(tmp_path)["S3.1b"]
    assert own.quantity == "to the loss of released-145"
    assert own.value == pytest.approx(1)


def test_without_both_recipes_nothing_is_offered(tmp_path):
    assert offered(tmp_path) == {}
    write_training(tmp_path)
    assert offered(tmp_path) == {}
    write_training(tmp_path, TANH, status="running")
    assert offered(tmp_path) == {}
