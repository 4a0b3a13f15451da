"""Figure 4, left, as the reader sees it: images, bars, tables, sentences."""

import matplotlib.figure
import numpy as np
import pytest
from matplotlib.colors import to_hex

from analysis.display import words
from analysis.evidence import runs as results
from analysis.evidence.thumbnails import thumbnails
from analysis.topics.predictions import numbers, tables, topic
from tests.made import figure4 as fake_figure4
from tests.made.figure4 import write_exported
from tests.topics.predictions.test_numbers import CIFAR


@pytest.fixture
def runs(tmp_path):
    for seed in (1, 0):
        write_exported(tmp_path, seed=seed)
    return results.load("cifar10", tmp_path)


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


def test_the_sentences_carry_the_numbers(runs):
    text = topic.section(runs).summary
    assert "of the 8 images shown (seed 0, test split, 10 views)" in text
    assert "comes first in 2 and is among the five in 7; in the paper 4 and 6" in text
    assert "10 test images with top-1 error 80.0 % and top-5 error 10.0 %" in text
    assert (
        "wrong (n = 8, 8 images), the true one is among the other four in 87.5 %"
        in text
    )
    assert "WordNet" in text and "shifted images" in text


def test_cifar_has_kinds(tmp_path):
    shown = np.array([CIFAR[label] for label in fake_figure4.examples()["label"]])
    write_exported(tmp_path, class_names=np.array(CIFAR), class_name=shown)
    runs = results.load("cifar10", tmp_path)
    table = tables.agreement_table(runs).html
    assert "the most probable wrong label" in table and "of images" in table
    text = tables.summary(runs)
    assert "of all wrong labels" in text and "WordNet" not in text


def test_without_runs_every_claim_and_the_command_are_named(tmp_path):
    section = topic.section(results.load("cifar10", tmp_path))
    assert section.summary.count("Not run.") == 4
    for claim in ("F4La", "F4Lb", "F4Lc", "F4Ld"):
        assert f"**{claim}**" in section.summary
    assert "<img" not in section.figure.html
    assert "repro train --profile cifar10" in section.table.html


def test_incomplete_and_unexported_runs_are_named(tmp_path):
    write_exported(tmp_path, without="predictions.npz")
    write_exported(tmp_path, seed=1, status="running")
    section = topic.section(results.load("cifar10", tmp_path))
    assert "no predictions.npz" in section.table.html
    assert "seed 1: running" in section.table.html
    assert section.summary.count("Not run.") == 4


def test_the_note_of_a_profile_comes_first(tmp_path):
    note = "smoke: proves the pipeline"
    write_exported(tmp_path, profile={"name": "smoke", "note": note})
    section = topic.section(results.load("smoke", tmp_path))
    assert section.summary.startswith("**Smoke: proves the pipeline.**")
    assert (
        "<figcaption>Smoke: proves the pipeline. 8 test images" in section.figure.html
    )


def test_labels_cannot_turn_the_text_around_them():
    """Right to left is isolated, what steers the direction or the line is left out."""
    assert (
        words.short("قطة, cat")
        == "\N{FIRST STRONG ISOLATE}قطة\N{POP DIRECTIONAL ISOLATE}"
    )
    marks = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    assert words.short(f"a{marks}\n\tb") == "ab"
    assert words.short("猫科动物") == "猫科动物"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("tabby, tabby cat", "tabby"),
        ("x" * 24, "x" * 24),
        ("an extremely long class name", "an extremely long class…"),
    ],
)
def test_labels_are_short_enough_to_read(label, expected):
    assert words.short(label) == expected
    assert len(words.short(label)) <= 24
