"""Dropout at test, the rows of dropout.csv: the x 0.5 rule and what else could be done.

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
from repro.networks.layers import MaskDropout, drops
from repro.runs.names import (
    AGAIN,
    ARITHMETIC,
    FULL,
    GEOMETRIC,
    ON,
    REMOVED,
    TESTED,
)
from repro.trained.classifier import BATCH, Classifier, in_sequence

IMAGES = 2000  # of the split, at most
MASKS = 32  # of each image


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
    below, labels = _below(classifier, split, positions, device, first)  # no mask here
    rest = nn.Sequential() if first is None else network[first:]
    tested = _log_probabilities(rest, below)
    about = _about(labels)
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


@torch.inference_mode()
def removed_row(
    classifier: Classifier, split: Split, device: torch.device, *, seed: int
) -> dict[str, Any]:
    """A row of dropout.csv, on the same images: do the other units manage alone?

    Half of the last hidden units are removed. Section 4.2: with dropout a unit "cannot
    rely on the presence of particular other neurons"; in networks trained without it the
    same removal shows how far units do. Errors are means over `MASKS` random halves,
    each the same for all images. What is left of the layer is doubled, so that the sums
    above it keep their mean.
    """
    network = classifier.network.eval()
    positions = np.sort(fixed_images(len(split), THINNED, IMAGES))
    hidden, labels = _below(classifier, split, positions, device, -1)
    orders = []
    for number in range(MASKS):
        kept = kept_units(hidden[0].numel(), seed, number).view(hidden[0].shape)
        logits = network[-1](2 * kept.to(hidden) * hidden)
        orders.append(top_classes(logits.double()))
    means = _over_masks(torch.stack(orders), labels)
    return {"rule": REMOVED, **means, **_about(labels)}


def kept_units(units: int, seed: int, number: int) -> Tensor:
    """(units,) booleans: which random half stays; of an odd number one more goes."""
    order = draws.generator(draws.REMOVED, seed, number).permutation(units)
    return torch.from_numpy(order < units // 2)


def _below(
    classifier: Classifier,
    split: Split,
    positions: np.ndarray,
    device: torch.device,
    end: int | None,
) -> tuple[Tensor, Tensor]:
    """What the layers below `end` give for the images, and the labels."""
    found = [
        (classifier.network[:end](classifier.centre(images)), labels)
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
    """The row of the masks left on: means over the masks."""
    reference = thinned.geometric
    other = thinned.orders[..., 0] != top_classes(reference)[:, 0]
    kl = (reference.exp() * (reference - thinned.log_mean)).sum(1).mean()
    distance = {"disagreement": other.double().mean().item(), "kl": kl.item()}
    return {"rule": ON, **_over_masks(thinned.orders, labels), **distance}


def _over_masks(orders: Tensor, labels: Tensor) -> dict[str, Any]:
    """Mean errors of the classes (masks, N, at most 5) that as many masks gave."""
    errors = share_wrong(orders, labels, 1)
    return {
        "masks": len(orders),
        "top1_error": errors.mean().item(),
        "top1_std": errors.std().item(),
        "top5_error": share_wrong(orders, labels, 5).mean().item(),
        "disagreement": None,
        "kl": None,
    }


def _about(labels: Tensor) -> dict[str, Any]:
    """The columns in which all rows are equal."""
    protocol = "softmax of the centre view"
    return {"split": "test", "n": len(labels), "protocol": protocol}
