"""Dropout at test: the x 0.5 rule, two mistakes, and the mean of thinned networks.

Section 4.2: at test all units are there and their outputs are halved, "a reasonable
approximation to taking the geometric mean of the predictive distributions produced by
the exponentially-many dropout networks". A mask is one of those networks for an image.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from repro.data.batches import Split
from repro.data.fixed_images import THINNED, fixed_images
from repro.machine import draws
from repro.networks.layers import MaskDropout
from repro.trained.classifier import BATCH, Classifier, in_sequence
from repro.training.preflight import drops

IMAGES = 2000  # of the split, at most
MASKS = 32  # of each image
TESTED, ON, FULL = "as tested", "masks left on", "outputs in full"
GEOMETRIC, ARITHMETIC = "geometric mean", "arithmetic mean"
AGAIN = "geometric mean of other masks"


@dataclass(frozen=True)
class Thinned:
    """What `MASKS` masks of each of N images gave, in nats and labels."""

    log_mean: Tensor  # (N, classes): mean of the log probabilities
    mean: Tensor  # (N, classes): mean of the probabilities
    orders: Tensor  # (masks, N, at most 5): the most probable classes

    @property
    def geometric(self) -> Tensor:
        """(N, classes) log of the geometric mean, normalised to sum to 1."""
        return self.log_mean.log_softmax(1)


@torch.inference_mode()
def dropout_rows(
    classifier: Classifier, split: Split, device: torch.device, *, seed: int
) -> list[dict[str, Any]]:
    """Rows of dropout.csv, on the same centre views of at most `IMAGES` images.

    `rule`: the network as tested (MaskDropout: outputs x 0.5), with `masks left on`
    (mean and standard deviation over masks), with all `outputs in full` (the x 0.5
    forgotten), the normalised geometric and the arithmetic mean of `masks` thinned
    networks, and the geometric mean of as many others, which says how far chance alone
    takes it. `disagreement`: share of images with another most probable class than the
    geometric mean's; `kl`: mean over images, in nats, of the divergence from the
    geometric mean. Without dropout one row; inverted dropout has no outputs in full.
    """
    network = classifier.network.eval()
    positions = np.sort(fixed_images(len(split), THINNED, IMAGES))
    first = next((at for at, layer in enumerate(network) if drops(layer)), None)
    below, labels = _below(classifier, split, positions, device, first)
    rest = nn.Sequential() if first is None else network[first:]
    tested = _log_probabilities(rest, below)
    about = {
        "split": "test",
        "n": len(labels),
        "protocol": "softmax of the centre view",
    }
    if first is None:
        return [{"rule": TESTED, "masks": 0, **_errors(tested, labels), **about}]
    thinned, others = (
        _thinned(rest, below, seed, range(start, start + MASKS)) for start in (0, MASKS)
    )
    reference = thinned.geometric
    found = {
        TESTED: (0, tested),
        GEOMETRIC: (MASKS, reference),
        ARITHMETIC: (MASKS, thinned.mean.log()),
        AGAIN: (MASKS, others.geometric),
    }
    if any(isinstance(layer, MaskDropout) for layer in rest):
        with _keeping_all(rest):
            found[FULL] = (0, _log_probabilities(rest, below))
    rows = [
        {
            "rule": rule,
            "masks": masks,
            **_errors(log, labels),
            **_distance(log, reference),
        }
        for rule, (masks, log) in found.items()
    ]
    rows.append(_left_on(thinned, labels))
    return [row | about for row in rows]


def _below(
    classifier: Classifier,
    split: Split,
    positions: np.ndarray,
    device: torch.device,
    first: int | None,
) -> tuple[Tensor, Tensor]:
    """What the first layer with dropout gets, which no mask changes; and the labels."""
    found = [
        (classifier.network[:first](classifier.centre(images)), labels)
        for images, labels in in_sequence(split, device, positions)
    ]
    inputs, labels = map(torch.cat, zip(*found, strict=True))
    return inputs, labels


def _log_probabilities(rest: nn.Sequential, below: Tensor) -> Tensor:
    """(N, classes) float64."""
    logits = [rest(batch).double() for batch in below.split(BATCH)]
    return torch.cat(logits).log_softmax(1)


def _thinned(rest: nn.Sequential, below: Tensor, seed: int, masks: range) -> Thinned:
    log_mean = mean = 0.0
    orders = []
    for mask in masks:
        draws.seed_torch(draws.THINNED, seed, mask)
        with _dropping(rest):
            log = _log_probabilities(rest, below)
        log_mean, mean = log_mean + log / len(masks), mean + log.exp() / len(masks)
        orders.append(top_classes(log))
    return Thinned(log_mean, mean, torch.stack(orders))


@contextmanager
def _dropping(rest: nn.Sequential) -> Iterator[None]:
    """With masks; everything else, such as batch normalisation, stays as at test."""
    dropping = [layer for layer in rest if drops(layer)]
    for layer in dropping:
        layer.train()
    yield
    for layer in dropping:
        layer.eval()


@contextmanager
def _keeping_all(rest: nn.Sequential) -> Iterator[None]:
    """Without the factor that stands for the masks."""
    dropping = [(layer, layer.p) for layer in rest if drops(layer)]
    for layer, _ in dropping:
        layer.p = 0.0
    yield
    for layer, share in dropping:
        layer.p = share


def top_classes(log: Tensor) -> Tensor:
    """(N, at most 5): the most probable classes, of equal ones the earlier first."""
    return log.sort(dim=1, descending=True, stable=True).indices[:, :5]


def share_wrong(orders: Tensor, labels: Tensor, top: int) -> Tensor:
    """Share of images, one for each of the leading dimensions of (..., N, at most 5)."""
    right = (orders[..., :top] == labels[:, None]).any(-1)
    return 1 - right.double().mean(-1)


def _errors(log: Tensor, labels: Tensor) -> dict[str, Any]:
    order = top_classes(log)
    return {
        "top1_error": share_wrong(order, labels, 1).item(),
        "top1_std": None,
        "top5_error": share_wrong(order, labels, 5).item(),
        "disagreement": None,
        "kl": None,
    }


def _distance(log: Tensor, reference: Tensor) -> dict[str, float]:
    """From the geometric mean, whose log probabilities are `reference`."""
    other = (top_classes(log)[:, 0] != top_classes(reference)[:, 0]).double().mean()
    kl = (reference.exp() * (reference - log)).sum(1).mean()
    return {"disagreement": other.item(), "kl": kl.item()}


def _left_on(thinned: Thinned, labels: Tensor) -> dict[str, Any]:
    """Means over the masks."""
    errors, reference = share_wrong(thinned.orders, labels, 1), thinned.geometric
    other = thinned.orders[..., 0] != top_classes(reference)[:, 0]
    kl = (reference.exp() * (reference - thinned.log_mean)).sum(1).mean()
    return {
        "rule": ON,
        "masks": len(thinned.orders),
        "top1_error": errors.mean().item(),
        "top1_std": errors.std().item(),
        "top5_error": share_wrong(thinned.orders, labels, 5).mean().item(),
        "disagreement": other.double().mean().item(),
        "kl": kl.item(),
    }
