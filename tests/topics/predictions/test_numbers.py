"""What is said of test images, counted by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.evidence import runs as results
from analysis.evidence.runs import ReportError
from analysis.evidence.thumbnails import thumbnails
from analysis.topics.predictions import numbers
from tests.made.figure4 import NAMES, write_exported

CIFAR = ("airplane", "automobile", "bird", "cat", "deer")
CIFAR += ("dog", "frog", "horse", "ship", "truck")


@pytest.fixture
def runs(tmp_path):
    write_exported(tmp_path)
    return results.load("cifar10", tmp_path)


def test_the_shown_images_with_their_labels(runs):
    run = runs.complete[0]
    shown = numbers.shown(run, thumbnails(run))
    assert len(shown) == 8 * 5
    second = shown[shown["image"] == 1]
    assert second["true_label"].unique().tolist() == ["bat"]
    assert second["label"].tolist() == [NAMES[0], "bat", "cat", "dog", "eel"]
    assert second["right"].tolist() == [False, True, False, False, False]
    assert second["probability"].tolist()[:3] == [0.5, 0.25, 0.125]
    expected = {0: 1, 1: 2, 2: 3, 3: 4, 4: 5, 5: None, 6: 1, 7: 2}
    assert numbers.places(shown) == expected


def test_images_of_another_class_than_predicted_are_an_error(tmp_path):
    write_exported(tmp_path, class_name=np.array(["fox"] * 68))
    run = results.load("cifar10", tmp_path).complete[0]
    with pytest.raises(ReportError, match=r"examples\.npz.*image 0"):
        numbers.shown(run, thumbnails(run))


def test_errors_are_of_the_test_split_over_the_seeds(tmp_path):
    write_exported(tmp_path)  # 2 of 10 right first, 1 not among the five
    right = np.zeros((10, 5), np.uint16)
    right[:, 0] = np.arange(10) % 6
    write_exported(tmp_path, seed=1, classes_10=right)
    errors = numbers.errors(results.load("cifar10", tmp_path)).set_index("views")
    assert errors.index.tolist() == [10, 1]
    assert errors.loc[10, "n"] == 10
    assert errors.loc[10, "top1_error"] == pytest.approx((0.4, 0.0, 0.8))
    assert errors.loc[10, "right"] == pytest.approx((0.6, 0.2, 1.0))
    assert errors.loc[10, "top5_error"] == pytest.approx((0.05, 0.0, 0.1))
    assert errors.loc[10, "first"] == (0.5, 0.5, 0.5)


def test_errors_without_the_test_split_are_an_error(runs):
    path = runs.complete[0].folder / "errors.csv"
    table = pd.read_csv(path)
    table[table["split"] == "val"].to_csv(path, index=False)
    with pytest.raises(ReportError, match="not one row with split test and 10 views"):
        numbers.errors(runs)


def test_second_chance_counts_mistakes_only(runs, tmp_path):
    share, mistakes = numbers.second_chance(runs.complete[0])
    assert mistakes == 8
    assert share == 7 / 8  # all but image 5
    right = np.tile(np.arange(10)[:, None] % 6, (1, 5))
    write_exported(tmp_path / "all", classes_10=right)
    run = results.load("cifar10", tmp_path / "all").complete[0]
    share, mistakes = numbers.second_chance(run)
    assert math.isnan(share) and mistakes == 0


def test_agreement_of_kinds_by_hand(tmp_path):
    """Cat: dog, cat. Ship: truck, ship. Ship: ship, dog. Wrong: dog twice, truck."""
    classes = np.array([[5, 3], [9, 8], [8, 5]])
    write_exported(
        tmp_path,
        class_names=np.array(CIFAR),
        labels=np.array([3, 8, 8]),
        classes_10=classes,
    )
    first, everything = numbers.agreement(
        results.load("cifar10", tmp_path)
    ).itertuples()
    assert first.same[0] == pytest.approx(2 / 3)
    assert first.chance[0] == pytest.approx((2 / 3 + 1 / 3 + 1 / 3) / 3)
    assert first.difference.value == pytest.approx(2 / 3 - 4 / 9)
    assert first.difference.n == 3
    assert everything.same == first.same  # each image has one wrong label


def test_all_wrong_labels_weigh_less_each(tmp_path):
    """Cat, wrong dog, truck, ship: the first is an animal, a third of all are."""
    write_exported(
        tmp_path,
        class_names=np.array(CIFAR),
        labels=np.array([3, 3]),
        classes_10=np.array([[5, 3, 9, 8], [5, 9, 8, 3]]),
    )
    first, everything = numbers.agreement(
        results.load("cifar10", tmp_path)
    ).itertuples()
    assert first.same[0] == 1 and first.chance[0] == 1
    assert everything.same[0] == pytest.approx(1 / 3)
    assert everything.chance[0] == pytest.approx(1 / 3)


def test_classes_without_kinds_have_no_agreement(runs):
    assert numbers.agreement(runs).empty
    assert numbers.kinds(()) is None
    assert numbers.kinds(CIFAR).sum() == 6
