"""What Figure 4's left offers to the ledger, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.evidence import disturbed, runs
from analysis.topics.predictions import topic
from analysis.topics.predictions.measured import SHIFTS
from repro.export import disturbed as disturbed_images
from tests.made.disturbed import SHARES, write_disturbed
from tests.made.figure4 import write_exported
from tests.made.verdicts import CLAIMS, verdicts
from tests.topics.predictions.test_numbers import CIFAR

CAT, SHIP = 3, 8
LABELS = [CAT] * 5 + [SHIP] * 5
CATS, SHIPS = [CAT, 5, 7, 4, 2], [SHIP, 9, 0, 1, 2]
ODD = [CAT, 5, 7, 4, 9]  # one truck among four animals
WHOLE = {"train": 45_000, "val": 5_000}


def write_cifar(reports, classes, **changes):
    shown = [CIFAR[label] for label in LABELS[:8]] + ["cat"] * 60
    arrays = {"class_names": np.array(CIFAR), "class_name": np.array(shown)}
    arrays |= {"labels": np.array(LABELS), "classes_10": np.array(classes)}
    write_exported(reports, **({"splits": WHOLE} | arrays | changes))


def offered(reports, profile="cifar10"):
    return topic.measured(runs.load(profile, reports))


def words(reports, name, profile="cifar10"):
    return verdicts(name, offered(reports, profile)[name], profile)


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
    assert measured.stated.startswith("+35.00: of all wrong labels 85.0 %")
    assert measured.stated.endswith("by chance 50.0 %")
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


def write_shifted(reports, *seeds, plain=1 / 3):
    """One run for each pair of errors after a shift by an eighth and by a quarter."""
    for seed, errors in enumerate(seeds):
        run = write_exported(reports, seed=seed)
        write_disturbed(run, plain, shifted=(plain, *errors))


def test_the_names_of_shifts_are_those_of_export_and_of_the_claim():
    assert (disturbed.NONE, disturbed.SHIFT) == (
        disturbed_images.NONE,
        disturbed_images.SHIFT,
    )
    assert {*SHIFTS} < {*disturbed_images.SHARES} == {*SHARES}
    quantities = CLAIMS["F4Lb"].quantities
    assert {quantity.name for quantity in quantities} == {*SHIFTS.values()}


def test_the_ledger_gets_both_shifts(tmp_path):
    """Of a lead of 1/2 over chance, an error of 5/6, 0.8 and 0.9, then 0.4 and 0.6."""
    leads = ((0.4, 0.2), (0.45, 0.3))
    write_shifted(tmp_path, *([5 / 6 - lead for lead in pair] for pair in leads))
    write_exported(tmp_path, seed=2)  # without the file: the others count
    eighth, quarter = offered(tmp_path)["F4Lb"]
    assert (eighth.quantity, eighth.unit) == ("an eighth of the side", "%")
    assert (eighth.value, quarter.value) == pytest.approx((85, 50))
    assert (eighth.seeds, eighth.images, eighth.split) == ((2,), 1000, "test images")
    assert eighth.protocol.startswith("centre view") and len(eighth.runs) == 2


@pytest.mark.parametrize(
    ("kept", "word"),
    [
        ([0.80, 0.81], "direction reproduced"),
        ([0.40, 0.41], "contradicted"),
        ([0.40, 0.60], "inconclusive"),
        ([0.90], "inconclusive"),  # one seed has no interval
    ],
)
def test_half_of_the_lead_decides(tmp_path, kept, word):
    write_shifted(tmp_path, *((5 / 6 - share / 2,) * 2 for share in kept))
    assert words(tmp_path, "F4Lb") == [word, word]


def test_where_there_is_no_lead_shifts_are_not_measured(tmp_path):
    write_shifted(tmp_path, (0.8, 0.9), plain=0.9)
    assert "F4Lb" not in offered(tmp_path)


def test_half_a_file_of_shifts_is_named(tmp_path):
    run = write_exported(tmp_path)
    write_disturbed(run)
    frame = pd.read_csv(run / disturbed.FILE)
    for broken in (frame[1:], frame.drop(columns="amount")):
        broken.to_csv(run / disturbed.FILE, index=False)
        with pytest.raises(runs.ReportError, match=r"disturbed\.csv: not usable"):
            offered(tmp_path)
