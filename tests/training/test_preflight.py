"""Signal over dropout noise against its formula for one hidden layer."""

import math

import pytest
import torch
from torch import nn

from repro.networks.layers import MaskDropout
from repro.training import preflight
from repro.training.preflight import signal_to_noise


@pytest.mark.parametrize("kind", [MaskDropout, nn.Dropout])
def test_one_hidden_layer(monkeypatch, kind):
    monkeypatch.setattr(preflight, "MASKS", 4000)
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
