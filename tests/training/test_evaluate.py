"""Errors and loss against a sort and a hand-written softmax."""

import numpy as np
import torch
from torch import nn

from repro.data.batches import Split
from repro.data.views import Pixels
from repro.recipes.recipe import Augmentation
from repro.training.evaluate import evaluate, wrong


def test_top_k_against_a_stable_sort():
    rng = np.random.default_rng(0)
    logits = rng.integers(0, 4, size=(300, 10)).astype(np.float32)  # many ties
    labels = rng.integers(0, 10, size=300)
    order = np.argsort(-logits, axis=1, kind="stable")
    for k in (1, 5):
        expected = sum(
            label not in row[:k] for row, label in zip(order, labels, strict=True)
        )
        counted = wrong(torch.from_numpy(logits), torch.from_numpy(labels), k)
        assert counted == expected


def test_constant_logits_score_chance_and_nan_is_wrong():
    labels = torch.arange(10)
    assert wrong(torch.zeros(10, 10), labels, 1) == 9
    assert wrong(torch.zeros(10, 10), labels, 5) == 5
    assert wrong(torch.full((10, 10), torch.nan), labels, 5) == 10


def test_evaluation_is_the_mean_over_all_images_in_evaluation_mode():
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, size=(7, 2, 2, 3), dtype=np.uint8)
    labels = rng.integers(0, 6, size=7)
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(12, 6))
    network.train()
    measured = evaluate(
        network,
        Split(images, labels, np.arange(7)),
        Augmentation(crop="whole"),
        Pixels(torch.full((2, 2, 3), 100.0), torch.full((3,), 50.0), torch.zeros(3, 3)),
        device=torch.device("cpu"),
        batch_size=3,
    )
    x = (images.astype(np.float64) - 100).transpose(0, 3, 1, 2).reshape(7, 12) / 50
    weight, bias = (p.detach().double().numpy() for p in network[2].parameters())
    logits = x @ weight.T + bias
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    np.testing.assert_allclose(
        measured["loss"], -log_p[np.arange(7), labels].mean(), rtol=1e-5
    )
    assert measured["top1_error"] == (logits.argmax(1) != labels).mean()
