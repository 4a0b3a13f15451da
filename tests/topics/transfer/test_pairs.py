"""Pairs of runs, epochs to 25 %, last errors and test errors, by hand."""

import math

import pytest

from analysis.evidence import runs
from analysis.topics.transfer.pairs import transfers
from repro.recipes.presets import TRANSFER
from tests.made.transfer import ARRIVES, SCRATCH, TUNED, write_arm, write_pair

NAMES = ("transfer-scratch", "transfer-finetuned")


def pairs(reports):
    return transfers(runs.load("cifar10", reports))


def test_the_recipes_exist():
    assert TRANSFER.keys() == {"transfer-source", *NAMES}


def test_seeds_are_paired_and_what_is_alone_is_left_out(tmp_path):
    for seed in (2, 0):
        write_pair(tmp_path, seed)
    write_arm(tmp_path, "scratch", 1, errors=SCRATCH)
    write_arm(tmp_path, "source", 2, errors=SCRATCH)
    (pair,) = pairs(tmp_path)
    assert [run.seed for run in pair.scratch] == [0, 2]
    assert [run.seed for run in pair.tuned] == [0, 2]
    assert [run.seed for run in pair.source] == [2]
    assert pair.dataset == "CIFAR-10 (cat, dog)"
    assert pair.pretrained_on == "CIFAR-10 (deer, ship)"


def test_other_changes_and_other_images_are_other_pairs(tmp_path):
    write_pair(tmp_path)
    write_pair(tmp_path, suffix="+epochs=4")
    data = {
        "dataset": "cifar10",
        "split": "train",
        "sha256": {"images": "0", "labels": ""},
    }
    write_arm(tmp_path, "scratch", 3, errors=SCRATCH, data=data)
    write_arm(tmp_path, "finetuned", 3, errors=TUNED)
    known = {pair.changes: pair for pair in pairs(tmp_path)}
    assert known.keys() == {"", "epochs=4"}
    assert known["epochs=4"].dataset == "CIFAR-10 (cat, dog; epochs=4)"
    assert len(known[""].scratch) == 1
    assert known[""].pretrained_on == ""


def test_runs_that_are_not_complete_do_not_count(tmp_path):
    write_arm(tmp_path, "scratch", errors=SCRATCH)
    write_arm(tmp_path, "finetuned", errors=TUNED, status="running")
    assert pairs(tmp_path) == []


def test_epochs_to_25_per_cent_are_interpolated(tmp_path):
    write_pair(tmp_path)
    (pair,) = pairs(tmp_path)
    for split in ("val", "train"):
        found = pair.epochs(split)
        assert found[NAMES[0]] == pytest.approx([ARRIVES["scratch"]])
        assert found[NAMES[1]] == pytest.approx([ARRIVES["finetuned"]])
        assert pair.ratio(split).value == pytest.approx(7.0)
        assert math.isnan(pair.ratio(split).low)


def test_what_never_arrives_makes_the_ratio_a_bound(tmp_path):
    for seed in range(3):
        write_pair(tmp_path, seed, scratch=(0.5, 0.45, 0.4, 0.4, 0.4))
    (pair,) = pairs(tmp_path)
    assert pair.epochs("val")[NAMES[0]] == [math.inf] * 3
    ratio = pair.ratio("val")
    assert (ratio.bound, ratio.value) == ("at least", pytest.approx(4 / 0.5))


def test_there_before_the_first_step_is_no_ratio(tmp_path):
    write_pair(tmp_path, tuned=(0.2, 0.1, 0.1, 0.1, 0.1))
    assert pairs(tmp_path)[0].ratio("val").bound == "unknown"


def test_last_errors_and_their_difference_over_pairs(tmp_path):
    write_pair(tmp_path, 0)  # 0.2 and 0.1
    write_pair(tmp_path, 1, scratch=(*SCRATCH[:-1], 0.24))  # 0.24 and 0.1
    (pair,) = pairs(tmp_path)
    assert pair.last("val") == {
        NAMES[0]: pytest.approx([0.2, 0.24]),
        NAMES[1]: pytest.approx([0.1, 0.1]),
    }
    found = pair.last_difference("val")
    assert (found.value, found.images) == (pytest.approx(0.12), 1000)
    half = 12.706 * 0.02  # t of one degree of freedom, standard error 0.02
    assert (found.low, found.high) == pytest.approx(
        (0.12 - half, 0.12 + half), rel=1e-3
    )


def test_test_errors_are_compared_on_the_same_images(tmp_path):
    for seed in (0, 1):
        write_pair(tmp_path, seed)
    found = pairs(tmp_path)[0].test_difference()
    assert (found.value, found.images) == (pytest.approx(3 / 20), 20)


def test_without_an_export_there_is_no_test_error(tmp_path):
    write_pair(tmp_path)
    write_arm(tmp_path, "finetuned", errors=TUNED)
    assert pairs(tmp_path)[0].test_difference() is None
