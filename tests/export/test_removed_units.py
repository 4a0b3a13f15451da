"""Half of the last hidden units removed, against sums over every half."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from repro.export import removed_units
from repro.export.removed_units import kept_units, removed_row
from repro.networks.layers import MaskDropout
from tests.export.test_dropout import CPU, UNITS, classifier, split  # noqa: F401


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
def test_the_mean_is_over_the_halves_that_were_drawn(dropout, split):  # noqa: F811
    one = classifier(dropout)
    found = removed_row(one, split, CPU, seed=3)
    halves = [
        tuple(np.flatnonzero(kept_units(UNITS, 3, number).numpy()))
        for number in range(removed_units.MASKS)
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


def test_the_row_has_the_columns_of_the_others(split):  # noqa: F811
    from repro.export.dropout import dropout_rows

    one = classifier(MaskDropout(0.5))
    row = removed_row(one, split, CPU, seed=0)
    for other in dropout_rows(one, split, CPU, seed=0):
        assert row.keys() == other.keys()
        assert (row["n"], row["split"]) == (other["n"], other["split"])
