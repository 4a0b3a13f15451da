"""Estimates as the ledger takes them: units, words, and which data they are of."""

import math

import pytest

from analysis.claims import from_runs
from analysis.claims.from_runs import (
    dataset,
    measurements,
    of_metrics,
    of_test_images,
)
from analysis.claims.measurement import DATASETS
from analysis.evidence import runs
from analysis.evidence.answers import read_answers
from analysis.statistics.estimates import Estimate
from tests.made.errors import mistakes, write_exported

SEEDS = Estimate(0.015, 0.005, 0.025, "seeds", 3, 100)
DATA = {"dataset": "Tiny-ImageNet"}


@pytest.fixture
def exported(tmp_path):
    """A function that writes a run and returns it with its answers."""

    def write(condition=(), **settings):
        name = "+".join(["released-145", *condition])
        folder = write_exported(tmp_path, name, wrong=mistakes(2, 1), **settings)
        (run,) = runs.load(settings.get("profile", "tiny-imagenet"), tmp_path).complete
        return run, read_answers(folder), condition

    return write


@pytest.fixture
def small(monkeypatch):
    """Tiny-ImageNet as if it had 5 classes, 20 test and 100 training images."""
    monkeypatch.setattr(from_runs, "WHOLE", {"tiny-imagenet": (5, 20)})
    monkeypatch.setattr(from_runs, "TRAINING_IMAGES", {"tiny-imagenet": 100})


def test_whole_sets_have_the_sizes_of_their_authors():
    """Classes and images of the splits that are tested on, from their own pages."""
    assert from_runs.WHOLE == {
        "imagenet": (1000, 50_000),
        "imagenette": (10, 3925),
        "tiny-imagenet": (200, 10_000),
        "cifar10": (10, 10_000),
    }
    assert from_runs.WHOLE.keys() < DATASETS.keys()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "Tiny-ImageNet"),
        ({"condition": ("hold_out=false",)}, "Tiny-ImageNet"),
        ({"classes": 4}, "Tiny-ImageNet (4 of 5 classes)"),
        ({"images": 15}, "Tiny-ImageNet (15 of 20 test images)"),
        (
            {"splits": {"train": 79, "val": 20}},
            "Tiny-ImageNet (79 training images)",
        ),
        (
            {"condition": ("epochs=9", "train_share=0.5"), "splits": {"train": 50}},
            "Tiny-ImageNet (50 training images, epochs=9, train_share=0.5)",
        ),
    ],
)
def test_what_is_left_out_or_changed_is_not_the_data_set(
    exported, small, settings, words
):
    if "classes" not in settings:
        settings = settings | {"classes": 5}
    assert dataset(*exported(**settings)) == words


def test_classes_are_counted_in_the_labels_not_in_the_outputs(exported, small):
    """A network of 1000 outputs may be tested on fewer classes."""
    run, answers, _ = exported(classes=12, images=8)
    assert answers.classes == 12
    assert dataset(run, answers, ()) == "Tiny-ImageNet (8 of 5 classes)"


def test_a_data_set_without_a_known_size_is_whole(exported):
    smoke = {"profile": "smoke", "dataset": "cifar10-subset"}
    assert dataset(*exported(**smoke)) == "CIFAR-10 subset"


def test_where_it_was_measured(exported, small):
    about = exported(classes=5)
    assert of_test_images(*about, "one view") == {
        "dataset": "Tiny-ImageNet",
        "split": "validation images",
        "images": 20,
        "protocol": "one view",
    }
    assert of_metrics(*about, "training images") == {
        "dataset": "Tiny-ImageNet",
        "split": "training images",
        "protocol": "centre view, no augmentation",
    }


@pytest.mark.parametrize(
    ("unit", "stated", "value"),
    [
        ("points", "+1.50 points: it", 1.5),
        ("%", "1.50 %: it", 1.5),
        ("nats", "+0.01 nats: it", 0.015),
    ],
)
def test_units(exported, unit, stated, value):
    run, *_ = exported()
    (found,) = measurements(SEEDS, [[run], [run]], "it", unit=unit, **DATA)
    assert (found.unit, found.stated) == (unit, stated)
    assert found.value == pytest.approx(value)
    assert (found.low, found.high) == pytest.approx((value / 3, value * 5 / 3))
    assert found.seeds == (1, 1)
    assert found.runs == ("released-145/seed-0",)


def test_what_the_interval_is_over_is_said_where_it_is_not_seeds():
    images = Estimate(-0.02, -0.03, -0.01, "images", 1, 100)
    (found,) = measurements(images, [[]], "it", quantity="top-1", **DATA)
    assert found.stated == "−2.00 points: it, interval over images"
    assert found.quantity == "top-1"


def test_what_is_not_known_is_no_measurement():
    nothing = Estimate(math.nan, math.nan, math.nan, "nothing", 1, 100)
    assert measurements(nothing, [[]], "it", **DATA) == []
    assert measurements(None, [[]], "it", **DATA) == []
    one_seed = Estimate(0.5, math.nan, math.nan, "nothing", 1, 100)
    (found,) = measurements(one_seed, [[]], "it", **DATA)
    assert not found.has_interval
