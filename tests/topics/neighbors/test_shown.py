"""The images that Figure 4 shows on its right, with their classes."""

import pytest

from analysis.evidence import runs
from analysis.topics.neighbors import retrieved
from tests.made import figure4 as fake_figure4
from tests.made.figure4 import write_exported


@pytest.fixture
def run(tmp_path):
    write_exported(tmp_path)
    return runs.load("cifar10", tmp_path).complete[0]


def test_neighbours_carry_row_class_and_whether_it_is_the_same(run):
    shown = retrieved.shown_neighbors(run)
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
