"""Thumbnails by their place in the packs."""

import numpy as np
import pytest

from analysis.evidence import runs, thumbnails
from analysis.evidence.runs import ReportError
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
