"""Three kinds of vectors of the same images."""

import numpy as np
import torch
from torch import nn

from repro.batches import Split
from repro.probabilities import Classifier
from repro.probed_vectors import pixels, probe_rows
from repro.recipes import Augmentation
from repro.views import Pixels

CPU = torch.device("cpu")


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
    assert list(found) == ["features", "pixels", "untrained features"]
    assert found["features"]["top1_error"] > 0.4
    assert found["pixels"]["top1_error"] == 0
    assert found["untrained features"]["top1_error"] < 0.1
    dimensions = [row["dimensions"] for row in rows]
    assert dimensions == [9, 192, 20]
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
