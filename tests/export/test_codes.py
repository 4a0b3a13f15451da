"""Binary codes: packed, searched, fitted, and the rows of codes.csv."""

import numpy as np
import pytest
import torch

from repro.data.batches import Split
from repro.export.codes import (
    BLOCK,
    autoencoder,
    code_rows,
    codes,
    hamming,
    held,
    nearest_codes,
    packed,
    pixels,
    random_projection,
    timed,
)
from repro.export.neighbors import feature_space

CPU = torch.device("cpu")
CODERS = [autoencoder, random_projection]


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    monkeypatch.setattr("repro.export.codes.STEPS", 60)
    monkeypatch.setattr("repro.export.codes.BATCH", 40)


def clusters(images, seed=0, dimensions=30, spread=0.05):
    """Four distant points with noise around them; the label is the point."""
    labels = np.arange(images) % 4
    centres = np.random.default_rng(9).normal(size=(4, dimensions))
    noise = np.random.default_rng(seed).normal(size=(images, dimensions))
    return (centres[labels] + spread * noise).astype(np.float16), labels


def random_bits(vectors, bits=128, seed=0):
    return np.random.default_rng(seed).integers(0, 2, (vectors, bits)).astype(bool)


def by_hand(queries, database):
    """(Q, N) distances, one pair of codes at a time."""
    return np.array([[np.sum(a != b) for b in database] for a in queries])


def both_packed(queries, database):
    return packed(torch.from_numpy(queries)), packed(torch.from_numpy(database))


@pytest.mark.parametrize("bits", [64, 128])
def test_hamming_distances_against_a_loop(bits):
    queries, database = random_bits(7, bits), random_bits(90, bits, seed=1)
    database[:2] = queries[0], ~queries[0]
    found = hamming(*both_packed(queries, database)).numpy()
    assert np.array_equal(found, by_hand(queries, database))
    assert found[0, :2].tolist() == [0, bits]


@pytest.mark.parametrize("block", [1, 300, 1 << 16])
def test_the_nearest_codes_against_a_loop(monkeypatch, block):
    """Codes of 5 bits that vary have many equal distances: the first positions win."""
    monkeypatch.setitem(BLOCK, "cpu", block)
    queries, database = random_bits(9, 64), random_bits(110, 64, seed=1)
    queries[:, 5:] = database[:, 5:] = False
    found = nearest_codes(*both_packed(queries, database), 6)
    expected = by_hand(queries, database).argsort(axis=1, kind="stable")[:, :6]
    assert np.array_equal(found.numpy(), expected)


@pytest.mark.parametrize("fit", CODERS)
def test_identical_vectors_have_identical_codes(monkeypatch, fit):
    monkeypatch.setattr("repro.export.neighbors.CHUNK_BYTES", 8 * 30 * 7)  # pieces of 7
    vectors, _ = clusters(40)
    twice = np.concatenate([vectors, vectors])
    found = codes(fit(torch.from_numpy(vectors), 64), feature_space(twice, CPU))
    assert found.shape == (1, 80)
    assert torch.equal(found[:, :40], found[:, 40:])
    assert len(found.unique()) > 1


@pytest.mark.parametrize("fit", CODERS)
def test_clusters_are_retrieved(fit):
    vectors, labels = clusters(80)
    asked, wanted = clusters(20, seed=1)
    coder = fit(torch.from_numpy(vectors), 64)
    ours = packed(coder.bits(torch.from_numpy(asked)))
    found = nearest_codes(ours, codes(coder, feature_space(vectors, CPU)), 6)
    assert (labels[found.numpy()] == wanted[:, None]).all()


def test_noise_drives_code_units_apart(monkeypatch):
    """What they receive grows far beyond its initial size of about one."""
    monkeypatch.setattr("repro.export.codes.LEARNING_RATE", 0.02)
    vectors = torch.from_numpy(clusters(80)[0])
    sizes = []
    for fit in CODERS:
        coder = fit(vectors, 64)
        received = coder.standardised(vectors) @ coder.weight + coder.bias
        sizes.append(received.abs().mean().item())
    assert sizes[0] > 4
    assert sizes[1] < 1.5


def test_fitting_follows_the_vectors_that_vary_together(monkeypatch):
    """Ten copies of one value outweigh ten values of their own: more bits follow it."""
    rng = np.random.default_rng(0)
    shared, own = rng.normal(size=(200, 1)), rng.normal(size=(200, 10))
    vectors = torch.from_numpy(np.concatenate([shared.repeat(10, 1), own], 1))
    monkeypatch.setattr("repro.export.codes.LEARNING_RATE", 0.02)

    def following(coder):
        bits = coder.bits(vectors).double().numpy() - 0.5
        return np.abs(np.sign(shared).T @ bits).mean() / 100

    fitted, drawn = (following(fit(vectors, 64)) for fit in CODERS)
    assert fitted > drawn + 0.1


@pytest.mark.parametrize("fit", CODERS)
def test_the_same_vectors_give_the_same_coder(fit):
    vectors = torch.from_numpy(clusters(50)[0])
    before = torch.get_rng_state()
    first = fit(vectors, 64)
    torch.rand(3)
    second = fit(vectors, 64)
    for part in ("mean", "std", "weight", "bias"):
        assert torch.equal(getattr(first, part), getattr(second, part))
    torch.set_rng_state(before)
    fit(vectors, 64)
    assert torch.equal(torch.get_rng_state(), before)  # draws nothing of torch's


@pytest.mark.parametrize("fit", CODERS)
@pytest.mark.parametrize("value", [0.0, 0.1, 60000.0])
def test_vectors_that_never_change(fit, value):
    vectors = torch.full((30, 20), value, dtype=torch.float16)
    coder = fit(vectors, 64)
    for part in ("mean", "std", "weight", "bias"):
        assert getattr(coder, part).isfinite().all()
    assert (coder.standardised(vectors) == 0).all()
    found = codes(coder, feature_space(vectors.numpy(), CPU))
    assert len(found.unique()) == 1
    assert nearest_codes(found, found, 6).tolist() == [[0, 1, 2, 3, 4, 5]] * 30


def split_of(vectors, labels, side=4):
    """Images whose first values are those of the vectors, in a split run backwards."""
    images = np.zeros((len(labels), side * side * 3), np.uint8)
    scaled = (vectors.astype(float) * 20 + 128).clip(0, 255).astype(np.uint8)
    images[:, : vectors.shape[1]] = scaled
    order = np.arange(len(labels))[::-1].copy()
    return Split(images.reshape(-1, side, side, 3)[order], labels[order], order)


def rows_of(train, test, *, told_by="pixels"):
    """The vectors are the features or the pixels; the others are noise."""
    rng = np.random.default_rng(3)
    splits, matrices = {}, {}
    for name, (vectors, labels) in {"train": train, "test": test}.items():
        noise = rng.normal(size=vectors.shape).astype(np.float16)
        by_pixels = told_by == "pixels"
        splits[name] = split_of(vectors if by_pixels else noise, labels)
        matrices[name] = noise if by_pixels else vectors
    return code_rows(splits, matrices, CPU)


@pytest.mark.parametrize("told_by", ["features", "pixels"])
def test_rows_of_all_ways(told_by):
    rows = rows_of(clusters(120), clusters(24, seed=1), told_by=told_by)
    ways = [(row["code"], row["bits"]) for row in rows[:5]]
    assert ways == [
        ("none", None),
        *(("autoencoder", 64), ("autoencoder", 128)),
        *(("random projection", 64), ("random projection", 128)),
    ]
    assert [(row["code"], row["bits"]) for row in rows[5:]] == ways
    assert [row["source"] for row in rows] == ["features"] * 5 + ["pixels"] * 5
    for row in rows:
        chance = 0.1 < row["precision_at_6"] < 0.45
        assert row["precision_at_6"] == 1 if row["source"] == told_by else chance
    assert {row["n"] for row in rows} == {24}
    assert all(row["seconds"] > 0 for row in rows)


def test_fewer_database_images_than_six():
    """All of three are found: labels 0, 1, 2 for queries of labels 0, 1, 2, 3."""
    rows = rows_of(clusters(3), clusters(4, seed=1))
    assert all(row["precision_at_6"] == pytest.approx(1 / 4) for row in rows)


def test_the_same_vectors_everywhere_give_numbers():
    same = np.zeros((40, 30), np.float16), np.arange(40) % 4
    for row in rows_of(same, clusters(8, seed=1)):
        assert 0 <= row["precision_at_6"] <= 1


def test_neighbours_are_told_apart_where_float32_cannot():
    """Squared lengths of 4e8, of which float32 keeps 32s: two classes 4 and 12 away."""
    far, near = np.full((2, 6, 100), 2048, np.float16)
    far[:, :3] += 2
    near[:, 0] += 2
    database = np.concatenate([far, near]), np.repeat([1, 0], 6)
    query = np.full((1, 100), 2048, np.float16), np.zeros(1, int)
    labels = {"train": database[1], "test": query[1]}
    splits = {
        name: split_of(np.zeros((len(each), 30)), each) for name, each in labels.items()
    }
    matrices = {"train": database[0], "test": query[0]}
    full = code_rows(splits, matrices, CPU)[0]
    assert (full["code"], full["source"]) == ("none", "features")
    assert full["precision_at_6"] == 1


def test_pixels_are_averaged_in_the_order_of_the_split():
    images = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), np.uint8)
    split = Split(images, np.zeros(5, int), np.array([4, 2, 0]))
    found = pixels(split, CPU).vectors(np.array([2, 0]))
    blocks = images[[0, 4]].reshape(2, 32, 2, 32, 2, 3).mean((2, 4))
    assert np.array_equal(found, blocks.transpose(0, 3, 1, 2).reshape(2, -1))
    small = pixels(Split(images[:, :20, :40], split.labels, split.indices), CPU)
    assert small.vectors(np.arange(3)).shape == (3, 3 * 20 * 32)


@pytest.mark.parametrize("limit", [2 * 48 * 9, 2 * 48 * 9 - 1])
def test_holding_in_memory_changes_nothing(monkeypatch, limit):
    monkeypatch.setattr("repro.export.codes.HELD_BYTES", limit)
    monkeypatch.setattr("repro.export.neighbors.CHUNK_BYTES", 8 * 48 * 4)  # pieces of 4
    images = np.random.default_rng(0).integers(0, 256, (9, 4, 4, 3), np.uint8)
    space = pixels(Split(images, np.zeros(9, int), np.arange(9)), CPU)
    kept = held(space)
    assert (kept is space) == (limit < 2 * 48 * 9)
    chosen = np.array([8, 0, 5])
    assert torch.equal(kept.vectors(chosen), space.vectors(chosen))
    assert kept.vectors(chosen).dtype == torch.float32


def test_seconds_are_the_median_of_three(monkeypatch):
    ticks = iter([0.0, 9.0, 10.0, 11.0, 20.0, 22.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(ticks))
    found, seconds = timed(lambda: torch.ones(2))
    assert seconds == 2.0 and found.tolist() == [1, 1]
