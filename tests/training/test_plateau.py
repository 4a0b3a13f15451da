"""The plateau is named with its likely cause."""

import math

import pytest
import torch
from torch import nn

from repro.networks.layers import MaskDropout
from repro.recipes.presets import CAFFE, PAPER_TEXT
from repro.recipes.recipe import Recipe
from repro.recipes.settings import override
from repro.training import plateau
from repro.training.plateau import signal_to_noise, stalled, warning


def test_when_a_run_is_on_the_plateau():
    assert stalled(1000, math.log(1000), 1000)
    assert not stalled(999, math.log(1000), 1000)
    assert not stalled(5000, 0.98 * math.log(1000), 1000)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (PAPER_TEXT, "middle_std=0.03"),
        (override(Recipe(), {"pixels": "standardised"}), "pixels=centred"),
        (Recipe(), "lower learning_rate, or positive_bias=0.1"),
        (CAFFE, "larger initial weights"),
    ],
)
def test_the_fields_to_change_depend_on_the_recipe(recipe, said):
    text = warning(2000, 6.908, 1000, recipe)
    assert text.startswith("loss 6.908 after 2000 steps is still ln(1000) = 6.908: ")
    assert said in text


@pytest.mark.parametrize("kind", [MaskDropout, nn.Dropout])
def test_one_hidden_layer(monkeypatch, kind):
    monkeypatch.setattr(plateau, "MASKS", 4000)
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), kind(0.5), nn.Linear(8, 5))
    network, x = network.double(), torch.randn(12, 6, dtype=torch.float64)
    with torch.no_grad():
        hidden = network[:2](x)
        # masks of mean m scale each unit: m w h is the mean, w^2 h^2 p (1 - p) the
        # variance, both times 1 / (1 - p) and its square for nn.Dropout
        scale = 1.0 if kind is MaskDropout else 2.0
        weight = network[3].weight
        variance = 0.25 * (hidden**2) @ (weight**2).T * scale**2
        signal = (0.5 * scale * hidden @ weight.T).std(0).mean()
    expected = signal / variance.sqrt().mean()
    measured = signal_to_noise(network, x, seed=0)
    assert measured == pytest.approx(expected.item(), rel=0.03)


def test_without_dropout_nothing_drowns_the_signal():
    network = nn.Sequential(nn.Linear(3, 2), MaskDropout(0.0), nn.Linear(2, 2))
    assert signal_to_noise(network, torch.randn(4, 3), seed=0) == math.inf
