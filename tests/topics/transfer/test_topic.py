"""The topic as readers see it, what it offers to the ledger, and its holes."""

import re

import matplotlib.figure
import numpy as np
import pytest

from analysis.display import style
from analysis.evidence import runs
from analysis.ledger import rows as ledger_rows
from analysis.topics.transfer import topic, transfer_claims
from analysis.topics.transfer.figures import COLOURS, curves, plot
from analysis.topics.transfer.pairs import LEVEL, transfers
from repro.recipes.profiles import PROFILES
from repro.runs import folder as folders
from tests.made.errors import mistakes, write_answers
from tests.made.training_runs import write_training
from tests.made.transfer import (
    EXPORT,
    SCRATCH,
    TUNED,
    write_arm,
    write_dropout,
    write_pair,
)
from tests.topics.training.test_topic import check

SMOKE = {"name": "smoke", "dataset": "cifar10-subset", "note": "smoke: the pipeline"}


def load(reports, profile="cifar10"):
    return runs.load(profile, reports)


@pytest.fixture
def reports(tmp_path):
    for seed in range(3):
        write_pair(tmp_path, seed)
        write_arm(tmp_path, "source", seed, errors=SCRATCH)
    return tmp_path


def write_released(reports, seed=0, **dropout):
    """R0 on CIFAR-10 with its test errors, dropout.csv and thumbnails."""
    profile = {"name": "cifar10", "dataset": "cifar10"}
    export = EXPORT | {"files": ["errors.csv", "predictions.npz"]}
    run = write_training(reports, seed=seed, profile=profile, export=export)
    write_answers(run, mistakes(8, 8), images=20)
    write_dropout(run, **dropout)
    rng = np.random.default_rng(0)
    np.savez(
        run / "examples.npz",
        images=rng.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8),
        split=np.array(["test", "test", "test", "train"]),
        index=np.array([5, 6, 7, 5]),
        label=np.zeros(4, int),
        class_name=np.array([f"class {label}" for label in (5, 6, 7, 5)]),
        shown_index=np.array([6]),
        source=np.array("made for <tests>"),
    )
    return run


@pytest.mark.parametrize("profile", PROFILES)
def test_without_runs_every_claim_is_answered_with_commands_that_exist(
    tmp_path, profile
):
    section = topic.section(load(tmp_path, profile))
    for claim in transfer_claims.CLAIMS:
        assert f"**{claim}**" in section.summary
    commands = re.findall(r"`(repro [^`]+)`", section.summary)
    commands += re.findall(r"<code>(repro [^<&]+)", section.table.html)
    assert len(commands) >= 5
    for command in commands:
        check(command.strip())
    assert "<img" not in section.figure.html
    assert "2,178" in section.table.html
    assert topic.measured(load(tmp_path, profile)) == {}


def test_the_section_has_tables_figures_and_numbers(reports):
    write_released(reports)
    section = topic.section(load(reports))
    assert section.figure.html.count("<img alt=") == 4  # two errors, crops, views
    assert "25 % after 3.5 epochs" in section.figure.html
    assert "made for &lt;tests&gt;" in section.figure.html
    assert "over pre-trained: of the training images 7.00 (95 % i" in section.summary
    assert ", of those held out 7.00 (95 % interval" in section.summary
    assert "minus pre-trained +10.00 (+10.00 to +10.00) points" in section.summary
    assert "+15.00 (+15.00 to +15.00) points (n = 20; 3 seeds)" in section.summary
    assert "Pre-trained on CIFAR-10 (deer, ship): validation error 20.0 %" in (
        section.summary
    )
    assert "3.5 epochs" in section.table.html and "20.0" in section.table.html
    assert topic.section(load(reports)) == section


def test_a_stopped_run_is_a_hole(reports):
    write_arm(reports, "scratch", 5, errors=SCRATCH, status="running")
    html = topic.section(load(reports)).table.html
    assert "transfer-scratch, seed 5: running" in html


def test_what_was_trained_and_not_exported_is_asked_for(tmp_path):
    write_training(tmp_path, seed=4)
    summary = topic.section(load(tmp_path, "tiny-imagenet")).summary
    folder = "reports/tiny-imagenet/runs/released-145/seed-4"
    assert summary.count(f"Not exported: `repro export --comparison {folder}`") == 2
    assert f"Not exported: `repro export {folder}`" in summary


def test_the_note_of_a_profile_comes_first(tmp_path):
    write_pair(tmp_path, profile=SMOKE)
    section = topic.section(load(tmp_path, "smoke"))
    assert section.summary.startswith("**Smoke: the pipeline.**")
    assert "Smoke: the pipeline. Error by epoch" in section.figure.html


def test_each_start_is_a_line_with_a_band(reports):
    write_pair(reports, 9, scratch=(0.5, 0.5, 0.5, 0.5, 0.5))
    (pair,) = transfers(load(reports))
    found = curves(pair)
    ax = matplotlib.figure.Figure().subplots()
    plot(found[found["split"] == "validation"], ax)
    lines = {line.get_color(): list(line.get_ydata()) for line in ax.lines}
    scratch, tuned = COLOURS.values()
    assert lines[scratch] == pytest.approx([(3 * e + 0.5) / 4 for e in SCRATCH])
    assert lines[tuned] == pytest.approx(TUNED)
    assert lines[style.INK] == [LEVEL, LEVEL]
    band = ax.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((0.2, 0.5))


def test_the_ledger_gets_what_each_claim_asks_for(reports):
    write_released(reports)
    write_released(reports, 1, on=0.34)
    found = topic.measured(load(reports))
    assert found.keys() == {"S4.2b", "X1", "X3", "X15"}
    fitted, sooner = found["X1"]
    assert (fitted.quantity, fitted.value) == ("training error", pytest.approx(7.0))
    assert fitted.images == 9000
    assert sooner.quantity == "validation error"
    assert (sooner.value, sooner.seeds) == (pytest.approx(7.0), (3, 3))
    assert sooner.low == sooner.high == pytest.approx(7.0)  # all seeds alike
    assert sooner.dataset == "CIFAR-10 (cat, dog)"
    assert sooner.images == 1000
    left_on, full = found["X3"]
    assert (left_on.quantity, left_on.value) == ("left on", pytest.approx(12.0))
    assert (full.quantity, full.value) == ("not halved", pytest.approx(5.0))
    assert full.images == 2000
    (near,) = found["S4.2b"]
    assert near.value == near.low == near.high == pytest.approx(-1.0)  # 1 and 2 %
    (alike,) = found["X15"]
    assert alike.low < alike.value < alike.high and alike.images == 3


def test_the_ledger_decides_from_it(reports):
    """Three pairs of seeds; two seeds of R0."""
    for seed, on in enumerate((0.3, 0.34)):
        write_released(reports, seed, on=on, full=0.25 + seed / 1000)
    rows = {row.claim.id: row for row in ledger_rows.rows(load(reports))}
    assert rows["X1"].words == ("direction reproduced",)
    assert "transfer" in rows["X1"].topics
    words = {line.measured[0].quantity: line.verdict.word for line in rows["X3"].lines}
    assert words == {"left on": "inconclusive", "not halved": "direction reproduced"}


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
