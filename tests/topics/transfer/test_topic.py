"""The topic as readers see it, what it offers to the ledger, and its holes."""

import re
import shlex

import matplotlib.figure
import pytest
from bs4 import BeautifulSoup

from analysis.display import style
from analysis.evidence import runs
from analysis.topics.transfer import topic
from analysis.topics.transfer.figures import COLOURS, curves_of, plot
from analysis.topics.transfer.pairs import LEVEL, transfers
from repro.cli import parser
from repro.recipes.profiles import PROFILES, find_profile
from repro.runs import folder as folders
from tests.made.transfer import SCRATCH, TUNED, write_arm, write_pair
from tests.made.verdicts import verdicts

SMOKE = {"name": "smoke", "dataset": "cifar10-subset", "note": "smoke: the pipeline"}


def load(reports, profile="cifar10"):
    return runs.load(profile, reports)


@pytest.fixture
def reports(tmp_path):
    for seed in range(3):
        write_pair(tmp_path, seed)
        write_arm(tmp_path, "source", seed, errors=SCRATCH)
    return tmp_path


@pytest.mark.parametrize("profile", PROFILES)
def test_without_runs_there_is_a_command(tmp_path, profile):
    section = topic.section(load(tmp_path, profile))
    (command,) = re.findall(r"<code>(repro [^<&]+)", section.table.html)
    options = parser().parse_args(shlex.split(command)[1:])
    known = find_profile(options.profile)
    assert options.experiments in {*known.experiments, *known.on_request}
    assert "<img" not in section.figure.html
    assert topic.measured(load(tmp_path, profile)) == {}


def test_the_section_has_tables_and_figures(reports):
    section = topic.section(load(reports))
    assert section.figure.html.count("<img alt=") == 2
    assert "25 % after 3.5 epochs" in section.figure.html
    shown = BeautifulSoup(section.table.html, "html.parser").get_text()
    for cell in ("3.5 epochs", "20.0", "7.00 (7.00 to 7.00)", "+15.00 (+15.00 to"):
        assert cell in shown
    assert "pre-trained on CIFAR-10 (deer, ship)" in shown
    assert "+10.00 (+10.00 to +10.00)" in shown
    assert topic.section(load(reports)) == section


def test_a_stopped_run_is_a_hole(reports):
    write_arm(reports, "scratch", 5, errors=SCRATCH, status="running")
    html = topic.section(load(reports)).table.html
    assert "transfer-scratch, seed 5: running" in html


def test_the_note_of_a_profile_comes_first(tmp_path):
    write_pair(tmp_path, profile=SMOKE)
    section = topic.section(load(tmp_path, "smoke"))
    assert "Smoke: the pipeline. Error by epoch" in section.figure.html


def test_each_start_is_a_line_with_a_band(reports):
    write_pair(reports, 9, scratch=(0.5, 0.5, 0.5, 0.5, 0.5))
    (pair,) = transfers(load(reports))
    found = curves_of(pair)
    ax = matplotlib.figure.Figure().subplots()
    plot(found[found["split"] == "validation"], ax)
    lines = {line.get_color(): list(line.get_ydata()) for line in ax.lines}
    scratch, tuned = COLOURS.values()
    assert lines[scratch] == pytest.approx([(3 * e + 0.5) / 4 for e in SCRATCH])
    assert lines[tuned] == pytest.approx(TUNED)
    assert lines[style.INK] == [LEVEL, LEVEL]
    band = ax.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((0.2, 0.5))


def test_the_ledger_gets_both_ratios(reports):
    fitted, sooner = topic.measured(load(reports))["X1"]
    assert (fitted.quantity, fitted.value) == ("training error", pytest.approx(7.0))
    assert (fitted.images, sooner.images) == (9000, 1000)
    assert sooner.quantity == "validation error"
    assert (sooner.value, sooner.seeds) == (pytest.approx(7.0), (3, 3))
    assert sooner.low == sooner.high == pytest.approx(7.0)  # all seeds alike
    assert sooner.dataset == "CIFAR-10 (cat, dog)"
    words = verdicts("X1", [fitted, sooner], "cifar10")
    assert words == ["direction reproduced"] * 2


def test_one_seed_has_no_interval(tmp_path):
    write_pair(tmp_path)
    fitted, sooner = topic.measured(load(tmp_path))["X1"]
    assert not fitted.has_interval and not sooner.has_interval


def test_what_neither_reaches_is_not_measured(tmp_path):
    flat = (0.5, 0.5, 0.5, 0.5, 0.5)
    write_pair(tmp_path, scratch=flat, tuned=flat)
    assert "X1" not in topic.measured(load(tmp_path))
    html = topic.section(load(tmp_path)).table.html
    assert "unknown: neither comes to it" in html
    assert "1 of 1 not within 4" in html


def test_recipes_of_early_records_have_all_classes(tmp_path):
    for arm in ("scratch", "finetuned"):
        run = write_arm(tmp_path, arm, errors=SCRATCH)
        record = folders.read_json(run / "recipe.json")
        del record["recipe"]["classes"]
        folders.write_json(run / "recipe.json", record)
    assert transfers(load(tmp_path))[0].dataset == "CIFAR-10"
