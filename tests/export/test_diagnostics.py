"""Dead and saturated units of hand-made nets, counted by hand."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from repro.data.batches import Split
from repro.data.views import Pixels
from repro.export.diagnostics import activities, diagnose, gradient_norms
from repro.networks.layers import AbsTanh
from repro.recipes.recipe import Augmentation
from repro.trained.classifier import Classifier

CPU = torch.device("cpu")
UNIT = Pixels(torch.zeros(2, 2, 3), torch.full((3,), 255.0), torch.zeros(3, 3))
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(1, 255, size=(300, 2, 2, 3), dtype=np.uint8)
SPLIT = Split(IMAGES, RNG.integers(0, 3, size=300), np.arange(300))
ALL = np.arange(300)


def net(activation=nn.ReLU):
    """A 1 x 1 convolution with maps of known sign, then two connected layers."""
    torch.manual_seed(0)
    network = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 4, 1),
            pool1=nn.MaxPool2d(1, 1),
            active1=activation(),
            flat=nn.Flatten(),
            fc2=nn.Linear(16, 5),
            active2=activation(),
            drop2=nn.Dropout(0.9),
            fc3=nn.Linear(5, 3),
        )
    )
    with torch.no_grad():
        network.conv1.weight.fill_(0.0)
        network.conv1.bias.copy_(torch.tensor([1.0, -1.0, -1.0, 5.0]))
        network.conv1.weight[2] = 1.0  # positive where the pixel is bright
    return Classifier(network.train(), Augmentation(crop="whole"), UNIT)


def test_units_that_are_never_positive_are_dead():
    rows = {row["layer"]: row for row in diagnose(net(), SPLIT, ALL, CPU)}
    assert list(rows) == ["conv1", "fc2", "fc3"]
    bright = (IMAGES / 255).sum(3) > 1
    assert bright.any()
    assert not bright.all()
    conv1 = rows["conv1"]
    assert conv1["units"] == 4  # a map is a unit
    assert conv1["dead_units"] == 0.25
    assert conv1["zero_activations"] == pytest.approx((1 + (1 - bright.mean())) / 4)
    assert conv1["saturated_activations"] is None
    assert rows["fc2"]["units"] == 5
    assert rows["fc3"]["activation"] == "none"
    assert rows["fc3"]["dead_units"] is None
    assert (conv1["n"], conv1["gradient_n"]) == (300, 128)


@pytest.mark.parametrize(
    ("activation", "share"), [(nn.Tanh, 0.25), (AbsTanh, 0.25), (nn.Sigmoid, 0.25)]
)
def test_flat_slopes_are_saturated(activation, share):
    """Only the map at 5 is: tanh(1) and the logistic at 1 still have a slope."""
    rows = diagnose(net(activation), SPLIT, ALL, CPU)
    assert rows[0]["saturated_activations"] >= share
    assert rows[0]["saturated_activations"] < 0.5
    assert rows[0]["dead_units"] is None


def test_the_spread_is_that_of_all_activations_over_all_batches():
    classifier = net()
    found = activities(classifier, SPLIT, ALL, CPU)["fc2"].row()
    with torch.no_grad():
        y = classifier.network[:6](classifier.centre(torch.from_numpy(IMAGES)))
    assert found["activation_std"] == pytest.approx(y.std(correction=0).item(), 1e-4)
    dead = 1 - (y > 0).any(0).float().mean().item()
    assert found["dead_units"] == pytest.approx(dead)


def test_gradients_of_a_linear_softmax_by_hand():
    network = nn.Sequential(OrderedDict(flat=nn.Flatten(), fc1=nn.Linear(12, 3)))
    classifier = Classifier(network, Augmentation(crop="whole"), UNIT)
    found = gradient_norms(classifier, SPLIT, np.arange(50), CPU)
    x = classifier.centre(torch.from_numpy(IMAGES[:50])).flatten(1)
    wrong = network(x).softmax(1) - F.one_hot(torch.from_numpy(SPLIT.labels[:50]), 3)
    expected = (wrong.T @ x / 50).norm().item()
    assert found == {"fc1": pytest.approx(expected, 1e-4)}
    assert network.fc1.weight.grad is None


def test_measuring_twice_gives_the_same():
    """Dropout is off and nothing is trained."""
    classifier = net()
    first = diagnose(classifier, SPLIT, ALL[:40], CPU)
    assert diagnose(classifier, SPLIT, ALL[:40], CPU) == first
