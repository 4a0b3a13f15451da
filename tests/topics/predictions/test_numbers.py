"""What is said of test images, counted by hand."""

import numpy as np
import pytest

from analysis.evidence.runs import ReportError, load
from analysis.evidence.thumbnails import thumbnails
from analysis.topics.predictions import numbers
from tests.made.disturbed import write_disturbed
from tests.made.figure4 import NAMES, write_exported

CIFAR = ("airplane", "automobile", "bird", "cat", "deer")
CIFAR += ("dog", "frog", "horse", "ship", "truck")


@pytest.fixture
def runs(tmp_path):
    write_exported(tmp_path)
    return load("cifar10", tmp_path)


def test_the_shown_images_with_their_labels(runs):
    run = runs.complete[0]
    shown = numbers.shown(run, thumbnails(run))
    assert len(shown) == 8 * 5
    second = shown[shown["image"] == 1]
    assert second["true_label"].unique().tolist() == ["bat"]
    assert second["label"].tolist() == [NAMES[0], "bat", "cat", "dog", "eel"]
    assert second["right"].tolist() == [False, True, False, False, False]
    assert second["probability"].tolist()[:3] == [0.5, 0.25, 0.125]


def test_images_of_another_class_than_predicted_are_an_error(tmp_path):
    write_exported(tmp_path, class_name=np.array(["fox"] * 68))
    run = load("cifar10", tmp_path).complete[0]
    with pytest.raises(ReportError, match=r"examples\.npz.*image 0"):
        numbers.shown(run, thumbnails(run))


def agreement(reports, labels, classes):
    """Of a run that gives these classes to images with these labels."""
    answers = {
        f"{name}_{views}": values
        for views in (1, 10)
        for name, values in (
            ("classes", np.array(classes)),
            ("probabilities", np.full(np.shape(classes), 0.1)),
        )
    }
    names = {"class_names": np.array(CIFAR), "labels": np.array(labels)}
    write_exported(reports, **names, **answers)
    return numbers.agreement(load("cifar10", reports)).itertuples()


def test_agreement_of_kinds_by_hand(tmp_path):
    """Cat: dog, cat. Ship: truck, ship. Ship: ship, dog. Wrong: dog twice, truck."""
    first, everything = agreement(tmp_path, [3, 8, 8], [[5, 3], [9, 8], [8, 5]])
    assert first.same[0] == pytest.approx(2 / 3)
    assert first.chance[0] == pytest.approx((2 / 3 + 1 / 3 + 1 / 3) / 3)
    assert first.difference.value == pytest.approx(2 / 3 - 4 / 9)
    assert first.difference.images == 3
    assert everything.same == first.same  # each image has one wrong label


def test_all_wrong_labels_weigh_less_each(tmp_path):
    """Cat, wrong dog, truck, ship: the first is an animal, a third of all are."""
    first, everything = agreement(tmp_path, [3, 3], [[5, 3, 9, 8], [5, 9, 8, 3]])
    assert first.same[0] == 1 and first.chance[0] == 1
    assert everything.same[0] == pytest.approx(1 / 3)
    assert everything.chance[0] == pytest.approx(1 / 3)


def test_classes_without_kinds_have_no_agreement(runs):
    assert numbers.agreement(runs).empty
    assert numbers.kinds(()) is None
    assert numbers.kinds(CIFAR).sum() == 6


def test_what_is_kept_of_the_lead_over_seeds(tmp_path):
    """Chance is an error of 5/6, the error 1/3: a lead of 1/2."""
    for seed, errors in enumerate(((0.4, 0.2), (0.45, 0.3))):
        run = write_exported(tmp_path, seed=seed)
        write_disturbed(run, 1 / 3, shifted=(1 / 3, *(5 / 6 - lead for lead in errors)))
    loaded = load("cifar10", tmp_path)
    eighth, quarter = (numbers.lead_kept(loaded, share) for share in (0.125, 0.25))
    assert eighth.value == pytest.approx(0.85)  # 0.8 and 0.9
    half = 12.706205 * 0.05  # Student's t of one degree of freedom
    assert (eighth.low, eighth.high) == pytest.approx((0.85 - half, 0.85 + half))
    assert quarter.value == pytest.approx(0.5)  # 0.4 and 0.6
    assert (eighth.over, eighth.seeds, eighth.images) == ("seeds", 2, 1000)


def test_more_classes_have_less_chance(tmp_path):
    write_exported(tmp_path, class_names=np.array([f"c{k}" for k in range(20)]))
    run = load("cifar10", tmp_path).complete[0]
    assert numbers.chance(run) == pytest.approx(0.95)
