"""Data sets, folders and hardware in the words of the ledger."""

import math

import pytest

from analysis.claims import evidence
from analysis.evidence import runs as results
from analysis.statistics.estimates import Estimate
from tests.made.training_runs import write_training


def trained_on(reports, name, **splits):
    profile = {"name": "smoke", "dataset": name}
    write_training(reports, profile=profile, splits=splits)
    (run,) = results.load("smoke", reports).complete
    return evidence.dataset(run)


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
        ("cifar10-subset", {"train": 500, "val": 100}, "CIFAR-10 subset"),
        ("flowers", {"train": 10}, "flowers"),
    ],
)
def test_a_part_of_a_data_set_is_not_called_by_its_name(
    tmp_path, name, splits, expected
):
    assert trained_on(tmp_path, name, **splits) == expected


def test_fractions_become_per_cent_and_ratios_stay():
    found = Estimate(0.5, 0.25, math.inf, "seeds", 2, 10)
    assert evidence.limits(found) == {"value": 50, "low": 25, "high": math.inf}
    ratio = evidence.limits(found, factor=1)
    assert ratio == {"value": 0.5, "low": 0.25, "high": math.inf}


def test_a_run_is_named_by_its_folder(tmp_path):
    folder = write_training(tmp_path, "released-145+width=0.5", seed=3)
    runs = results.load("tiny-imagenet", tmp_path).complete
    (name,) = evidence.folders(runs)
    assert name == "released-145+width=0.5/seed-3"
    assert folder == tmp_path / "tiny-imagenet/runs" / name


def test_a_gpu_is_named_before_the_processor_beside_it():
    processor = {"device": "cpu", "processor": "an example", "threads": 2}
    assert evidence.hardware(processor) == "an example, 2 threads"
    assert evidence.hardware(processor | {"gpu": "a card"}) == "a card"
