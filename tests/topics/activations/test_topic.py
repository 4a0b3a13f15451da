"""The section on Figure 1: its panels, its data, and what is missing."""

import matplotlib.figure
import pytest

from analysis.evidence import runs as results
from analysis.topics.activations import figures, race, topic
from tests.made.runs import write_race


@pytest.fixture
def runs(tmp_path):
    write_race(tmp_path)
    return results.load("cifar10", tmp_path)


def test_the_note_of_a_profile_comes_first(tmp_path):
    note = "smoke: proves the pipeline, not the paper"
    write_race(tmp_path, profile={"name": "smoke", "note": note})
    section = topic.section(results.load("smoke", tmp_path))
    assert section.figure.html.count("Smoke: proves the pipeline") == 2


def test_plot_draws_solid_relu_dashed_tanh_and_the_level(runs):
    ax = matplotlib.figure.Figure().subplots()
    table = race.results(runs)
    table = table[table["condition"] == "18pct-modern"]
    figures.plot(race.curves(runs, table), table, ax)
    drawn = [line for line in ax.lines if len(line.get_xdata()) > 2]
    dashes = [(line.get_color(), line._unscaled_dash_pattern[1]) for line in drawn]
    solid, dashed = figures.COLOURS["relu"], figures.COLOURS["tanh"]
    assert dashes[:2] == [(solid, None)] * 2  # two seeds an arm
    assert dashes[2:] == [(dashed, (4, 2))] * 2
    assert [0.25, 0.25] in [list(line.get_ydata()) for line in ax.lines]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["ReLU: 5.50 epochs", "tanh: 10.50 epochs"]


def test_the_section_has_panels_data_and_provenance(runs):
    section = topic.section(runs)
    assert section.figure.html.count("<img alt=") == 2
    assert "tanh takes 10.50 epochs to 25 %" in section.figure.html
    assert 'download="activations-curves.csv"' in section.figure.html
    assert "0123456789abcdef" in section.figure.html
    assert "repro reproduce --profile cifar10" in section.table.html
    assert topic.section(runs) == section


def test_a_section_without_runs_names_the_hole(tmp_path):
    section = topic.section(results.load("cifar10", tmp_path))
    assert "<img" not in section.figure.html
    assert 'class="hole"' in section.figure.html
    assert "repro reproduce --profile cifar10" in section.table.html
