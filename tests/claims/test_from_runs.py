"""Estimates as the ledger takes them: units, words, and which data they are of."""

import math

import pytest

from analysis.claims import from_runs
from analysis.claims.from_runs import (
    measurements,
    of_metrics,
    of_test_images,
)
from analysis.evidence import data_sets, runs
from analysis.evidence.answers import read_answers
from analysis.statistics.estimates import Estimate
from tests.made.errors import mistakes, write_exported
from tests.made.training_runs import write_training

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
    """Tiny-ImageNet as if it had 5 classes, 100 training and 20 test images."""
    known = data_sets.DataSet("Tiny-ImageNet", "validation", 5, 100, 20)
    monkeypatch.setitem(data_sets.DATA_SETS, "tiny-imagenet", known)


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
    assert from_runs.tested_on(*exported(**settings)) == words


def test_classes_are_counted_in_the_labels_not_in_the_outputs(exported, small):
    """A network of 1000 outputs may be tested on fewer classes."""
    run, answers, _ = exported(classes=12, images=8)
    assert answers.classes == 12
    assert from_runs.tested_on(run, answers, ()) == "Tiny-ImageNet (8 of 5 classes)"


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


def trained_on(reports, name, **splits):
    profile = {"name": "smoke", "dataset": name}
    write_training(reports, profile=profile, splits=splits)
    (run,) = runs.load("smoke", reports).complete
    return from_runs.trained_on(run)


@pytest.mark.parametrize(
    ("name", "splits", "expected"),
    [
        ("cifar10", {"train": 45_000, "val": 5_000}, "CIFAR-10"),
        ("cifar10", {"train": 50_000}, "CIFAR-10"),  # nothing held out
        (
            "cifar10",
            {"train": 44_999, "val": 5_000},
            "CIFAR-10 (44,999 training images)",
        ),
        ("imagenet", {"train": 1_271_167, "val": 10_000}, "ILSVRC-2012"),
        (
            "tiny-imagenet",
            {"train": 47_500, "val": 2_500},
            "Tiny-ImageNet (47,500 training images)",
        ),
        ("cifar10-subset", {"train": 900, "val": 100}, "CIFAR-10 subset"),
        ("flowers", {"train": 10}, "flowers"),
    ],
)
def test_a_part_of_a_data_set_is_not_called_by_its_name(
    tmp_path, name, splits, expected
):
    assert trained_on(tmp_path, name, **splits) == expected


def test_fractions_become_per_cent_and_ratios_stay():
    found = Estimate(0.5, 0.25, math.inf, "seeds", 2, 10)
    assert from_runs.limits(found) == {"value": 50, "low": 25, "high": math.inf}
    ratio = from_runs.limits(found, factor=1)
    assert ratio == {"value": 0.5, "low": 0.25, "high": math.inf}


def test_a_run_is_named_by_its_folder(tmp_path):
    folder = write_training(tmp_path, "released-145+width=0.5", seed=3)
    known = runs.load("tiny-imagenet", tmp_path).complete
    (name,) = from_runs.folders(known)
    assert name == "released-145+width=0.5/seed-3"
    assert folder == tmp_path / "tiny-imagenet/runs" / name


def test_a_gpu_is_named_before_the_processor_beside_it():
    processor = {"device": "cpu", "processor": "an example", "threads": 2}
    assert from_runs.hardware(processor) == "an example, 2 threads"
    assert from_runs.hardware(processor | {"gpu": "a card"}) == "a card"
