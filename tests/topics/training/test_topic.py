"""The topic as the reader sees it: tables, figures, holes and their commands."""

import re
import shlex
from collections import Counter

import matplotlib.figure
import pytest

from analysis.evidence import curves, runs
from analysis.topics.training import figures, topic
from repro.cli import parser
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import PROFILES, find_profile, fitted
from repro.recipes.settings import parse_override, with_settings
from tests.made.training_runs import write_diagnostics, write_training

PLAIN = {"crop": "centre", "flip": False, "colour_noise": "none"}


@pytest.fixture
def ax():
    return matplotlib.figure.Figure().subplots()


def load(reports, profile="tiny-imagenet"):
    return runs.load(profile, reports)


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
def test_without_runs_the_hole_has_a_command_that_exists(tmp_path, profile):
    section = topic.section(load(tmp_path, profile))
    (command,) = re.findall(r"<code>(repro [^<]+)</code>", section.table.html)
    check(command)
    assert "<img" not in section.figure.html


def test_the_table_has_both_moments_with_means_and_ranges(tmp_path):
    write_training(tmp_path, val=(1, 0.8, 0.7, 0.6, 0.6))
    write_training(tmp_path, seed=1, val=(1, 0.8, 0.7, 0.5, 0.7))
    last, best = topic.gaps_table(curves.gaps(load(tmp_path))).to_dict("records")
    assert (last["At"], last["Seeds"], last["Epoch"]) == ("last epoch", "2", "4")
    assert last["Validation error, %"] == "65.0 (60.0–70.0)"
    assert last["Gap, points"] == "35.0 (30.0–40.0)"
    assert best["Epoch"] == "3.5 (3–4)"
    assert best["Gap, points"] == "20.0 (10.0–30.0)"


def test_a_timing_run_is_no_training(tmp_path):
    write_training(tmp_path)
    name = "released-145+colour_noise=none+crop=centre+flip=false"
    write_training(tmp_path, name, fields=PLAIN)
    section = topic.section(load(tmp_path))
    assert name not in section.table.html
    assert section.figure.html.count("<img alt=") == 2


def test_a_run_that_is_not_exported_or_not_complete_is_a_hole(tmp_path):
    write_training(tmp_path)
    write_training(tmp_path, seed=1, status="running")
    html = topic.section(load(tmp_path)).table.html
    folder = "reports/tiny-imagenet/runs/released-145/seed-0"
    assert f"<code>repro export {folder}</code>" in html
    assert "released-145, seed 1: running" in html


def test_units_and_gradients_follow_the_gaps(tmp_path):
    write_diagnostics(write_training(tmp_path))
    html = topic.section(load(tmp_path)).table.html
    assert html.index("Gap, points") < html.index("Gradient norm")
    assert "1,000 fixed training images" in html and "hole" not in html


def test_the_section_has_panels_data_provenance_and_protocol(tmp_path):
    write_training(tmp_path)
    section = topic.section(load(tmp_path))
    assert section.figure.html.count("<img alt=") == 2  # loss and error
    assert "at epoch 4 training 30.0 % and validation 65.0 %" in section.figure.html
    assert "the rate drops after epochs 1, 2, 3" in section.figure.html
    assert 'download="training-curves.csv"' in section.figure.html
    assert "10,000 training and 2,500 validation images" in section.figure.html
    assert "0123456789abcdef" in section.figure.html
    assert topic.section(load(tmp_path)) == section


def test_the_note_of_a_profile_is_in_the_caption(tmp_path):
    profile = {"name": "smoke", "note": "smoke: proves the pipeline, not the paper"}
    write_training(tmp_path, profile=profile)
    section = topic.section(load(tmp_path, "smoke"))
    assert "Smoke: proves the pipeline, not the paper. Loss" in section.figure.html


def test_the_topic_measures_curves_units_and_the_recipe(tmp_path):
    for recipe in ("released-145", "R-tanh"):
        write_diagnostics(write_training(tmp_path, recipe))
    found = topic.measured(load(tmp_path))
    assert {"S3.1b", "X23", "S5.1"} <= found.keys()


def test_plot_draws_a_line_for_each_seed_and_split(tmp_path, ax):
    for seed in (0, 1):
        write_training(tmp_path, seed=seed)
    rows = curves.curves(load(tmp_path))
    figures.plot(rows, "top1_error", ax)
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
