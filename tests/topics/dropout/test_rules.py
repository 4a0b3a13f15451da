"""dropout.csv as differences over seeds and as a table, by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.evidence import runs as results
from analysis.topics.dropout import rules
from tests.made.training_runs import write_training
from tests.made.transfer import write_dropout, write_removed
from tests.made.verdicts import verdicts

T2 = 4.302653  # Student's t, 97.5 %, of 2 degrees of freedom
R0, NODROP = "released-145", "R-nodrop"


def load(reports):
    return results.load("tiny-imagenet", reports)


@pytest.fixture
def runs(tmp_path):
    """Two seeds: masks left on cost 10 and 14 points, outputs in full 5 and 5."""
    write_dropout(write_training(tmp_path))
    write_dropout(write_training(tmp_path, seed=1), tested=0.21, on=0.35, full=0.26)
    return load(tmp_path)


def test_differences_are_paired_by_seed(runs):
    found = rules.rules(rules.chosen(runs))
    left_on = rules.against_tested(found, rules.ON, "top1_error")
    assert (left_on.value, left_on.images) == (pytest.approx(0.12), 2000)
    half = 12.706 * 0.02  # t of one degree of freedom, standard error 0.02
    limits = (
        pytest.approx(0.12 - half, rel=1e-3),
        pytest.approx(0.12 + half, rel=1e-3),
    )
    assert (left_on.low, left_on.high) == limits
    full = rules.against_tested(found, rules.FULL, "top1_error")
    assert (full.value, full.low, full.high) == pytest.approx((0.05,) * 3)


def test_a_rule_that_a_network_lacks_is_no_difference(tmp_path):
    run = write_training(tmp_path)
    write_dropout(run)
    frame = pd.read_csv(run / rules.FILE)
    frame[frame["rule"] != rules.FULL].to_csv(run / rules.FILE, index=False)
    found = rules.rules(rules.chosen(load(tmp_path)))
    assert rules.against_tested(found, rules.FULL, "top1_error") is None
    html = rules.rules_table(load(tmp_path)).html
    assert "forgotten" not in html and "masks left on" in html


def test_the_table_has_the_numbers(runs):
    shown = BeautifulSoup(rules.rules_table(runs).html, "html.parser").get_text()
    assert "released-145, 2 seeds, tiny-imagenet" in shown
    assert "20.50 % (20.00–21.00)" in shown  # as tested
    assert "+12.00 (" in shown and "+5.00 (+5.00 to +5.00)" in shown
    assert "0.0020" in shown and "32 masks of each image" in shown


def test_a_run_without_the_file_is_named_with_its_command(tmp_path):
    write_training(tmp_path)
    html = rules.rules_table(load(tmp_path)).html
    export = "repro export reports/tiny-imagenet/runs/released-145/seed-0"
    assert f"no dropout.csv: <code>{export}</code>" in html


def write_removals(reports, name, removed, tested=0.2, **changes):
    for seed, error in enumerate(removed):
        run = write_training(reports, name, seed, **changes)
        write_removed(run, tested=tested, removed=error)


def removals(reports):
    return rules.measured(load(reports))


def test_what_removing_units_adds_by_seed(tmp_path):
    write_removals(tmp_path, R0, (0.21, 0.22, 0.2, 0.5))
    write_removals(tmp_path, NODROP, (0.33, 0.36, 0.34), tested=0.3)
    (found,) = removals(tmp_path)["S4.2g"]
    each = [3 - 1, 6 - 2, 4 - 0]  # points
    half = T2 * np.std(each, ddof=1) / math.sqrt(3)
    assert found.value == pytest.approx(10 / 3)
    assert (found.low, found.high) == pytest.approx((10 / 3 - half, 10 / 3 + half))
    assert found.stated == (
        "+3.33 points: R-nodrop minus released-145, +4.33 and +1.00 of top-1 error"
    )
    assert (found.seeds, found.images) == ((3, 3), 2000)
    assert len(found.runs) == 6
    assert verdicts("S4.2g", [found]) == ["direction reproduced"]


def test_a_run_without_the_row_does_not_count(tmp_path):
    write_removals(tmp_path, R0, (0.21, 0.22))
    write_training(tmp_path, NODROP)
    assert "S4.2g" not in removals(tmp_path)
    write_removals(tmp_path, NODROP, (0.33,))
    (found,) = removals(tmp_path)["S4.2g"]
    assert not found.has_interval and found.seeds == (1, 1)
