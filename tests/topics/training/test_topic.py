"""The topic as the reader sees it: section, figures, claims, holes and their commands."""

import re
import shlex
from collections import Counter

import matplotlib.figure
import pandas as pd
import pytest

from analysis.evidence import (
    commands as training_commands,
)
from analysis.evidence import (
    curves as learning_curves,
)
from analysis.evidence import (
    runs,
)
from analysis.topics.training import figures, topic, training_claims
from repro.cli import parser
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import PROFILES, find_profile, fitted
from repro.recipes.settings import parse_override, with_settings
from tests.made.training_runs import write_diagnostics, write_start, write_training

PLAIN = {"crop": "centre", "flip": False, "colour_noise": "none"}


@pytest.fixture
def ax():
    return matplotlib.figure.Figure().subplots()


@pytest.fixture(autouse=True)
def no_benchmarks(monkeypatch, tmp_path):
    monkeypatch.setenv("REPRO_REPORTS", str(tmp_path))


def load(reports, profile="tiny-imagenet"):
    return runs.load(profile, reports)


def items(section):
    """Claim -> its lines."""
    parts = re.split(r"^- \*\*(.+?)\*\* ", section.summary, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def check(command):
    """Raise unless the command line takes the command as it stands."""
    options = parser().parse_args(shlex.split(command)[1:])
    if options.command in ("export", "bench"):
        return
    profile = find_profile(options.profile)
    if options.command == "reproduce":
        known = {*profile.experiments, *profile.on_request}
        assert set(options.experiments.split(",")) <= known, command
    else:
        recipe = fitted(find_recipe(options.recipe), profile)
        with_settings(recipe, dict(map(parse_override, options.set)))


@pytest.mark.parametrize("profile", PROFILES)
def test_without_runs_every_claim_is_answered_with_commands_that_exist(
    tmp_path, profile
):
    section = topic.section(load(tmp_path, profile))
    claims = items(section)
    assert list(claims) == list(training_claims.CLAIMS)
    commands = re.findall(r"`(repro (?!export RUN)[^`]+)`", section.summary)
    commands += re.findall(r"<code>(repro [^<]+)</code>", section.table.html)
    assert len(commands) > 10
    for command in commands:
        check(command)
    assert "<img" not in section.figure.html
    assert section.table.html.count('class="hole"') == 3 + 5  # benchmarks


def test_commands_repeat_the_changes_of_r0(tmp_path):
    write_training(tmp_path, "released-145+drop_epochs=1,2+epochs=4")
    text = topic.section(load(tmp_path)).summary
    changes = "--seed 0 --set drop_epochs=1,2 --set epochs=4`"
    for recipe in ("R-noreg", "R-nodrop", "R-frac-0.25", "R-frac-0.5"):
        command = f"repro train --profile tiny-imagenet --recipe {recipe} {changes}"
        assert command in text
        check(command.strip("`"))


def test_a_share_of_the_images_is_not_asked_of_the_fractions(tmp_path):
    write_training(tmp_path, "released-145+train_share=0.05")
    claim = items(topic.section(load(tmp_path)))["S1.7"]
    assert "--recipe R-frac-0.25 --seed 0`" in claim


def test_the_claims_have_their_numbers(tmp_path):
    for seed in (0, 1):
        write_diagnostics(write_training(tmp_path, seed=seed))
    claims = items(topic.section(load(tmp_path)))
    assert "100 images/s, median (range) of 8 epochs of 2 seeds" in claims["S1.4"]
    assert "images of 56 × 56 pixels (the paper's are 224 × 224)" in claims["S1.4"]
    assert "would take 12.5 days" in claims["S1.4"]
    assert "The paper: 208 to 250 images/s" in claims["S1.4"]
    assert "a gap of 35.0 points" in claims["S1.7"]
    assert "log2 1000 = 9.97 bits a label" in claims["S4.0"]
    assert "12 Mbit, 0.2 bit for each of 60 million" in claims["S4.0"]
    assert "1.00 % of the training time" in claims["S4.1a"]
    assert "2 of 2 runs as printed" in claims["S5.1"]
    assert "2 of 2 runs with rate 0.01, divided 3 times by 10" in claims["S5.7"]
    assert "4 epochs of 45,000 images" in claims["S5.8"]
    assert "0.25 untrained, 0.5 trained" in claims["X23"]
    assert "R-tanh, not run" in claims["X23"]


def test_bits_a_parameter_are_worked_out_for_the_run_too(tmp_path):
    """log2 64 = 6 bits, 45,000 labels, 2.7 million parameters: 0.1 bit each."""
    folder = write_training(tmp_path)
    layers = {"name": ["fc7", "fc8"], "shape": ["4096", "64"]}
    frame = pd.DataFrame(layers | {"parameters": [2_000_000, 700_000]})
    frame.to_csv(folder / "layers.csv", index=False)
    claim = items(topic.section(load(tmp_path)))["S4.0"]
    assert "log2 64 = 6.00 bits a label; 45,000 labels, 0.27 Mbit, 0.1 bit" in claim


def test_a_timing_run_is_timed_and_nothing_else(tmp_path):
    write_training(tmp_path)
    name = "released-145+colour_noise=none+crop=centre+flip=false"
    write_training(tmp_path, name, fields=PLAIN, speeds=[None, 110, 110, 110, 110])
    section = topic.section(load(tmp_path))
    claims = items(section)
    assert "100 images/s with augmentation, 110 without, 1.100 times" in claims["S4.1a"]
    assert name in claims["S1.4"] and name not in claims["S1.7"] + claims["S5.7"]
    assert section.figure.html.count("<img alt=") == 2


def test_comparisons_that_ran_replace_their_holes(tmp_path):
    write_training(tmp_path, losses=[5, 4, 3, 2, 1])
    write_training(tmp_path, "R-nodrop", losses=[5, 3, 1, 1, 1])
    write_training(tmp_path, "R-noreg", train=(1, 0.5, 0.2, 0.1, 0.05), fields=PLAIN)
    claims = items(topic.section(load(tmp_path)))
    assert "over R-nodrop: 2.00" in claims["S4.2e"]
    assert "Gap of R-noreg minus that of released-145: 25.0 points" in claims["S4.0"]
    assert "not run" not in claims["S4.2e"] + claims["S4.0"]


def test_a_run_that_is_not_exported_or_not_complete_is_a_hole(tmp_path):
    write_training(tmp_path)
    write_training(tmp_path, seed=1, status="running")
    write_start(tmp_path, signal=0.1, status="failed", stop="diverged")
    section = topic.section(load(tmp_path))
    folder = "reports/tiny-imagenet/runs/released-145/seed-0"
    assert f"<code>repro export {folder}</code>" in section.table.html
    assert f"`repro export {folder}`" in items(section)["X23"]
    assert "released-145, seed 1: running" in section.table.html
    assert "failed" not in section.table.html  # it counts as diverged
    assert "1 diverged" in section.table.html


def test_other_topics_runs_are_not_read(tmp_path):
    write_training(tmp_path, "R-dense")
    section = topic.section(load(tmp_path))
    assert "R-dense" not in section.table.html + section.summary


def test_the_section_has_panels_data_provenance_and_protocol(tmp_path):
    write_training(tmp_path)
    write_start(tmp_path, signal=0.1, left=1)
    section = topic.section(load(tmp_path))
    assert section.figure.html.count("<img alt=") == 4  # loss, error, two biases
    assert "at epoch 4 training 30.0 % and validation 65.0 %" in section.figure.html
    assert "the rate drops after epochs 1, 2, 3" in section.figure.html
    assert 'download="training-curves.csv"' in section.figure.html
    assert "10,000 training and 2,500 validation images" in section.figure.html
    assert "0123456789abcdef" in section.figure.html
    assert topic.section(load(tmp_path)) == section


def test_the_note_of_a_profile_comes_first(tmp_path):
    profile = {"name": "smoke", "note": "smoke: proves the pipeline, not the paper"}
    write_training(tmp_path, profile=profile)
    write_start(tmp_path, signal=0.1, left=1, profile=profile)
    section = topic.section(load(tmp_path, "smoke"))
    assert section.summary.startswith("**Smoke: proves the pipeline, not the paper.**")
    assert section.figure.html.count("Smoke: proves the pipeline") == 2


def test_plot_draws_a_line_for_each_seed_and_split(tmp_path, ax):
    for seed in (0, 1):
        write_training(tmp_path, seed=seed)
    curves = learning_curves.curves(load(tmp_path))
    figures.plot(curves, "top1_error", ax)
    drawn = [line for line in ax.lines if len(line.get_xdata())]
    colours = Counter(line.get_color() for line in drawn)
    assert colours == dict.fromkeys(figures.COLOURS.values(), 2)
    assert list(drawn[0].get_ydata()) == [1.0, 0.8, 0.6, 0.4, 0.3]


def test_events_are_lines_at_the_drops_and_a_shade_from_the_late_phase_on(ax):
    ax.set_xlim(0, 10)
    figures.mark_events(ax, [(4, 0.1), (7, 0.1), (4, 0.1)], [6, 8])
    assert [line.get_xdata()[0] for line in ax.lines] == [4, 7]
    (shade,) = ax.patches
    assert (shade.get_x(), shade.get_width()) == (6, 4)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["conv1 slowed, noise off", "rate ÷10"]


def test_profiles_have_the_experiments_that_the_commands_ask_for():
    asked = {name: {*p.experiments, *p.on_request} for name, p in PROFILES.items()}
    released = {name for name, known in asked.items() if "released" in known}
    grids = {name for name, known in asked.items() if "plateau" in known}
    assert set(training_commands.PROFILES) == released
    assert set(training_commands.PLATEAU_PROFILES) == grids
