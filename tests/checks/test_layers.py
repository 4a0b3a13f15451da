"""Other response normalisation and other dropout than the paper's are caught."""

import pytest
from torch import nn

from repro.checks import layers
from repro.networks.response_norm import CrossMapNorm


def norm(**changes):
    """The printed equation with changes."""
    known = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 2.0, "divided": False}
    return CrossMapNorm(**known | changes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 3},
        {"alpha": 1.001e-4},
        {"beta": 0.751},
        {"k": 1.0},
        {"divided": True},
        {"towers": 2},
    ],
)
def test_another_normalisation_is_caught(wrong, monkeypatch):
    made = {"norm1": norm(**wrong), "norm2": norm()}
    monkeypatch.setattr(layers, "layers", lambda recipe: made)
    assert not layers.formula().agrees


@pytest.mark.parametrize(
    ("wrong", "quantity", "measured"),
    [
        ({"k": 1.0}, "k", 1.0),
        ({"size": 9, "alpha": 2e-5}, "n", 9),
        ({"alpha": 1e-4}, "alpha", 1e-4),
        ({"beta": 0.5}, "beta", 0.5),
    ],
)
def test_the_constants_are_those_of_the_layer(wrong, quantity, measured, monkeypatch):
    made = {"norm1": norm(alpha=2e-5)}
    monkeypatch.setattr(layers, "layers", lambda recipe: made)
    assert all(row.agrees for row in layers.constants())
    made["norm1"] = norm(**{"alpha": 2e-5} | wrong)
    (other,) = [row for row in layers.constants() if row.quantity == quantity]
    assert other.measured == pytest.approx(measured, rel=1e-6) and not other.agrees


def test_subtracting_a_mean_turns_signs(monkeypatch):
    class Centred(nn.Module):
        def forward(self, x):
            return x - x.mean(dim=1, keepdim=True)

    monkeypatch.setattr(layers, "layers", lambda recipe: {"norm1": Centred()})
    assert layers.signs().measured > 100


def test_dropout_that_scales_in_training_is_caught(monkeypatch):
    monkeypatch.setattr("repro.networks.alexnet.MaskDropout", nn.Dropout)
    row = layers.dropout_at_test()
    assert row.measured == 1 and not row.agrees


def test_the_penalty_is_that_of_the_share_that_is_kept(monkeypatch):
    assert layers.dropout_regression().agrees
    monkeypatch.setattr(layers, "KEPT", 0.6)
    assert not layers.dropout_regression().agrees
