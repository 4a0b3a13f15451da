"""Speed, cost and what augmentation costs, from known images per second."""

import math
import shlex

import pytest

from analysis.evidence import runs
from analysis.evidence.curves import augmented
from analysis.topics.speed import throughput
from repro.cli import parser
from repro.recipes.presets import find_recipe
from repro.recipes.settings import as_dict, parse_override, with_settings
from tests.made.training_runs import HARDWARE, write_training
from tests.made.verdicts import CLAIMS, verdicts

PLAIN = {"crop": "centre", "flip": False, "colour_noise": "none"}
TIMING = "released-145+colour_noise=none+crop=centre+epochs=3+flip=false"
WHOLE = {"train": 97_500, "val": 2_500}


def speeds(reports):
    return throughput.speeds(runs.load("tiny-imagenet", reports))


def test_the_papers_passes_take_a_day_at_1250_images_per_second():
    assert throughput.days(1250) == pytest.approx(1)
    assert throughput.days(250) == pytest.approx(5)  # the paper: five or six days


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
    write_training(tmp_path, TIMING, **({"fields": PLAIN} | changes))
    assert "S4.1a" not in offered(tmp_path)


def test_a_run_without_an_epoch_has_no_speed(tmp_path):
    write_training(tmp_path, train=(1.0,), val=(1.0,))
    assert speeds(tmp_path).empty


def offered(reports, profile="tiny-imagenet"):
    return throughput.measured(runs.load(profile, reports))


def words(reports, name, profile="tiny-imagenet"):
    return verdicts(name, offered(reports, profile)[name], profile)


def write_both(reports, plain, seeds=(0, 1), **changes):
    """100 images/s with augmentation, `plain` without."""
    for seed in seeds:
        write_training(reports, seed=seed, **changes)
        speeds = [None, plain, plain, plain, plain]
        write_training(reports, TIMING, seed, fields=PLAIN, speeds=speeds, **changes)


def test_days_at_the_fastest_and_the_slowest_epoch(tmp_path):
    write_training(tmp_path, speeds=[None, 125, 100, 110, 110])
    write_training(tmp_path, seed=1)
    shortest, longest = offered(tmp_path)["S1.4"]
    assert (shortest.quantity, longest.quantity) == ("shortest", "longest")
    assert shortest.value == pytest.approx(90 * 1.2e6 / 125 / 86_400)
    assert longest.value == 12.5
    assert longest.unit == "days" and not longest.has_interval
    assert shortest.stated == (
        "10: 125 images/s, the fastest of 8 epochs, on an example, 2 threads, float32"
    )
    assert longest.protocol == (
        "90 passes over 1,200,000 images, extrapolated; input 56 × 56, network of width 1"
    )
    assert (longest.seeds, longest.images) == ((2,), 45_000)
    assert words(tmp_path, "S1.4") == ["not testable here"]  # both on one line


def test_each_machine_has_its_own_days_and_timing_runs_none(tmp_path):
    write_training(tmp_path)
    gpu = {"device": "cuda", "gpu": "a card"}
    write_training(tmp_path, seed=1, hardware=gpu, speeds=[None, 200, 200, 200, 200])
    write_training(tmp_path, TIMING, fields=PLAIN, speeds=[None, 900, 900, 900, 900])
    found = offered(tmp_path)["S1.4"]
    assert [each.value for each in found] == [12.5, 12.5, 6.25, 6.25]
    assert found[2].runs == ("released-145/seed-1",)


def test_augmentation_that_costs_a_tenth_is_not_free(tmp_path):
    write_both(tmp_path, 110)
    (measured,) = offered(tmp_path)["S4.1a"]
    assert measured.value == pytest.approx(1.1)
    assert (measured.unit, measured.seeds) == ("times", (2, 2))
    assert measured.stated == "1.100, input 56 × 56, on an example, 2 threads, float32"
    assert measured.dataset == "Tiny-ImageNet (45,000 training images)"
    assert measured.runs[:2] == ("released-145/seed-0", "released-145/seed-1")
    assert measured.runs[2:] == (f"{TIMING}/seed-0", f"{TIMING}/seed-1")
    assert words(tmp_path, "S4.1a") == ["contradicted"]


def test_augmentation_that_costs_a_fiftieth_is(tmp_path):
    write_both(tmp_path, 102)
    assert words(tmp_path, "S4.1a") == ["direction reproduced"]  # of a part
    write_both(tmp_path, 102, splits=WHOLE)
    assert words(tmp_path, "S4.1a") == ["reproduced"]


def test_the_cost_has_the_spread_of_runs_not_of_epochs(tmp_path):
    """Median epochs of 100 and 100 against 100 and 110 images/s."""
    write_both(tmp_path, 100)
    speeds = [None, 50, 110, 110, 500]
    write_training(tmp_path, TIMING, 1, fields=PLAIN, speeds=speeds)
    (measured,) = offered(tmp_path)["S4.1a"]
    assert measured.value == pytest.approx(math.sqrt(1.1))
    assert measured.low < 1 < measured.high
    assert words(tmp_path, "S4.1a") == ["inconclusive"]


def test_the_claims_command_trains_without_augmentation():
    (quantity,) = CLAIMS["S4.1a"].quantities
    command = shlex.split(quantity.command.format(profile="imagenette"))
    options = parser().parse_args(command[1:])
    changes = dict(map(parse_override, options.set))
    recipe = as_dict(with_settings(find_recipe(options.recipe), changes))
    assert augmented(recipe, late=False) == "none"
