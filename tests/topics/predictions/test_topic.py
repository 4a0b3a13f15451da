"""Figure 4, left, as the reader sees it: images, bars, tables."""

import matplotlib.figure
import numpy as np
import pytest
from bs4 import BeautifulSoup
from matplotlib.colors import to_hex

from analysis.evidence.runs import load
from analysis.evidence.thumbnails import thumbnails
from analysis.topics.predictions import numbers, tables, topic
from tests.made import figure4
from tests.made.disturbed import write_disturbed
from tests.made.figure4 import write_exported
from tests.topics.predictions.test_numbers import CIFAR


@pytest.fixture
def runs(tmp_path):
    for seed in (1, 0):
        write_exported(tmp_path, seed=seed)
    return load("cifar10", tmp_path)


@pytest.fixture
def labels(runs):
    return numbers.shown(runs.complete[0], thumbnails(runs.complete[0]))


@pytest.fixture
def ax():
    return matplotlib.figure.Figure().subplots()


def test_bars_are_as_long_as_the_probability_and_mark_the_true_label(labels, ax):
    topic.bars(labels[labels["image"] == 1], ax)
    widths = [patch.get_width() for patch in ax.patches]
    assert widths[::2] == [1] * 5  # what 100 % would be
    assert widths[1::2] == pytest.approx([0.5, 0.25, 0.125, 0.0625, 0.001], rel=1e-3)
    colours = [to_hex(patch.get_facecolor()) for patch in ax.patches[1::2]]
    true, other = topic.TRUE, topic.OTHER
    assert colours == [other, true, other, other, other]
    texts = [text.get_text() for text in ax.texts]
    assert texts[:4] == ["ant", "50 %", "✓ bat", "25 %"]
    assert texts[-1] == "<1 %"
    weights = [text.get_fontweight() for text in ax.texts]
    assert weights[:4] == ["normal", "normal", "bold", "bold"]


def test_each_image_stands_under_its_true_label(labels, runs, ax):
    images = thumbnails(runs.complete[0])
    topic.plot(labels[labels["image"] < 4], images, ax)
    pictures = [inset for inset in ax.child_axes if inset.images]
    assert [inset.get_title() for inset in pictures] == ["ant", "bat", "cat", "dog"]
    shades = [inset.images[0].get_array()[0, 0, 0] for inset in pictures]
    assert shades == [0, 1, 2, 3]


def test_the_section_shows_eight_images_of_the_lowest_seed(runs):
    section = topic.section(runs)
    html = section.figure.html
    assert html.count("<img alt=") == 2
    assert "Test image of bat: ant 50 %, bat 25 % (true), cat 12 %" in html
    assert (
        "released-145+learning_rate=0.01, seed 0, cifar10, test split, 10 views" in html
    )
    assert "first 8 of one random order" in html and "Images: made up." in html
    assert 'download="predictions-labels.csv"' in html
    assert "seeds 0, 1" in section.table.html and "80.0 %" in section.table.html
    assert topic.section(runs) == section


def test_cifar_has_kinds(tmp_path):
    shown = np.array([CIFAR[label] for label in figure4.examples()["label"]])
    write_exported(tmp_path, class_names=np.array(CIFAR), class_name=shown)
    runs = load("cifar10", tmp_path)
    table = tables.agreement_table(runs).html
    assert "the most probable wrong label" in table and "of images" in table


def test_shifts_stand_in_a_table(runs):
    for run in runs.complete[:1]:
        write_disturbed(run.folder, 1 / 3, shifted=(1 / 3, 0.4, 5 / 6))
    html = topic.section(runs).table.html
    shown = BeautifulSoup(html, "html.parser").get_text()
    assert "1/16 of the side, 2 px" in shown and "1/4 of the side, 8 px" in shown
    assert "33.33 %" in shown and "+6.67" in shown  # 0.4 - 1/3
    assert "86.67" in shown and "chance, 83.3 %" in shown  # 13/15 is left of 1/2
    name = "repro export reports/cifar10/runs/released-145+learning_rate=0.01"
    assert f"seed 1: no disturbed.csv: <code>{name}/seed-1</code>" in html


def test_without_a_lead_over_chance_the_share_kept_is_left_out(runs):
    write_disturbed(runs.complete[0].folder, 0.9, shifted=(0.9, 0.9, 0.9))
    assert "1/8 of the side, 4 px" in topic.section(runs).table.html


def test_without_runs_there_is_a_command(tmp_path):
    section = topic.section(load("cifar10", tmp_path))
    assert "<img" not in section.figure.html
    assert "repro train --profile cifar10" in section.table.html


def test_incomplete_and_unexported_runs_are_named(tmp_path):
    write_exported(tmp_path, without="predictions.npz")
    write_exported(tmp_path, seed=1, status="running")
    section = topic.section(load("cifar10", tmp_path))
    assert "no predictions.npz" in section.table.html
    assert "seed 1: running" in section.table.html


def test_the_note_of_a_profile_comes_first(tmp_path):
    note = "smoke: proves the pipeline"
    write_exported(tmp_path, profile={"name": "smoke", "note": note})
    section = topic.section(load("smoke", tmp_path))
    assert (
        "<figcaption>Smoke: proves the pipeline. 8 test images" in section.figure.html
    )
