"""Objects off the centre: what is kept of the lead over chance, by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.claims import claims
from analysis.evidence import runs
from analysis.evidence.runs import ReportError
from analysis.ledger.lines import lines
from analysis.topics.ablations import light
from analysis.topics.predictions import shifted, topic
from repro.export import disturbed as disturbed_images
from tests.made.disturbed import SHARES, write_disturbed
from tests.made.figure4 import write_exported

T1 = 12.706205  # Student's t, 97.5 %, of one degree of freedom
EXPORT = "repro export reports/cifar10/runs/released-145+learning_rate=0.01/seed-"
(CLAIM,) = [claim for claim in claims.load() if claim.id == "F4Lb"]
PLAIN = 1 / 3  # of six classes chance is an error of 5/6: a lead of 1/2


def load(reports):
    return runs.load("cifar10", reports)


def write_seeds(reports, *seeds, plain=PLAIN):
    """One run for each pair of errors after a shift by an eighth and by a quarter."""
    for seed, errors in enumerate(seeds):
        run = write_exported(reports, seed=seed)
        write_disturbed(run, plain, shifted=(plain, *errors))


def words(reports):
    found = lines(CLAIM, topic.measured(load(reports))["F4Lb"], "cifar10")
    return [line.verdict.word for line in found]


@pytest.fixture
def reports(tmp_path):
    """Leads of 0.40 and 0.45 after an eighth, of 0.2 and 0.3 after a quarter."""
    write_seeds(
        tmp_path, (5 / 6 - 0.4, 5 / 6 - 0.2), (5 / 6 - 0.45, 5 / 6 - 0.3), plain=PLAIN
    )
    return tmp_path


def test_the_names_are_those_that_export_writes():
    assert (disturbed_images.NONE, disturbed_images.SHIFT) == ("none", "shift")
    assert (light.NONE, light.SHIFT) == ("none", "shift")
    assert {*shifted.SHARES} < {*disturbed_images.SHARES} == {*SHARES}
    assert {q.name for q in CLAIM.quantities} == {*shifted.SHARES.values()}


def test_the_lead_that_is_kept_over_seeds(reports):
    eighth, quarter = (shifted.kept(load(reports), share) for share in shifted.SHARES)
    assert eighth.value == pytest.approx(0.85)  # 0.8 and 0.9
    half = T1 * 0.05
    assert (eighth.low, eighth.high) == pytest.approx((0.85 - half, 0.85 + half))
    assert quarter.value == pytest.approx(0.5)  # 0.4 and 0.6
    assert (eighth.over, eighth.seeds, eighth.images) == ("seeds", 2, 1000)


def test_the_ledger_gets_both_shifts(reports):
    eighth, quarter = topic.measured(load(reports))["F4Lb"]
    assert (eighth.quantity, eighth.unit) == ("an eighth of the side", "%")
    assert eighth.value == pytest.approx(85)
    assert "85.00 %: of the lead over chance kept, moved by an eighth" in eighth.stated
    assert (eighth.seeds, eighth.images, eighth.split) == ((2,), 1000, "test images")
    assert eighth.protocol.startswith("centre view") and len(eighth.runs) == 2
    assert quarter.value == pytest.approx(50)


@pytest.mark.parametrize(
    ("seeds", "word"),
    [
        ([0.80, 0.81], "direction reproduced"),
        ([0.40, 0.41], "contradicted"),
        ([0.40, 0.60], "inconclusive"),
        ([0.90], "inconclusive"),  # one seed has no interval
    ],
)
def test_half_of_the_lead_decides(tmp_path, seeds, word):
    errors = [(5 / 6 - keeps / 2,) * 2 for keeps in seeds]
    write_seeds(tmp_path, *errors)
    assert words(tmp_path) == [word, word]


def test_where_there_is_no_lead_nothing_is_kept(tmp_path):
    write_seeds(tmp_path, (0.8, 0.9), plain=0.9)
    assert math.isnan(shifted.kept(load(tmp_path), 0.25).value)
    assert "F4Lb" not in topic.measured(load(tmp_path))
    section = topic.section(load(tmp_path))
    assert "no better than chance on images as they are" in section.summary
    assert "1/8 of the side, 4 px" in section.table.html


def test_the_table_and_the_sentence_have_the_numbers(reports):
    section = topic.section(load(reports))
    shown = BeautifulSoup(section.table.html, "html.parser").get_text()
    assert "1/16 of the side, 2 px" in shown and "1/4 of the side, 8 px" in shown
    assert "33.33 %" in shown and "40.83 % (38.33–43.33)" in shown
    assert "+7.50 (" in shown and "85.00 (21.47–148.53)" in shown
    assert "n = 1,000" in shown and "Lead: chance, 83.3 %" in shown
    assert "an eighth of the side: 85.00 (" in section.summary
    assert "n = 1,000 shifted images, one view" in section.summary


def test_a_run_without_the_file_is_named_with_its_command(reports):
    write_exported(reports, seed=2)
    section = topic.section(load(reports))
    assert f"seed 2: no disturbed.csv: <code>{EXPORT}2</code>" in section.table.html
    (measured, _) = topic.measured(load(reports))["F4Lb"]
    assert measured.seeds == (2,)  # the others count


def test_without_any_file_the_claim_names_the_command(tmp_path):
    write_exported(tmp_path)
    section = topic.section(load(tmp_path))
    text = f"predictions for shifted images, disturbed.csv: `{EXPORT}0`"
    assert text in section.summary
    assert "F4Lb" not in topic.measured(load(tmp_path))


def test_half_a_file_is_named(tmp_path):
    run = write_exported(tmp_path)
    write_disturbed(run)
    frame = pd.read_csv(run / light.FILE)
    frame[1:].to_csv(run / light.FILE, index=False)
    with pytest.raises(
        ReportError, match=r"disturbed\.csv: not usable \(no row 'none'"
    ):
        topic.measured(load(tmp_path))
    frame.drop(columns="amount").to_csv(run / light.FILE, index=False)
    with pytest.raises(ReportError, match=r"disturbed\.csv: not usable"):
        topic.measured(load(tmp_path))


def test_more_classes_have_less_chance(tmp_path):
    names = {"class_names": np.array([f"c{k}" for k in range(20)])}
    run = write_exported(tmp_path, **names)
    write_disturbed(run)
    assert shifted.chance(load(tmp_path).complete[0]) == pytest.approx(0.95)
