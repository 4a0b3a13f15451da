"""Nearest neighbours against a NumPy loop, whatever the size of the chunks."""

import numpy as np
import pytest
import torch

from repro.data.batches import Split
from repro.export import neighbors as retrieval
from repro.export.neighbors import (
    Space,
    feature_space,
    nearest,
    neighbors,
    pixel_space,
    ranks,
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
    monkeypatch.setattr(retrieval, "CHUNK_BYTES", chunk_bytes)
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
    monkeypatch.setattr(retrieval, "CHUNK_BYTES", 8 * 7 * 33)
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
    expected = by_hand(IMAGES[[53, 190]], IMAGES[50:])
    assert np.array_equal(distances.numpy(), np.sort(expected, axis=1)[:, :2])


@pytest.mark.parametrize("chunk_bytes", [8 * 48 * 33, 1 << 20])
def test_ranks_count_what_is_nearer(monkeypatch, chunk_bytes):
    monkeypatch.setattr(retrieval, "CHUNK_BYTES", chunk_bytes)
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
    all_ranks = pixels.argsort(1).argsort(1) + 1
    expected = np.take_along_axis(all_ranks, found["features_index"], 1)
    assert np.array_equal(found["features_pixel_rank"], expected)


def test_a_small_database_gives_all_it_has():
    queries = torch.from_numpy(ASKED).double()
    distances, positions = nearest(queries, feature_space(MATRIX[:3], CPU), 16)
    assert distances.shape == positions.shape == (5, 3)
