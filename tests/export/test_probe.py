"""The linear probe, and what it is put on: four kinds of vectors of the same images."""

import numpy as np
import pytest
import torch
from torch import nn

from repro.data.batches import Split
from repro.data.views import Pixels
from repro.export.probe import ORIENTATIONS, fit, histograms, pixels, probe, probe_rows
from repro.recipes.recipe import Augmentation
from repro.trained.classifier import Classifier

CPU = torch.device("cpu")


def clouds(images, classes=3, spread=0.3, seed=0):
    """Points around the corners of a simplex, with a dimension that never changes."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(images) % classes
    centres = torch.eye(classes, classes + 2)[labels]
    noise = torch.randn(centres.shape, generator=generator) * spread
    vectors = centres + noise
    vectors[:, -1] = 5.0
    return vectors, labels


def test_separable_clouds_are_told_apart():
    row = probe(clouds(300, spread=0.1), clouds(60, spread=0.1, seed=1), 3)
    assert row["top1_error"] == 0
    assert (row["n"], row["train_images"], row["dimensions"]) == (60, 300, 5)


def test_labels_that_mean_nothing_are_guessed():
    vectors, labels = clouds(400)
    shuffled = labels[torch.randperm(400, generator=torch.Generator().manual_seed(3))]
    row = probe((vectors, shuffled), clouds(300, seed=1), 3)
    assert row["top1_error"] == pytest.approx(2 / 3, abs=0.2)
    assert row["l2"] >= 0.01


def test_the_fit_is_the_minimum():
    """The gradient of the loss vanishes there."""
    vectors, labels = clouds(90)
    start = (torch.zeros(3, 5), torch.zeros(3))
    weight, bias = fit(vectors, labels, 0.1, start)
    shares = (vectors @ weight.T + bias).softmax(1)
    wrong = (shares - torch.eye(3)[labels]) / len(labels)
    slope = wrong.T @ vectors + 0.1 * weight
    assert slope.abs().max() < 1e-3
    assert wrong.sum(0).abs().max() < 1e-3


def test_the_strength_is_chosen_on_held_out_vectors(monkeypatch):
    """Vectors that tell nothing: the stronger the better; clear ones: any will do."""
    monkeypatch.setattr(
        "repro.export.probe.error", lambda weights, *_: weights[0].norm().item()
    )
    monkeypatch.setattr("repro.export.probe.L2", (1e3, 1e-3))
    assert probe(clouds(60), clouds(20, seed=1), 3)["l2"] == 1e3
    monkeypatch.setattr(
        "repro.export.probe.error", lambda weights, *_: -weights[0].norm().item()
    )
    assert probe(clouds(60), clouds(20, seed=1), 3)["l2"] == 1e-3
    monkeypatch.setattr("repro.export.probe.error", lambda *_: 0.5)
    assert probe(clouds(60), clouds(20, seed=1), 3)["l2"] == 1e3


def test_a_class_that_training_lacks_is_no_error():
    vectors, labels = clouds(40)
    row = probe((vectors, labels % 2), clouds(30, seed=1), 4)
    assert 0 < row["top1_error"] <= 1


def bright(images, side=8, offset=0):
    """Brightness tells the class; rows of the split run backwards."""
    labels = np.arange(images) % 3
    rng = np.random.default_rng(offset)
    stored = rng.integers(0, 40, size=(images, side, side, 3))
    stored = (stored + 60 * labels[:, None, None, None]).astype(np.uint8)
    return Split(stored, labels, np.arange(images)[::-1].copy())


def classifier(side=8):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * side**2, 20), nn.ReLU())
    network.append(nn.Linear(20, 3))
    flat = Pixels(torch.zeros(side, side, 3), torch.full((3,), 255.0), torch.eye(3))
    return Classifier(network, Augmentation(crop="whole"), flat)


def test_pixels_tell_brightness_and_noise_does_not():
    splits = {"train": bright(200), "test": bright(60, offset=1)}
    rng = np.random.default_rng(2)
    noise = {
        split: rng.normal(size=(len(images), 9)).astype(np.float16)
        for split, images in splits.items()
    }
    rows = probe_rows(classifier(), splits, noise, classes=3, device=CPU)
    found = {row["vectors"]: row for row in rows}
    assert list(found) == ["features", "pixels", "untrained features", "HOG"]
    assert found["features"]["top1_error"] > 0.4
    assert found["pixels"]["top1_error"] == 0
    assert found["untrained features"]["top1_error"] < 0.1
    dimensions = [row["dimensions"] for row in rows]
    assert dimensions == [9, 192, 20, 9 * 2 * 2 * 6 * 6]
    assert {row["n"] for row in rows} == {60}
    assert {row["train_images"] for row in rows} == {200}


def test_large_images_are_averaged_down():
    split = bright(6, side=64)
    found = pixels(classifier(side=64), split, np.array([5, 0]), CPU)
    assert found.shape == (2, 3 * 32**2)
    blocks = split.images[0].reshape(32, 2, 32, 2, 3).mean((1, 3)) / 255
    np.testing.assert_allclose(
        found[0].numpy(), blocks.transpose(2, 0, 1).ravel(), rtol=1e-5
    )


def striped(images, side=28):
    """Class 0 changes from row to row, class 1 from column to column; any phase."""
    labels = np.arange(images) % 2
    phase = np.random.default_rng(3).uniform(0, 2 * np.pi, size=(images, 1, 1))
    waves = np.sin(np.arange(side) * np.pi / 4 + phase)
    grey = np.broadcast_to(waves, (images, side, side)).copy()
    grey[labels == 0] = grey[labels == 0].transpose(0, 2, 1)
    stored = np.repeat((128 + 100 * grey)[..., None], 3, axis=3).astype(np.uint8)
    return Split(stored, labels, np.arange(images))


def test_histograms_count_the_direction_of_edges():
    split = striped(4)
    across, upright, *_ = histograms(
        classifier(side=28), split, np.arange(4), CPU
    ).reshape(4, -1, ORIENTATIONS)
    assert across.shape == (6 * 6 * 2 * 2, 9)  # blocks overlap by a cell
    assert across.sum(0).argmax() == 4  # of nine, 90 degrees
    assert upright.sum(0).argmax() == 0
    assert across[:, 0].max() < 1e-6 and upright[:, 4].max() < 1e-6


def test_histograms_do_not_see_brightness_and_margins():
    split = bright(3, side=24)
    darker = Split(split.images // 2 + 20, split.labels, split.indices)
    padded = np.pad(split.images // 2, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="edge")
    inner = Augmentation(crop_share=24 / 32)
    whole = classifier(side=24)
    cropped = Classifier(whole.network, inner, whole.pixels)
    each = np.arange(3)
    seen = histograms(whole, darker, each, CPU)
    framed = Split(padded, split.labels, split.indices)
    assert torch.equal(seen, histograms(cropped, framed, each, CPU))


def test_seven_cells_a_side_whatever_is_left_over():
    split = bright(2, side=30)
    whole = histograms(classifier(side=30), split, np.arange(2), CPU)
    cut = Split(split.images[:, :28, :28], split.labels, split.indices)
    assert torch.equal(whole, histograms(classifier(side=28), cut, np.arange(2), CPU))
    assert whole.shape == (2, 9 * 2 * 2 * 6 * 6)


def test_more_images_make_another_row(monkeypatch):
    monkeypatch.setattr("repro.export.probe.AT_MOST", 90)
    monkeypatch.setattr("repro.export.probe.MOST", 150)
    splits = {"train": bright(200), "test": bright(60, offset=1)}
    matrices = {split: np.zeros((len(s), 3), np.float16) for split, s in splits.items()}
    rows = probe_rows(classifier(), splits, matrices, classes=3, device=CPU)
    assert [row["train_images"] for row in rows] == [90, 90, 90, 90, 150]
    assert [row["vectors"] for row in rows[3:]] == ["HOG", "HOG, more images"]
    assert {row["n"] for row in rows} == {60}
