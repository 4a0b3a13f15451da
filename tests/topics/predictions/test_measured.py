"""What Figure 4's left offers to the ledger, counted by hand."""

import numpy as np
import pytest

from analysis.claims import claims
from analysis.evidence import runs
from analysis.ledger.lines import lines
from analysis.topics.predictions import topic
from tests.made.figure4 import write_exported
from tests.topics.predictions.test_numbers import CIFAR

CAT, SHIP = 3, 8
LABELS = [CAT] * 5 + [SHIP] * 5
CATS, SHIPS = [CAT, 5, 7, 4, 2], [SHIP, 9, 0, 1, 2]
ODD = [CAT, 5, 7, 4, 9]  # one truck among four animals
WHOLE = {"train": 45_000, "val": 5_000}
SMOKE = {"name": "smoke", "dataset": "cifar10-subset"}


def write_cifar(reports, classes, **changes):
    shown = [CIFAR[label] for label in LABELS[:8]] + ["cat"] * 60
    arrays = {"class_names": np.array(CIFAR), "class_name": np.array(shown)}
    arrays |= {"labels": np.array(LABELS), "classes_10": np.array(classes)}
    write_exported(reports, **({"splits": WHOLE} | arrays | changes))


def offered(reports, profile="cifar10"):
    return topic.measured(runs.load(profile, reports))


def words(reports, name, profile="cifar10"):
    (claim,) = [claim for claim in claims.load() if claim.id == name]
    found = lines(claim, offered(reports, profile)[name], profile)
    return [line.verdict.word for line in found]


def test_what_the_figure_draws_is_counted(tmp_path):
    write_exported(tmp_path, splits=WHOLE)
    images, labels = offered(tmp_path)["F4La"]
    assert (images.quantity, images.value) == ("images", 8)
    assert (labels.quantity, labels.value) == ("labels of each", 5)
    assert images.stated == "8 images"
    assert images.exact and not images.needs_data
    assert images.runs == ("released-145+learning_rate=0.01/seed-0",)
    assert words(tmp_path, "F4La") == ["exact", "exact"]


def test_a_figure_with_fewer_images_is_not_the_papers(tmp_path):
    write_exported(tmp_path, shown_index=np.arange(7, dtype=np.int32))
    assert words(tmp_path, "F4La") == ["contradicted", "exact"]


def test_wrong_labels_of_the_same_kind_against_chance(tmp_path):
    """Given: 24 animals and 16 vehicles, none of them cat or ship where that is true.

    Four cats have 4 of 4 animals, one 3 of 4, by chance 24 of 40; ships have 3 of 4
    vehicles, by chance 16 of 40.
    """
    for seed in (0, 1):
        write_cifar(tmp_path, [CATS] * 4 + [ODD] + [SHIPS] * 5, seed=seed)
    (measured,) = offered(tmp_path)["F4Lc"]
    assert measured.value == pytest.approx(100 * (4 * 0.4 + 0.15 + 5 * 0.35) / 10)
    assert 15 < measured.low < measured.value < measured.high < 40
    assert measured.unit == "points"
    assert measured.stated == (
        "+35.00: of all wrong labels 85.0 % are an animal, or a vehicle, like the true "
        "label; by chance 50.0 %"
    )
    assert (measured.seeds, measured.images) == ((2,), 10)
    assert (measured.dataset, measured.split) == ("CIFAR-10", "test")
    assert measured.protocol.startswith("10 views; 95 % percentile interval")
    name = "released-145+learning_rate=0.01"
    assert measured.runs == (f"{name}/seed-0", f"{name}/seed-1")
    assert words(tmp_path, "F4Lc") == ["direction reproduced"]


def test_images_that_all_agree_have_no_interval(tmp_path):
    write_cifar(tmp_path, [CATS] * 5 + [SHIPS] * 5)
    (measured,) = offered(tmp_path)["F4Lc"]
    assert measured.value == pytest.approx(37.5) and not measured.has_interval
    assert words(tmp_path, "F4Lc") == ["inconclusive"]


def test_other_classes_have_no_kinds(tmp_path):
    write_exported(tmp_path)
    assert "F4Lc" not in offered(tmp_path)


def test_smoke_counts_the_figure_and_decides_nothing_else(tmp_path):
    data = {"dataset": "cifar10-subset", "split": "train", "sha256": {}}
    write_cifar(
        tmp_path, [CATS] * 4 + [ODD] + [SHIPS] * 5, profile={"name": "smoke"}, data=data
    )
    assert words(tmp_path, "F4La", "smoke") == ["exact", "exact"]
    assert words(tmp_path, "F4Lc", "smoke") == ["not run"]


@pytest.mark.parametrize("missing", ["predictions.npz", "errors.csv", "examples.npz"])
def test_without_exported_files_nothing_is_offered(tmp_path, missing):
    write_exported(tmp_path, without=missing)
    assert offered(tmp_path) == {}


def test_without_runs_nothing_is_offered(tmp_path):
    assert offered(tmp_path) == {}
