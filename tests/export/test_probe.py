"""The linear probe separates what can be separated and nothing else."""

import pytest
import torch

from repro.export import probe as module
from repro.export.probe import fit, probe


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
    monkeypatch.setattr(module, "error", lambda weights, *_: weights[0].norm().item())
    monkeypatch.setattr(module, "L2", (1e3, 1e-3))
    assert probe(clouds(60), clouds(20, seed=1), 3)["l2"] == 1e3
    monkeypatch.setattr(module, "error", lambda weights, *_: -weights[0].norm().item())
    assert probe(clouds(60), clouds(20, seed=1), 3)["l2"] == 1e-3
    monkeypatch.setattr(module, "error", lambda *_: 0.5)
    assert probe(clouds(60), clouds(20, seed=1), 3)["l2"] == 1e3


def test_a_class_that_training_lacks_is_no_error():
    vectors, labels = clouds(40)
    row = probe((vectors, labels % 2), clouds(30, seed=1), 4)
    assert 0 < row["top1_error"] <= 1
