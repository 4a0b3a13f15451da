"""The images of Figure 4: thumbnails by their place, neighbours with their classes."""

import numpy as np
import pytest

from analysis.evidence import runs, thumbnails
from analysis.evidence.runs import ReportError
from tests.made import figure4 as fake_figure4
from tests.made.figure4 import write_exported


@pytest.fixture
def run(tmp_path):
    write_exported(tmp_path)
    return runs.load("cifar10", tmp_path).complete[0]


def test_thumbnails_are_found_by_split_and_row(run):
    images = thumbnails.thumbnails(run)
    assert np.unique(images.image("test", 3)).tolist() == [3]
    assert np.unique(images.image("train", 3)).tolist() == [11]  # after 8 of test
    assert images.classes["test", 7] == "bat"
    assert images.shown == tuple(range(8))
    assert images.source == "made up"


def test_a_missing_thumbnail_is_named(run):
    images = thumbnails.thumbnails(run)
    with pytest.raises(ReportError, match=r"examples\.npz.*image 9 of the test split"):
        images.image("test", 9)


def test_neighbours_carry_row_class_and_whether_it_is_the_same(run):
    shown = thumbnails.shown_neighbors(run)
    assert len(shown) == 2 * 5 * 6
    first = shown[(shown["space"] == "features") & (shown["query"] == 1)]
    assert first["query_label"].unique().tolist() == ["bat"]
    assert first["row"].tolist() == [6, 7, 8, 9, 10, 11]
    assert first["label"].tolist() == ["bat"] * 3 + ["cat"] * 3
    assert first["same"].tolist() == [True] * 3 + [False] * 3
    assert first["distance"].tolist() == [1, 6, 11, 16, 21, 26]
    counts = shown.groupby("space")["same"].sum()
    assert counts["features"] == sum(fake_figure4.SAME)
    assert counts["pixels"] == sum(fake_figure4.SAME_PIXELS)
