"""What was retrieved, counted by hand."""

import numpy as np
import pytest

from analysis.evidence.features import neighbors
from analysis.evidence.runs import load
from analysis.topics.neighbors import retrieved
from tests.made import figure4
from tests.made.figure4 import write_exported


@pytest.fixture
def runs(tmp_path):
    write_exported(tmp_path)
    return load("cifar10", tmp_path)


@pytest.fixture
def found(runs):
    return neighbors(runs)


def test_precision_by_hand(found):
    nearest, six = retrieved.precision(found).to_dict("records")
    assert (nearest["k"], six["k"]) == (1, 6)
    assert nearest["features"][0].value == pytest.approx(4 / 5)
    assert six["features"][0].value == pytest.approx((6 + 3 + 2 + 1) / 30)
    assert nearest["pixels"][0].value == pytest.approx(1 / 5)
    assert six["pixels"][0].value == pytest.approx(1 / 30)
    assert six["gain"][0].value == pytest.approx(11 / 30)
    assert six["gain"][0].images == 5


def test_the_gain_is_paired(tmp_path):
    """Both spaces agree on every query but for one neighbour: no spread in the gain."""
    labels = figure4.neighbors()["features_label"].copy()
    labels[:, -1] = 5
    features = labels.copy()
    features[:, -1] = np.arange(5)
    write_exported(tmp_path, features_label=features, pixels_label=labels)
    found = neighbors(load("cifar10", tmp_path))
    six = retrieved.precision(found).iloc[1]
    assert six["features"][0].has_interval
    assert six["gain"][0].value == pytest.approx(1 / 6)
    assert not six["gain"][0].has_interval


def test_seeds_are_the_outer_level(tmp_path):
    """Per query the mean of the seeds is one half: the range is not the interval."""
    labels = np.arange(5)[:, None] * np.ones((1, 6), int)
    for seed, kept in ((0, [0, 1]), (1, [2, 3, 4])):
        own = np.full((5, 6), 5)
        own[kept] = labels[kept]
        write_exported(tmp_path, seed=seed, features_label=own)
    found = neighbors(load("cifar10", tmp_path))
    share, seeds = retrieved.precision(found)["features"].iloc[1]
    assert seeds == pytest.approx((0.5, 0.4, 0.6))
    assert share.value == pytest.approx(0.5) and not share.has_interval


def test_outside_the_nearest_in_pixels_by_hand(found):
    """Near are ranks up to 5 of 500: of (5, 3, 3, 6, 100, 100) the first three."""
    everything, same = retrieved.outside(found).to_dict("records")
    assert everything["far"][0].value == pytest.approx(0.5)
    assert not everything["far"][0].has_interval  # the same ranks for every query
    assert everything["median"] == pytest.approx(5.5 / 500)
    assert everything["count"] == 30
    assert same["count"] == 12
    assert same["far"][0].value == pytest.approx(3 / 12)
    assert same["far"][0].images == 4  # one query has no neighbour of its class


def test_without_agreement_there_is_only_one_row(tmp_path):
    write_exported(tmp_path, features_label=np.full((5, 6), 5))
    found = neighbors(load("cifar10", tmp_path))
    assert retrieved.outside(found)["neighbours"].tolist() == ["all"]


def test_deciles_by_hand(found):
    """30 pairs, three a decile; distances order them by rank, then by query."""
    deciles = retrieved.deciles(found)
    own = deciles[deciles["space"] == "features"].set_index("decile")
    shares = [each.value for each in own["share"]]
    assert shares[:2] == pytest.approx([1, 2 / 3])  # (0, 0..2); (0, 3), (0, 4), (1, 0)
    assert shares[-1] == 0
    assert sum(shares) * 3 == pytest.approx(sum(figure4.SAME))
    assert own["pairs"].unique().tolist() == [3]
    assert (own.loc[2, "near"], own.loc[2, "far"]) == (3, 5)
    flat = retrieved.flat(deciles)
    assert flat["value"].tolist()[:10] == shares
    assert flat["lowest_seed"].tolist()[:10] == shares


def test_distances_of_each_seed_have_their_own_deciles(tmp_path):
    """A seed whose distances are all larger is not all in the last deciles."""
    write_exported(tmp_path)
    farther = 100 + figure4.neighbors()["features_distance"]
    write_exported(tmp_path, seed=1, features_distance=farther)
    found = neighbors(load("cifar10", tmp_path))
    first = retrieved.deciles(found).iloc[0]
    assert first["share"].value == 1 and first["pairs"] == 3
    assert (first["near"], first["far"]) == (50, 52)


def test_neighbours_carry_row_class_and_whether_it_is_the_same(found):
    shown = retrieved.shown(found)
    assert len(shown) == 2 * 5 * 6
    first = shown[(shown["space"] == "features") & (shown["query"] == 1)]
    assert first["query_label"].unique().tolist() == ["bat"]
    assert first["row"].tolist() == [6, 7, 8, 9, 10, 11]
    assert first["label"].tolist() == ["bat"] * 3 + ["cat"] * 3
    assert first["same"].tolist() == [True] * 3 + [False] * 3
    assert first["distance"].tolist() == [1, 6, 11, 16, 21, 26]
    counts = shown.groupby("space")["same"].sum()
    assert counts["features"] == sum(figure4.SAME)
    assert counts["pixels"] == sum(figure4.SAME_PIXELS)
