"""Ten views against ten softmaxes by hand (section 4.1)."""

import numpy as np
import pytest
import torch
from torch import nn

from repro.data.batches import Split
from repro.data.views import Pixels, measure_pixels
from repro.recipes.recipe import Augmentation
from repro.trained.classifier import (
    Classifier,
    in_sequence,
    mean_probabilities,
    probabilities,
)

CPU = torch.device("cpu")
SIDE, SIZE = 8, 6
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, size=(5, SIDE, SIDE, 3), dtype=np.uint8)
MEAN = RNG.uniform(0, 255, size=(SIDE, SIDE, 3)).astype(np.float32)
AUGMENTATION = Augmentation(crop_share=SIZE / SIDE)


def linear(seed, classes=4):
    torch.manual_seed(seed)
    layers = nn.Sequential(
        nn.Flatten(), nn.Dropout(0.9), nn.Linear(3 * SIZE**2, classes)
    )
    nn.init.normal_(layers[2].weight, std=1e-3)
    pixels = measure_pixels(MEAN, np.eye(3), AUGMENTATION)
    return Classifier(layers.train(), AUGMENTATION, pixels)


def by_hand(classifier, image, views):
    """The mean softmax in NumPy; (row, column, mirrored) of each view."""
    weight, bias = (
        p.detach().double().numpy() for p in classifier.network[2].parameters()
    )
    total = np.zeros(len(bias))
    for row, column, mirrored in views:
        view = image[row : row + SIZE, column : column + SIZE].astype(float)
        view = view[:, ::-1] if mirrored else view
        view = view - MEAN[1:7, 1:7]  # the mean's centre, for every view
        logits = weight @ view.transpose(2, 0, 1).ravel() + bias
        shares = np.exp(logits - logits.max())
        total += shares / shares.sum()
    return total / len(views)


CORNERS = [(0, 0), (0, 2), (1, 1), (2, 0), (2, 2)]
TEN = [(*corner, mirrored) for mirrored in (False, True) for corner in CORNERS]


@pytest.mark.parametrize(("count", "views"), [(1, [(1, 1, False)]), (10, TEN)])
def test_probabilities_are_the_mean_of_softmaxes_by_hand(count, views):
    classifier = linear(0)
    found = probabilities(classifier, torch.from_numpy(IMAGES), count)
    expected = np.stack([by_hand(classifier, image, views) for image in IMAGES])
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4)
    assert found.dtype == torch.float64


def test_several_networks_count_equally():
    both = [linear(1), linear(2)]
    images = torch.from_numpy(IMAGES)
    found = mean_probabilities(both, images, 10)
    each = [probabilities(one, images, 10) for one in both]
    torch.testing.assert_close(found, (each[0] + each[1]) / 2)


def test_batches_come_in_order_and_none_is_lost():
    split = Split(IMAGES, np.arange(5) + 10, np.array([4, 0, 2]))
    labels = [batch.tolist() for _, batch in in_sequence(split, CPU, batch_size=2)]
    assert labels == [[14, 10], [12]]
    chosen = in_sequence(split, CPU, np.array([2, 0]))
    assert [batch.tolist() for _, batch in chosen] == [[12, 14]]


def test_a_large_batch_on_pixels_of_unit_variance():
    """Probabilities of one image do not depend on the batch that it is in."""
    classifier = linear(3)
    pixels = Pixels(torch.zeros(SIZE, SIZE, 3), torch.full((3,), 255.0), torch.eye(3))
    classifier = Classifier(classifier.network, AUGMENTATION, pixels)
    images = torch.from_numpy(IMAGES)
    together = probabilities(classifier, images, 10)
    alone = torch.cat([probabilities(classifier, one[None], 10) for one in images])
    torch.testing.assert_close(together, alone, rtol=1e-6, atol=0)
