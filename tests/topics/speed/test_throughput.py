"""Speed, cost and what augmentation costs, from known images per second."""

import pytest

from analysis.evidence import runs
from analysis.topics.speed import throughput
from tests.made.training_runs import HARDWARE, write_training

PLAIN = {"crop": "centre", "flip": False, "colour_noise": "none"}
NAME = "released-145+colour_noise=none+crop=centre+flip=false"


def speeds(reports):
    return throughput.speeds(runs.load("tiny-imagenet", reports))


def test_the_papers_passes_take_a_day_at_1250_images_per_second():
    assert throughput.days(1250) == pytest.approx(1)
    low, high = (day.value for day in throughput.DAYS)
    assert throughput.days(250) == pytest.approx(low)
    assert throughput.days(1250 / 6) == pytest.approx(high)


def test_the_table_has_medians_over_the_epochs_of_all_seeds(tmp_path):
    write_training(tmp_path, seed=0, speeds=[None, 100, 120, 125, 130])
    write_training(tmp_path, seed=1, speeds=[None, 125, 125, 140, 150])
    (row,) = throughput.shown(speeds(tmp_path)).to_dict("records")
    assert (row["Seeds"], row["Epochs"], row["Images"]) == ("2", "8", "45,000")
    assert row["Images/s"] == "125 (100–150)"
    assert row["Seconds/epoch"] == "360 (300–450)"
    assert row["Data wait"] == "1.00 %"
    assert (row["Input"], row["Width"]) == ("56 × 56", "1")
    assert row["Extrapolated days"] == "10"
    assert row["Hardware"] == "an example, 2 threads"


def test_a_run_that_moved_names_both_machines_and_stands_apart(tmp_path):
    sessions = [{"hardware": HARDWARE}, {"hardware": HARDWARE | {"gpu": "a card"}}]
    write_training(tmp_path, seed=0)
    write_training(tmp_path, seed=1, sessions=sessions)
    named = throughput.shown(speeds(tmp_path))["Hardware"].tolist()
    assert named == ["an example, 2 threads", "an example, 2 threads, then a card"]


def test_processes_and_towers_are_named_and_gpus_counted(tmp_path):
    card = HARDWARE | {"gpu": "a card"}
    eight = {"hardware": card, "ranks": 8}
    towers = {"hardware": card, "ranks": 1, "towers_on": ["cuda:0", "cuda:1"]}
    for seed, sessions in enumerate(
        [
            [eight, eight],
            [eight, {"hardware": card}],
            [towers],
            [{"hardware": HARDWARE}],
        ]
    ):
        write_training(tmp_path, seed=seed, sessions=sessions)
    found = speeds(tmp_path).drop_duplicates("seed").sort_values("seed")
    assert found["gpus"].tolist() == [8, 0, 0, 0]
    assert found["hardware"].tolist() == [
        "8 × a card",
        "8 × a card, then a card",
        "a card, a tower each on cuda:0 and cuda:1",
        "an example, 2 threads",
    ]


def test_whole_images_are_seen_whole(tmp_path):
    write_training(tmp_path, fields={"crop": "whole"})
    assert set(speeds(tmp_path)["side"]) == {64}


def test_augmentation_costs_the_ratio_of_two_medians(tmp_path):
    """The late epochs, without colour noise, count on neither side."""
    write_training(tmp_path, speeds=[None, 100, 100, 1000, 1000])
    write_training(tmp_path, NAME, fields=PLAIN, speeds=[None, 125, 150, 150, 175])
    (row,) = throughput.augmentation_cost(speeds(tmp_path)).to_dict("records")
    assert (row["with"], row["without"], row["ratio"]) == (100, 150, 1.5)
    assert (row["epochs_with"], row["epochs_without"]) == (2, 4)


@pytest.mark.parametrize(
    "changes",
    [
        {"precision": "bfloat16"},
        {"hardware": HARDWARE | {"threads": 8}},
        {"fields": PLAIN | {"batch_size": 256}},
        {"fields": PLAIN | {"width": 0.5}},
        {"fields": PLAIN | {"flip": True}},
    ],
)
def test_runs_that_differ_in_more_are_not_compared(tmp_path, changes):
    write_training(tmp_path)
    write_training(tmp_path, NAME, **({"fields": PLAIN} | changes))
    assert throughput.augmentation_cost(speeds(tmp_path)).empty


def test_a_run_without_an_epoch_has_no_speed(tmp_path):
    write_training(tmp_path, train=(1.0,), val=(1.0,))
    assert speeds(tmp_path).empty
