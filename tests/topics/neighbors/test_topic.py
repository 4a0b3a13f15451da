"""Figure 4, right, as the reader sees it: images and tables."""

import matplotlib.figure
import numpy as np
import pytest

from analysis.evidence.features import neighbors
from analysis.evidence.runs import load
from analysis.evidence.thumbnails import thumbnails
from analysis.topics.neighbors import retrieved, tables, topic
from tests.made.figure4 import NAMES, write_exported


@pytest.fixture
def runs(tmp_path):
    for seed in (1, 0):
        write_exported(tmp_path, seed=seed)
    return load("cifar10", tmp_path)


@pytest.fixture
def ax():
    return matplotlib.figure.Figure().subplots()


def test_each_row_is_a_test_image_and_its_six_nearest(runs, ax):
    shown = retrieved.shown(neighbors(runs))
    images = thumbnails(runs.complete[0])
    topic.plot(shown[shown["space"] == "features"], images, ax)
    shades = [inset.images[0].get_array()[0, 0, 0] for inset in ax.child_axes]
    assert shades[:7] == [3, 8, 9, 10, 11, 12, 13]  # test image 3, train images 0 to 5
    assert len(shades) == 5 * 7
    texts = [text.get_text() for text in ax.texts]
    names = [text for text in texts if text != "✓"]
    assert names == ["ant", "bat", "cat", "dog", "eel"]
    assert texts.count("✓") == 6 + 3 + 2 + 1
    frames = [patch for patch in ax.patches if patch.get_facecolor()[3] == 0]
    assert len(frames) == 12


def test_deciles_are_drawn_with_chance(runs, ax):
    found = neighbors(runs)
    topic.plot_deciles(retrieved.deciles(found), found.chance, ax)
    features, pixels, chance = ax.lines
    assert features.get_ydata()[:2] == pytest.approx([1, 2 / 3])
    assert features.get_linestyle() != pixels.get_linestyle()
    assert list(chance.get_ydata()) == pytest.approx([1 / 6] * 2)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["last hidden layer", "pixels", "chance"]


def test_the_section_has_panels_tables_and_data(runs):
    section = topic.section(runs)
    html = section.figure.html
    assert html.count("<img alt=") == 3
    assert "last hidden layer of each test image. ant: ant, ant, ant" in html
    assert "bat: bat, bat, bat, cat, cat, cat" in html
    assert "learning_rate=0.01, seed 0, cifar10. The test images" in html
    for name in ("neighbors-shown", "neighbors-deciles"):
        assert f'download="{name}.csv"' in html
    table = section.table.html
    assert "5 test images as queries, 500 training images" in table
    assert "By chance 16.7 %, 1 of 6 classes" in table
    assert "+36.7 pp" in table and "✓ bat" in table
    assert "Outside the nearest 1 %" in table and "Linear probe" in table
    assert "no codes.csv" in table
    assert topic.section(runs) == section


def test_without_runs_the_command_is_named(tmp_path):
    section = topic.section(load("cifar10", tmp_path))
    assert "<img" not in section.figure.html
    train = "repro train --profile cifar10 --recipe released-145 --seed 0"
    assert train in section.table.html


def test_without_a_probe_the_rest_stands(tmp_path):
    write_exported(tmp_path, without="probe.csv")
    section = topic.section(load("cifar10", tmp_path))
    assert "The linear probe is not exported: no probe.csv" in section.table.html
    assert section.figure.html.count("<img alt=") == 3


def test_no_agreement_at_all_is_no_interval(tmp_path):
    never = np.full((5, 6), len(NAMES) - 1)
    write_exported(tmp_path, features_label=never, pixels_label=never)
    runs = load("cifar10", tmp_path)
    html = tables.precision_table(runs, neighbors(runs)).html
    assert html.count(">0.0 %<") == 4 and " to " not in html
