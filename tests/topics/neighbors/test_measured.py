"""What Figure 4's right offers to the ledger, counted by hand."""

import numpy as np
import pytest

from analysis.evidence import runs
from analysis.topics.neighbors import topic
from tests.made.figure4 import write_exported
from tests.made.verdicts import verdicts
from tests.topics.neighbors.test_probes import write_codes

NAME = "released-145+learning_rate=0.01"
WHOLE = {"train": 45_000, "val": 5_000}
EXPORT = {"hardware": {"device": "cpu", "processor": "an example", "threads": 1}}


def write(reports, seed=0, **changes):
    manifest = {"splits": WHOLE, "export": EXPORT}
    return write_exported(reports, seed=seed, **(manifest | changes))


def offered(reports, profile="cifar10"):
    return topic.measured(runs.load(profile, reports))


def words(reports, name, profile="cifar10"):
    return verdicts(name, offered(reports, profile)[name], profile)


def test_what_the_figure_draws_is_counted(tmp_path):
    write(tmp_path)
    queries, nearest = offered(tmp_path)["F4Ra"]
    assert (queries.quantity, queries.value) == ("test images", 5)
    assert (nearest.quantity, nearest.value) == ("training images of each", 6)
    assert nearest.stated == "6 training images of each"
    assert words(tmp_path, "F4Ra") == ["exact", "exact"]


def test_precision_in_features_less_in_pixels(tmp_path):
    """Of 30 neighbours 12 are of the query's class in features, 1 in pixels."""
    for seed in (0, 1):
        write(tmp_path, seed)
    found = offered(tmp_path)
    precision, far = found["F4Rb"]
    assert (precision.quantity, precision.unit) == ("precision", "points")
    assert precision.value == pytest.approx(100 * 11 / 30)
    assert 0 < precision.low < precision.value < precision.high
    assert (
        precision.stated == "+36.67: 40.0 % in the last hidden layer, 3.3 % in pixels"
    )
    assert (precision.seeds, precision.images) == ((2,), 5)
    assert (precision.dataset, precision.split) == ("CIFAR-10", "test")
    assert precision.protocol.startswith("queries among 500 training images")
    assert precision.runs == (f"{NAME}/seed-0", f"{NAME}/seed-1")
    (gain,) = found["X4"]
    assert (gain.value, gain.low, gain.quantity) == (precision.value, precision.low, "")
    assert words(tmp_path, "X4") == ["direction reproduced"]
    # Three of six lie beyond rank 5 of 500 for every query: no spread to draw from.
    assert (far.quantity, far.unit, far.value) == ("far apart", "%", 50)
    assert not far.has_interval
    assert words(tmp_path, "F4Rb") == ["direction reproduced", "inconclusive"]


def test_neighbours_that_are_mostly_far_apart_in_pixels(tmp_path):
    ranks = np.tile(np.int32([5, 6, 7, 8, 9, 100]), (5, 1))
    ranks[0, 0] = 6
    write(tmp_path, features_pixel_rank=ranks)
    _, far = offered(tmp_path)["F4Rb"]
    assert far.value == pytest.approx(100 * 26 / 30)
    assert far.low >= 100 * 25 / 30
    assert far.stated == "86.7 %; by chance 99 %, median rank 2 % of the images"
    assert words(tmp_path, "F4Rb")[1] == "direction reproduced"


def test_how_often_the_nearest_show_the_same(tmp_path):
    write(tmp_path)
    nearest, six = offered(tmp_path)["X19"]
    assert (nearest.quantity, nearest.value) == ("the nearest", 80)
    assert (six.quantity, six.unit) == ("the six nearest", "%")
    assert six.value == pytest.approx(40)
    assert six.stated == "40.0 %; by chance 16.7 %"
    assert words(tmp_path, "X19") == ["inconclusive", "inconclusive"]
    write(tmp_path, features_label=np.full((5, 6), 5))  # never of the query's class
    assert offered(tmp_path)["X19"][0].value == 0


def test_the_linear_classifier_on_other_vectors(tmp_path):
    write(tmp_path)
    pixels, untrained = offered(tmp_path)["X5"]
    assert (pixels.quantity, untrained.quantity) == ("pixels", "random weights")
    assert pixels.value == pytest.approx(40)
    # Newcombe's method 10 with 60 and 20 of 100
    assert (pixels.low, pixels.high) == pytest.approx((26.8, 51.2), abs=0.05)
    assert untrained.value == pytest.approx(30)
    assert untrained.stated == "+30.00: 50.0 % and 20.0 %"
    assert (pixels.images, pixels.seeds) == (100, (1,))
    assert words(tmp_path, "X5") == ["direction reproduced"] * 2


def test_the_probe_is_of_the_runs_that_have_it(tmp_path):
    write(tmp_path)
    write(tmp_path, 1, without="probe.csv")
    assert offered(tmp_path)["X5"][0].runs == (f"{NAME}/seed-0",)
    (tmp_path / f"cifar10/runs/{NAME}/seed-0/probe.csv").unlink()
    assert "X5" not in offered(tmp_path)


def test_codes_search_faster_and_those_of_features_better(tmp_path):
    for seed, full, share in ((0, 8.0, 0.50), (1, 9.0, 0.52)):
        write_codes(write(tmp_path, seed), full=full, features=share)
    found = offered(tmp_path)
    (speedup,), (gain,) = found["F4Rc"], found["F4Rd"]
    assert (speedup.unit, speedup.value) == ("times", pytest.approx(72**0.5))
    assert "codes of 64 bits" in speedup.stated and "60.0 %" in speedup.stated
    assert speedup.protocol.startswith("all queries on an example, 1 thread;")
    assert (speedup.images, speedup.seeds) == (200, (2,))
    assert (gain.unit, gain.value) == ("points", pytest.approx(31))
    assert gain.stated == "+31.00, codes of 64 bits: 51.0 % (50.0–52.0) and 20.0 %"
    assert words(tmp_path, "F4Rc") == ["direction reproduced"]
    assert words(tmp_path, "F4Rd") == ["direction reproduced"]


def test_codes_of_one_run_settle_nothing(tmp_path):
    write_codes(write(tmp_path))
    assert words(tmp_path, "F4Rc") == ["inconclusive"]
    assert words(tmp_path, "F4Rd") == ["inconclusive"]


def test_without_codes_none_are_offered(tmp_path):
    write(tmp_path)
    assert sorted(offered(tmp_path)) == ["F4Ra", "F4Rb", "X19", "X4", "X5"]


def test_smoke_counts_the_figure_and_decides_nothing_else(tmp_path):
    data = {"dataset": "cifar10-subset", "split": "train", "sha256": {}}
    for seed in (0, 1):
        write_codes(write(tmp_path, seed, profile={"name": "smoke"}, data=data))
    assert words(tmp_path, "F4Ra", "smoke") == ["exact", "exact"]
    for name in ("F4Rb", "F4Rc", "F4Rd", "X4", "X5", "X19"):
        assert set(words(tmp_path, name, "smoke")) == {"not run"}, name


def test_without_runs_nothing_is_offered(tmp_path):
    assert offered(tmp_path) == {}
