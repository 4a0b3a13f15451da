"""Formulas and rules: the committed numbers are the code's, and wrong code is caught."""

import io

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from analysis.claims import claims
from analysis.ledger import checks as checks_measured
from repro.checks import (
    checks,
    dropout,
    errors,
    normalisation,
    photographs,
    update,
)
from repro.checks import (
    views as checked_views,
)
from repro.checks.number import Checked, relative_deviation
from repro.data.photographs.decoding import to_pixels
from repro.networks.response_norm import CrossMapNorm

TEXTS = ["claim", "quantity", "unit", "counted", "compared"]


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The file, written anew."""
    path = tmp_path_factory.mktemp("checks") / "checks.csv"
    checks.write_checks(path)
    return path


def test_the_committed_file_is_what_the_code_gives(again):
    """Rounding errors may differ by machine; where it is not: python -m repro.checks.checks"""
    new, old = (checks_measured.read_checks(path) for path in (again, checks.PATH))
    exact = [*TEXTS, "expected", "tolerance", "n"]
    pd.testing.assert_frame_equal(new[exact], old[exact])
    assert (abs(old["measured"] - new["measured"]) <= old["tolerance"]).all()
    assert (abs(old["measured"] - old["expected"]) <= old["tolerance"]).all()


def test_the_same_code_writes_the_same_bytes(again, tmp_path):
    checks.write_checks(tmp_path / "checks.csv")
    assert (tmp_path / "checks.csv").read_bytes() == again.read_bytes()


def test_every_number_belongs_to_a_claim():
    known = {claim.id: claim for claim in claims.load()}
    for row in checks_measured.read_checks().itertuples():
        quantity = known[row.claim].quantity(row.quantity)  # raises where it is none
        assert quantity.unit == row.unit
        assert quantity.command == checks_measured.COMMAND, row.claim


def found(rows, quantity):
    (row,) = [row for row in rows if row.quantity == quantity]
    return row


class Without(nn.Module):
    """The equation with one thing wrong."""

    def __init__(self, **changes):
        super().__init__()
        known = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 2.0, "divided": False}
        self.layer = CrossMapNorm(**known | changes)

    def forward(self, x):
        return self.layer(x)


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
    layers = {"norm1": Without(**wrong), "norm2": Without()}
    monkeypatch.setattr(normalisation, "layers", lambda recipe: layers)
    assert not normalisation.formula().agrees


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
    layers = {"norm1": Without(alpha=2e-5), "norm2": Without()}
    monkeypatch.setattr(normalisation, "layers", lambda recipe: layers)
    assert [row.agrees for row in normalisation.constants()] == [True] * 4
    layers["norm1"] = Without(**{"alpha": 2e-5} | wrong)
    other = found(normalisation.constants(), quantity)
    assert other.measured == pytest.approx(measured, rel=1e-6) and not other.agrees


def test_a_mean_that_is_taken_away_turns_signs(monkeypatch):
    class Centred(nn.Module):
        def forward(self, x):
            return x - x.mean(dim=1, keepdim=True)

    layers = {"norm1": Centred(), "norm2": Without()}
    monkeypatch.setattr(normalisation, "layers", lambda recipe: layers)
    assert normalisation.signs().measured > 100


def test_another_count_of_wrong_images_is_caught(monkeypatch):
    wrong = errors.wrong
    monkeypatch.setattr(errors, "wrong", lambda x, y, k: wrong(x, y, k + 1))
    assert errors.wrong_images().measured > 10


def test_ties_decided_the_other_way_are_caught(monkeypatch):
    def later_first(logits, labels, k):
        own = logits.gather(1, labels[:, None])
        later = torch.arange(logits.shape[1]) > labels[:, None]
        return (((logits > own) | (logits == own) & later).sum(1) >= k).sum()

    monkeypatch.setattr(errors, "wrong", later_first)
    assert errors.wrong_images().measured > 10


def test_another_loss_is_caught(monkeypatch):
    ours = torch.nn.functional.cross_entropy

    def smoothed(logits, labels):
        return ours(logits, labels, label_smoothing=0.01)

    monkeypatch.setattr("repro.training.replica.F.cross_entropy", smoothed)
    assert not errors.training_loss().agrees


@pytest.mark.parametrize("wrong", ["squashed", "corner", "longer"])
def test_another_square_is_caught(wrong, monkeypatch):
    def square(content, side):
        image = Image.open(io.BytesIO(content))
        if wrong == "squashed":
            return np.asarray(image.resize((side, side)))
        scale = (max if wrong == "longer" else min)(image.size) / side
        image = image.resize([round(length / scale) for length in image.size])
        return np.asarray(image.crop((0, 0, side, side)))

    monkeypatch.setattr(photographs, "to_pixels", square)
    row = found(photographs.squares("S2.5"), "grey levels off")
    assert row.measured > 3 * row.tolerance


def test_another_side_is_caught(monkeypatch):
    monkeypatch.setattr(
        photographs,
        "to_pixels",
        lambda content, side: to_pixels(content, side)[1:],
    )
    with pytest.raises(ValueError, match="broadcast"):
        photographs.squares("S2.5")


def test_other_views_and_another_mean_of_them_are_caught(monkeypatch):
    ours = checked_views.probabilities

    def mean_of_logits(classifier, images, views):
        network, seen = classifier.network, []
        network.register_forward_hook(lambda *args: seen.append(args[-1]))
        ours(classifier, images, views)
        return torch.stack(seen).mean(0).double().softmax(1)

    monkeypatch.setattr(checked_views, "probabilities", mean_of_logits)
    rows = checked_views.ten_views()
    assert found(rows, "views").agrees
    assert not found(rows, "deviation").agrees
    monkeypatch.setattr(checked_views, "probabilities", lambda c, i, v: ours(c, i, 1))
    rows = checked_views.ten_views()
    assert found(rows, "views").measured == 1
    assert not found(rows, "deviation").agrees


@pytest.mark.parametrize(
    "wrong",
    [
        lambda covariance: np.linalg.eigh(covariance)[1].T,
        lambda covariance: np.sqrt(abs(covariance)) / 100,
        lambda covariance: np.zeros((3, 3)),
    ],
)
def test_another_noise_is_caught(wrong, monkeypatch):
    monkeypatch.setattr("repro.data.views.colour_matrix", lambda cov, how: wrong(cov))
    assert not found(checked_views.colours(), "deviation of the draws").agrees


def test_noise_for_each_pixel_is_caught(monkeypatch):
    ours = checked_views.training_input

    def each(images, *args, **settings):
        return ours(images, *args, **settings) + torch.rand(images.shape[1])

    monkeypatch.setattr(checked_views, "training_input", each)
    assert not found(checked_views.colours(), "spread within an image").agrees


def test_scaled_input_is_caught(monkeypatch):
    scale = photographs.Classifier.centre
    monkeypatch.setattr(
        photographs.Classifier, "centre", lambda self, x: scale(self, x) / 1.1
    )
    assert not photographs.centring().agrees


def test_dropout_that_scales_in_training_is_caught(monkeypatch):
    monkeypatch.setattr("repro.networks.alexnet.MaskDropout", nn.Dropout)
    row = dropout.at_test()
    assert row.measured == 1 and not row.agrees


def test_the_penalty_is_that_of_the_share_that_is_kept(monkeypatch):
    assert dropout.regression().agrees
    monkeypatch.setattr(dropout, "KEPT", 0.6)
    assert not dropout.regression().agrees


def test_torchs_own_rule_is_caught(monkeypatch):
    """The rate outside the velocity: the same until the first drop."""
    ours = update.set_rates

    def outside(optimizer, rates, *, in_velocity):
        ours(optimizer, rates, in_velocity=False)

    monkeypatch.setattr(update, "set_rates", outside)
    assert not update.rule().agrees
    monkeypatch.setattr(update, "EPOCHS", 2)
    assert update.rule().agrees


def test_a_number_that_is_wrong_is_written_and_named(tmp_path, monkeypatch):
    row = Checked(
        claim="S1", quantity="q", measured=2, expected=1, n=3, counted="x", compared="y"
    )
    group = type("group", (), {"checked": staticmethod(lambda: [row])})
    monkeypatch.setattr(checks, "GROUPS", (group,))
    with pytest.raises(checks.CheckError, match=r"S1 q: 2, not 1 within 0: y"):
        checks.write_checks(tmp_path / "checks.csv")
    assert checks_measured.read_checks(tmp_path / "checks.csv")["measured"][0] == 2


def test_not_a_number_never_agrees():
    about = {"claim": "S1", "n": 1, "counted": "x", "compared": "y"}
    wrong = Checked(measured=float("nan"), expected=0, tolerance=1, **about)
    assert not wrong.agrees
    assert Checked(measured=1, expected=0, tolerance=1, **about).agrees


def test_shapes_that_differ_are_not_compared():
    with pytest.raises(ValueError, match="compared with"):
        relative_deviation(np.ones(3), np.ones(2))
    assert relative_deviation([1.0, 3.0], [1.0, 2.0]) == 0.5
