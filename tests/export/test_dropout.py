"""Dropout at test against every mask there is, and against sums by hand."""

import itertools
import math
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from repro.data.batches import Split
from repro.data.views import Pixels
from repro.export.dropout import (
    AGAIN,
    ARITHMETIC,
    FULL,
    GEOMETRIC,
    MASKS,
    ON,
    TESTED,
    dropout_rows,
    kept_units,
    removed_row,
)
from repro.networks.layers import MaskDropout
from repro.recipes.recipe import Augmentation
from repro.trained.classifier import Classifier

CPU = torch.device("cpu")
WHOLE = Augmentation(crop="whole")
SIDE, UNITS, CLASSES = 2, 5, 3


def classifier(dropout, hidden=None):
    """Pixels to `UNITS` units, dropout, and one softmax layer."""
    torch.manual_seed(0)
    layers = [("flat", nn.Flatten()), ("fc6", nn.Linear(3 * SIDE**2, UNITS))]
    layers += [("active6", nn.ReLU()), ("drop6", dropout), *(hidden or [])]
    layers += [("fc8", nn.Linear(UNITS, CLASSES))]
    still = Pixels(
        torch.zeros(SIDE, SIDE, 3), torch.full((3,), 50.0), torch.zeros(3, 3)
    )
    return Classifier(nn.Sequential(OrderedDict(layers)).eval(), WHOLE, still)


@pytest.fixture
def split():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (60, SIDE, SIDE, 3), dtype=np.uint8)
    return Split(images, rng.integers(0, CLASSES, 60), np.arange(60))


def rows(one, split, seed=0):
    return {row["rule"]: row for row in dropout_rows(one, split, CPU, seed=seed)}


@torch.inference_mode()
def every_mask(one, split):
    """(masks, N, classes) log probabilities of all 2^UNITS thinned networks."""
    images, _ = split.gather(np.arange(len(split)), CPU)
    units = one.network[:3](one.centre(images))
    masks = torch.tensor(list(itertools.product([0.0, 1.0], repeat=UNITS)))
    return torch.stack([one.network.fc8(units * mask) for mask in masks]).log_softmax(2)


@torch.inference_mode()
def as_tested(one, split):
    images, labels = split.gather(np.arange(len(split)), CPU)
    return one.network(one.centre(images)).log_softmax(1), labels


def test_halving_is_the_geometric_mean_of_all_masks_of_one_softmax_layer(split):
    """Section 4.2; of one layer exactly, to the last bits."""
    one = classifier(MaskDropout(0.5))
    geometric = every_mask(one, split).mean(0).log_softmax(1)
    halved, _ = as_tested(one, split)
    torch.testing.assert_close(halved, geometric, atol=1e-5, rtol=0)


def test_sampled_masks_come_as_near_as_chance_lets_them(split, monkeypatch):
    monkeypatch.setattr("repro.export.dropout.MASKS", 400)
    found = rows(classifier(MaskDropout(0.5)), split)
    assert found[GEOMETRIC]["kl"] == 0 == found[GEOMETRIC]["disagreement"]
    assert 0 < found[TESTED]["kl"] < found[AGAIN]["kl"] < 0.01
    assert found[FULL]["kl"] > 10 * found[TESTED]["kl"]
    assert found[ON]["kl"] > 10 * found[TESTED]["kl"]


def test_the_means_are_those_of_all_masks(split, monkeypatch):
    monkeypatch.setattr("repro.export.dropout.MASKS", 500)
    one = classifier(MaskDropout(0.5))
    found, each = rows(one, split), every_mask(one, split)
    _, labels = as_tested(one, split)
    wrong = (each.argmax(2) != labels).double().mean()
    assert found[ON]["top1_error"] == pytest.approx(wrong.item(), abs=0.02)
    mean = (each.exp().mean(0).argmax(1) != labels).double().mean()
    assert found[ARITHMETIC]["top1_error"] == pytest.approx(mean.item(), abs=0.02)
    geometric = each.mean(0).log_softmax(1)
    kl = (geometric.exp() * (geometric - each)).sum(2).mean()
    assert found[ON]["kl"] == pytest.approx(kl.item(), rel=0.05)


def test_the_errors_of_the_network_as_it_is_and_in_full(split):
    one = classifier(MaskDropout(0.5))
    found = rows(one, split)
    halved, labels = as_tested(one, split)
    wrong = (halved.argmax(1) != labels).double().mean()
    assert found[TESTED]["top1_error"] == pytest.approx(wrong.item())
    with torch.inference_mode():
        images, _ = split.gather(np.arange(60), CPU)
        full = one.network.fc8(one.network[:3](one.centre(images)))
    wrong = (full.argmax(1) != labels).double().mean()
    assert found[FULL]["top1_error"] == pytest.approx(wrong.item())
    assert {row["n"] for row in found.values()} == {60}
    assert {row["top5_error"] for row in found.values()} == {0.0}  # three classes


def test_the_same_seed_gives_the_same_rows_and_another_one_other_masks(split):
    one = classifier(MaskDropout(0.5))
    assert rows(one, split) == rows(one, split)
    assert rows(one, split)[ON] != rows(one, split, seed=1)[ON]
    assert rows(one, split)[TESTED]["top1_std"] is None
    assert rows(one, split)[ON]["top1_std"] > 0


def test_the_network_is_left_as_it_was(split):
    norm = nn.BatchNorm1d(UNITS)
    one = classifier(MaskDropout(0.5), [("norm6", norm)])
    rows(one, split)
    assert not one.network.drop6.training and one.network.drop6.p == 0.5
    assert norm.num_batches_tracked == 0


def test_inverted_dropout_has_nothing_to_halve(split):
    found = rows(classifier(nn.Dropout(0.5)), split)
    assert FULL not in found and len(found) == 5
    assert found[ON]["kl"] > found[TESTED]["kl"]


@pytest.mark.parametrize("dropout", [nn.Identity(), MaskDropout(0.0)])
def test_without_dropout_there_is_one_row(split, dropout):
    (row,) = dropout_rows(classifier(dropout), split, CPU, seed=0)
    assert row["rule"] == TESTED and row["kl"] is None and math.isfinite(row["n"])


def test_at_most_so_many_images(split, monkeypatch):
    monkeypatch.setattr("repro.export.dropout.IMAGES", 7)
    assert {row["n"] for row in rows(classifier(nn.Dropout(0.5)), split).values()} == {
        7
    }


@torch.inference_mode()
def errors_by_half(one, images):
    """Top-1 error of every way to keep `UNITS` // 2 of the units, doubled, by hand."""
    pixels, labels = images.gather(np.arange(len(images)), CPU)
    hidden = one.network[:-1](one.centre(pixels))
    weights, bias = one.network[-1].weight, one.network[-1].bias
    found = {}
    for kept in itertools.combinations(range(UNITS), UNITS // 2):
        at = list(kept)
        logits = 2 * hidden[:, at] @ weights[:, at].T + bias
        found[kept] = (logits.argmax(1) != labels).double().mean().item()
    return found


@pytest.mark.parametrize("dropout", [MaskDropout(0.5), nn.Identity()])
def test_the_mean_is_over_the_halves_that_were_drawn(dropout, split):
    one = classifier(dropout)
    found = removed_row(one, split, CPU, seed=3)
    halves = [
        tuple(np.flatnonzero(kept_units(UNITS, 3, number).numpy()))
        for number in range(MASKS)
    ]
    expected = np.array([errors_by_half(one, split)[half] for half in halves])
    assert found["top1_error"] == pytest.approx(expected.mean())
    assert found["top1_std"] == pytest.approx(expected.std(ddof=1))
    assert found["top5_error"] == 0  # of three classes
    assert (found["masks"], found["n"]) == (32, len(split))
    assert len(set(halves)) > 5  # of 10


def test_halves_are_a_function_of_seed_and_number():
    half = kept_units(4096, 0, 0)
    assert half.sum() == 2048 and kept_units(5, 0, 0).sum() == 2
    assert torch.equal(half, kept_units(4096, 0, 0))
    assert not torch.equal(half, kept_units(4096, 0, 1))
    assert not torch.equal(half, kept_units(4096, 1, 0))


def test_the_row_has_the_columns_of_the_others(split):
    one = classifier(MaskDropout(0.5))
    row = removed_row(one, split, CPU, seed=0)
    for other in dropout_rows(one, split, CPU, seed=0):
        assert row.keys() == other.keys()
        assert (row["n"], row["split"]) == (other["n"], other["split"])
