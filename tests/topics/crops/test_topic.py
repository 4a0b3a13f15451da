"""The section on crops and what it offers to the ledger, on a run with thumbnails."""

import matplotlib.figure
import numpy as np
import pytest

from analysis.claims import claims
from analysis.evidence import runs as results
from analysis.ledger.lines import lines
from analysis.topics.crops import figures, topic
from tests.made.figure4 import write_exported


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """A run of R0 whose crops have three quarters of the side, with random images."""
    images = np.random.default_rng(0).integers(0, 256, (68, 8, 8, 3), np.uint8)
    write_exported(tmp_path, images=images)
    found = results.load("cifar10", tmp_path)
    found.complete[0].record["recipe"]["augmentation"]["crop_share"] = 0.75
    return found


def test_the_papers_count_is_one_offset_short_each_way(tmp_path):
    found = topic.measured(results.load("cifar10", tmp_path))
    assert found.keys() == {"S4.1b", "X2"}
    (crops,) = found["S4.1b"]
    assert crops.value == 33 * 33 * 2
    assert f"{32 * 32 * 2:,} at 32 × 32" in crops.stated
    assert not crops.needs_data
    (claim,) = [claim for claim in claims.load() if claim.id == "S4.1b"]
    (line,) = lines(claim, [crops], "cifar10")
    assert line.verdict.word == "paper inconsistent"


def test_views_of_one_image_are_more_alike_than_those_of_two(runs):
    (alike,) = topic.measured(runs)["X15"]
    assert alike.low < alike.value < alike.high
    assert 0 < alike.value < 1
    assert (alike.images, alike.dataset) == (8, "CIFAR-10 (450 training images)")


def test_the_section_draws_one_image(runs):
    html = topic.section(runs).figure.html
    assert html.count("<img alt=") == 2
    assert "crops of 6 of 8 pixels" in html
    assert 'download="crop-sizes.csv"' in html


def test_without_runs_the_sizes_are_counted_and_the_image_is_a_hole(tmp_path):
    section = topic.section(results.load("cifar10", tmp_path))
    assert "2,178" in section.table.html
    assert "<img" not in section.figure.html
    assert "repro train --profile cifar10 --recipe released-145" in section.figure.html


def test_the_outlines_lie_where_the_crops_do():
    ax = matplotlib.figure.Figure().subplots()
    figures.plot_outlines(np.zeros((32, 32, 3), np.uint8), 28, ax)
    assert {patch.get_xy() for patch in ax.patches} == {
        *((0, 0), (4, 0), (0, 4), (4, 4), (2, 2)),
    }
    assert {(p.get_width(), p.get_height()) for p in ax.patches} == {(28, 28)}


def test_the_views_are_drawn_in_two_rows():
    ax = matplotlib.figure.Figure().subplots()
    found = np.arange(8 * 3 * 3 * 3, dtype=np.uint8).reshape(8, 3, 3, 3)
    figures.plot_views(found, ax)
    picture = ax.images[0].get_array()
    assert picture.shape == (7, 15, 4)
    assert np.array_equal(picture[4:, 12:, :3], found[7])
    assert (picture[3, :, 3] == 0).all()
