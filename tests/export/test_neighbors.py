"""Nearest neighbours against a NumPy loop, whatever the size of the chunks."""

import itertools

import numpy as np
import pytest
import torch

from repro.data.batches import Split
from repro.export.neighbors import (
    Space,
    feature_space,
    nearest,
    neighbors,
    pixel_space,
    ranks,
    squared_distances,
)

CPU = torch.device("cpu")
RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(200, 7)).astype(np.float16)
ASKED = RNG.normal(size=(5, 7)).astype(np.float16)
IMAGES = RNG.integers(0, 256, size=(200, 4, 4, 3), dtype=np.uint8)


def by_hand(queries, vectors):
    """All distances, (Q, N), one difference at a time."""
    queries, vectors = (x.reshape(len(x), -1).astype(float) for x in (queries, vectors))
    distances = np.empty((len(queries), len(vectors)))
    for i, query in enumerate(queries):
        for j, vector in enumerate(vectors):
            distances[i, j] = np.sqrt(((query - vector) ** 2).sum())
    return distances


@pytest.mark.parametrize("chunk_bytes", [1, 8 * 7 * 33, 1 << 20])
def test_nearest_against_a_loop(monkeypatch, chunk_bytes):
    monkeypatch.setattr("repro.export.neighbors.CHUNK_BYTES", chunk_bytes)
    queries = torch.from_numpy(ASKED).double()
    distances, positions = nearest(queries, feature_space(MATRIX, CPU), 6)
    expected = by_hand(ASKED, MATRIX)
    order = np.argsort(expected, axis=1)[:, :6]
    assert np.array_equal(positions.numpy(), order)
    np.testing.assert_allclose(
        distances.numpy(), np.take_along_axis(expected, order, 1), rtol=1e-9
    )


def test_a_search_holds_one_piece_and_reads_every_row_once(monkeypatch):
    """1,000 vectors of 7 values in pieces of 33: never more, whatever the size."""
    monkeypatch.setattr("repro.export.neighbors.CHUNK_BYTES", 8 * 7 * 33)
    vectors = RNG.normal(size=(1000, 7))
    asked = []

    def rows(positions):
        asked.append(positions)
        return torch.from_numpy(vectors[positions])

    space = Space(1000, rows)
    own = np.array([5, 999])
    queries = space.vectors(own)
    for search in (
        lambda: nearest(queries, space, 6),
        lambda: ranks(queries[:, :], space, torch.tensor([[5], [999]])),
    ):
        asked.clear()
        search()
        pieces = [each for each in asked if len(each) > 1]
        assert max(map(len, pieces)) == 33
        assert np.array_equal(np.concatenate(pieces), np.arange(1000))


def test_pixels_are_exact_and_an_image_finds_itself():
    split = Split(IMAGES, np.zeros(200, np.int64), np.arange(50, 200))
    space = pixel_space(split, CPU)
    distances, positions = nearest(space.vectors(np.array([3, 140])), space, 2)
    assert positions[:, 0].tolist() == [3, 140]
    assert distances[:, 0].tolist() == [0.0, 0.0]
    away = IMAGES[[53, 190], None].astype(int) - IMAGES[50:]
    squares = (away**2).sum((2, 3, 4))
    everything = space.vectors(np.arange(150))
    found = squared_distances(everything[[3, 140]], everything)
    assert np.array_equal(found.numpy(), squares)
    expected = np.sqrt(np.sort(squares, axis=1)[:, :2])
    np.testing.assert_allclose(distances.numpy(), expected, rtol=1e-12)


def test_the_largest_squared_distance_of_pixels_is_whole():
    black, white = torch.zeros(1, 3 * 256**2).double(), torch.full((1, 3 * 256**2), 255)
    white = white.double()
    white[0, 0] = 254
    found = squared_distances(black, white).item()
    assert found == 255**2 * (3 * 256**2 - 1) + 254**2


@pytest.mark.parametrize("rows", [1, 50, 5000])
def test_of_equal_distances_the_smaller_position_comes_first(monkeypatch, rows):
    """Orders of 0.1 to 0.7 are equally far from 0, however their squares are added."""
    monkeypatch.setattr("repro.export.neighbors.CHUNK_BYTES", 8 * 7 * rows)
    orders = np.array(list(itertools.permutations(np.arange(1, 8) / 10)))
    assert len({(one[:4] ** 2).sum() + (one[4:] ** 2).sum() for one in orders}) > 1
    vectors = np.concatenate([orders + 1, orders])  # 5,040 that are farther, first
    space, origin = feature_space(vectors, CPU), torch.zeros(1, 7).double()
    distances, positions = nearest(origin, space, 16)
    assert positions[0].tolist() == list(range(5040, 5056))
    np.testing.assert_allclose(distances, 1.4**0.5, rtol=1e-12)
    found = ranks(origin, space, torch.tensor([[5040, 10079, 0, 5039]]))
    assert found.tolist() == [[1, 1, 5041, 5041]]


def test_copies_of_a_query_are_at_distance_nothing(monkeypatch):
    """Though its length is much, and a sum over it is rounded."""
    monkeypatch.setattr("repro.export.neighbors.CHUNK_BYTES", 8 * 999 * 3)
    query = np.random.default_rng(1).normal(1, 1, size=999)
    vectors = np.stack([query * scale for scale in (1, 2, 1, 3, 1, 1)])
    distances, positions = nearest(
        torch.from_numpy(query[None]), feature_space(vectors, CPU), 5
    )
    assert positions.tolist() == [[0, 2, 4, 5, 1]]
    assert distances[0, :4].tolist() == [0, 0, 0, 0]


def test_what_is_not_a_number_is_farthest():
    vectors = np.array([[np.nan], [3.0], [np.inf], [1.0]])
    distances, positions = nearest(
        torch.zeros(1, 1).double(), feature_space(vectors, CPU), 4
    )
    assert positions.tolist() == [[3, 1, 0, 2]]
    assert distances.tolist() == [[1, 3, np.inf, np.inf]]


@pytest.mark.parametrize("chunk_bytes", [8 * 48 * 33, 1 << 20])
def test_ranks_count_what_is_nearer(monkeypatch, chunk_bytes):
    monkeypatch.setattr("repro.export.neighbors.CHUNK_BYTES", chunk_bytes)
    split = Split(IMAGES, np.zeros(200, np.int64), np.arange(200))
    space = pixel_space(split, CPU)
    queries = space.vectors(np.array([0, 1]))
    positions = torch.tensor([[0, 17, 99], [1, 1, 180]])
    found = ranks(queries, space, positions)
    expected = by_hand(IMAGES[:2], IMAGES)
    for row in range(2):
        for column in range(3):
            own = expected[row, positions[row, column]]
            assert found[row, column] == 1 + (expected[row] < own).sum()
    assert found[:, 0].tolist() == [1, 1]


def test_neighbors_in_both_spaces():
    test = Split(IMAGES[:20], np.zeros(20, np.int64), np.arange(20))
    train = Split(IMAGES[20:], np.zeros(180, np.int64), np.arange(180))
    found = neighbors(
        np.array([4, 2]),
        {"features": feature_space(MATRIX[:20], CPU), "pixels": pixel_space(test, CPU)},
        {
            "features": feature_space(MATRIX[20:], CPU),
            "pixels": pixel_space(train, CPU),
        },
    )
    pixels = by_hand(IMAGES[[4, 2]], IMAGES[20:])
    vectors = by_hand(MATRIX[[4, 2]], MATRIX[20:])
    assert np.array_equal(found["pixels_index"], pixels.argsort(1)[:, :16])
    assert np.array_equal(found["features_index"], vectors.argsort(1)[:, :16])
    own = np.take_along_axis(pixels, found["features_index"], 1)
    expected = 1 + (pixels[:, None] < own[:, :, None]).sum(2)
    assert np.array_equal(found["features_pixel_rank"], expected)


def test_a_small_database_gives_all_it_has():
    queries = torch.from_numpy(ASKED).double()
    distances, positions = nearest(queries, feature_space(MATRIX[:3], CPU), 16)
    assert distances.shape == positions.shape == (5, 3)
