"""Figure 4, right, as the reader sees it: images, tables, sentences."""

import matplotlib.figure
import numpy as np
import pytest

from analysis.evidence import runs as results
from analysis.evidence.thumbnails import shown_neighbors, thumbnails
from analysis.topics.neighbors import figure4_right, retrieved, topic
from tests.made.figure4 import NAMES, write_exported


@pytest.fixture
def runs(tmp_path):
    for seed in (1, 0):
        write_exported(tmp_path, seed=seed)
    return results.load("cifar10", tmp_path)


@pytest.fixture
def ax():
    return matplotlib.figure.Figure().subplots()


def test_each_row_is_a_test_image_and_its_six_nearest(runs, ax):
    run = runs.complete[0]
    shown = shown_neighbors(run)
    images = thumbnails(run)
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
    found = retrieved.neighbors(runs)
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
    assert section.summary == figure4_right.summary(runs)
    assert topic.section(runs) == section


def test_the_sentences_carry_the_numbers(runs):
    text = figure4_right.summary(runs)
    assert "Of the 30 training images shown for 5 test images (seed 0)" in text
    assert "of the test image's class: 12." in text
    assert "last hidden layer less pixels, same queries: 36.7 pp" in text
    assert "outside the nearest 1 % in pixels 50.0 %, by chance 99 %" in text
    assert "in 4,096 dimensions takes 2.05 million multiply-adds" in text
    assert "8.19 MB in float32; codes of 128 bits take 0.008 MB" in text
    assert "Codes are not measured" in text
    assert "less that on the last hidden layer: 40.0 pp, interval" in text
    assert "in the nearest tenth 100.0 %, in the farthest 0.0 %" in text


def test_codes_are_told_where_there_are_any(runs):
    header = "code,bits,source,precision_at_6,seconds,n\n"
    for run in runs.complete:
        rows = "none,,features,0.5,2,9\nautoencoder,64,pixels,0.25,0.5,9\n"
        (run.folder / "codes.csv").write_text(header + rows)
    text = figure4_right.summary(runs)
    assert "Full search in last hidden layer: precision at 6 50.0 %, 2 seconds" in text
    assert "autoencoder of pixels, 64 bits: precision at 6 25.0 %" in text


def test_without_runs_every_claim_and_the_command_are_named(tmp_path):
    section = topic.section(results.load("cifar10", tmp_path))
    assert section.summary.count("Not run.") == 7
    for claim in ("F4Ra", "F4Rb", "F4Rc", "F4Rd", "X4", "X5", "X19"):
        assert f"**{claim}**" in section.summary
    assert "<img" not in section.figure.html
    assert "repro export reports/cifar10/runs/released-145/seed-0" in section.table.html


def test_without_a_probe_the_rest_stands(tmp_path):
    write_exported(tmp_path, without="probe.csv")
    section = topic.section(results.load("cifar10", tmp_path))
    assert "The linear probe is not exported: no probe.csv" in section.table.html
    assert "The linear probe is not measured" in section.summary
    assert section.figure.html.count("<img alt=") == 3


def test_no_agreement_at_all_is_no_interval(tmp_path):
    write_exported(
        tmp_path,
        features_label=np.full((5, 6), len(NAMES) - 1),
        pixels_label=np.full((5, 6), len(NAMES) - 1),
    )
    text = figure4_right.summary(results.load("cifar10", tmp_path))
    assert "in the last hidden layer 0.0 %, in pixels 0.0 %, by chance 16.7 %" in text
