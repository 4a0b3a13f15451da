"""Epochs of tanh over those of ReLU in the 2012 network, on losses known by hand."""

import math

import pytest

from analysis.claims import claims
from analysis.evidence import runs
from analysis.ledger.lines import lines
from analysis.topics.training import tanh_measured
from tests.made.training_runs import write_training

R0, TANH = "released-145", "R-tanh"
FAST = [5, 4, 3, 2, 1]  # loss by epoch
(CLAIM,) = [claim for claim in claims.load() if claim.id == "S3.1b"]


def offered(reports):
    return tanh_measured.measured(runs.load("tiny-imagenet", reports))


def words(reports):
    found = lines(CLAIM, offered(reports)["S3.1b"], "tiny-imagenet")
    return [line.verdict.word for line in found]


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
    assert words(tmp_path) == ["direction reproduced"]


def test_a_bound_below_one_decides_nothing(tmp_path):
    """Of shorter runs: R0 is there after 2 epochs, tanh not in 1."""
    for seed in range(2):
        write_training(tmp_path, R0, seed, losses=FAST)
        write_training(tmp_path, TANH, seed, train=(1, 0.9), losses=[5, 4.5])
    (found,) = offered(tmp_path)["S3.1b"]
    assert (found.value, found.low, found.high) == (0.5, 0.5, math.inf)
    assert words(tmp_path) == ["inconclusive"]


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
