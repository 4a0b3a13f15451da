"""What the speed of R0's runs offers to the ledger, from made-up speeds."""

import math
import shlex

import pytest

from analysis.claims import claims
from analysis.evidence import commands
from analysis.evidence import runs as results
from analysis.ledger.lines import lines
from analysis.topics.training import topic
from tests.made.training_runs import write_training

WHOLE = {"train": 97_500, "val": 2_500}
PLAIN = {"crop": "centre", "flip": False, "colour_noise": "none"}
TIMING = "released-145+colour_noise=none+crop=centre+epochs=3+flip=false"
KNOWN = {claim.id: claim for claim in claims.load()}


def offered(reports, profile="tiny-imagenet"):
    return topic.measured(results.load(profile, reports))


def words(reports, name, profile="tiny-imagenet"):
    found = lines(KNOWN[name], offered(reports, profile)[name], profile)
    return [line.verdict.word for line in found]


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


def test_one_run_an_arm_settles_nothing(tmp_path):
    write_both(tmp_path, 100, [0])
    assert words(tmp_path, "S4.1a") == ["inconclusive"]


def test_runs_on_other_machines_are_not_compared(tmp_path):
    write_training(tmp_path)
    write_training(tmp_path, TIMING, fields=PLAIN, hardware={"gpu": "a card"})
    assert "S4.1a" not in offered(tmp_path)


def test_the_claims_command_is_the_one_that_the_topic_asks_for(tmp_path):
    runs = results.load("imagenette", tmp_path)
    (quantity,) = KNOWN["S4.1a"].quantities
    claimed = shlex.split(quantity.command.format(profile="imagenette"))
    asked = shlex.split(commands.without_augmentation(runs))
    assert claimed == asked


def test_nothing_here_feeds_augmentation_from_the_cpu(tmp_path):
    write_both(tmp_path, 110)
    assert "X11" not in offered(tmp_path)
