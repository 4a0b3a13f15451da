"""Other squares, views and colour noise than the paper's are caught."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from repro.checks import inputs


def found(rows, quantity):
    (row,) = [row for row in rows if row.quantity == quantity]
    return row


@pytest.mark.parametrize("wrong", ["squashed", "corner", "longer"])
def test_another_square_is_caught(wrong, monkeypatch):
    def square(content, side):
        image = Image.open(io.BytesIO(content))
        if wrong == "squashed":
            return np.asarray(image.resize((side, side)))
        scale = (max if wrong == "longer" else min)(image.size) / side
        image = image.resize([round(length / scale) for length in image.size])
        return np.asarray(image.crop((0, 0, side, side)))

    monkeypatch.setattr(inputs, "to_pixels", square)
    row = found(inputs.squares("S2.5"), "grey levels off")
    assert row.measured > 3 * row.tolerance


def test_scaled_input_is_caught(monkeypatch):
    ours = inputs.Classifier.centre
    monkeypatch.setattr(inputs.Classifier, "centre", lambda *args: ours(*args) / 1.1)
    assert not inputs.centring().agrees


def test_other_views_and_another_mean_of_them_are_caught(monkeypatch):
    ours = inputs.probabilities

    def mean_of_logits(classifier, images, views):
        network, seen = classifier.network, []
        network.register_forward_hook(lambda *args: seen.append(args[-1]))
        ours(classifier, images, views)
        return torch.stack(seen).mean(0).double().softmax(1)

    monkeypatch.setattr(inputs, "probabilities", mean_of_logits)
    rows = inputs.ten_views()
    assert found(rows, "views").agrees
    assert not found(rows, "deviation").agrees
    monkeypatch.setattr(inputs, "probabilities", lambda c, i, v: ours(c, i, 1))
    rows = inputs.ten_views()
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
    assert not found(inputs.colours(), "deviation of the draws").agrees


def test_noise_for_each_pixel_is_caught(monkeypatch):
    ours = inputs.training_input

    def each(images, *args, **settings):
        return ours(images, *args, **settings) + torch.rand(images.shape[1])

    monkeypatch.setattr(inputs, "training_input", each)
    assert not found(inputs.colours(), "spread within an image").agrees
