"""Dead and saturated units, activations and gradients of every layer, on fixed images.

Section 3.1's "non-saturating" and section 3.3's remark that ReLUs need no input
normalisation, as numbers.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from repro.data.batches import Split
from repro.networks.build import weighted
from repro.networks.layers import AbsTanh
from repro.trained.classifier import Classifier, in_sequence

IMAGES = 1000
GRADIENT_IMAGES = 128
FLAT = 0.05  # of the steepest slope: below it a saturating unit counts as saturated
SLOPES = {  # as shares of the steepest, from the unit's output
    nn.Tanh: lambda y: 1 - y**2,
    AbsTanh: lambda y: 1 - y**2,
    nn.Sigmoid: lambda y: 4 * y * (1 - y),
}


@dataclass
class Activity:
    """What one layer's outputs were over the images seen so far.

    A unit is a map where weights are shared over the image, else one value.
    """

    layer: nn.Module  # with the weights
    activation: nn.Module | None  # None: logits
    ever_positive: Tensor | None = None  # (units,)
    values: int = 0
    zeros: float = 0.0
    flat: float = 0.0
    sum: float = 0.0
    squares: float = 0.0

    def add(self, y: Tensor) -> None:
        """Count the outputs (B, ...) of a batch."""
        shared = isinstance(self.layer, nn.Conv2d)
        units = y.transpose(0, 1).flatten(1) if shared else y.flatten(1).T
        positive = (units > 0).any(1)
        before = self.ever_positive
        self.ever_positive = positive if before is None else before | positive
        self.values += y.numel()
        self.zeros += (y == 0).sum().item()
        self.sum += y.sum(dtype=torch.float64).item()
        self.squares += y.square().sum(dtype=torch.float64).item()
        if type(self.activation) in SLOPES:
            slope = SLOPES[type(self.activation)](y)
            self.flat += (slope < FLAT).sum().item()

    def row(self) -> dict[str, Any]:
        """Shares of units and of activations; empty where they mean nothing."""
        saturating = type(self.activation) in SLOPES
        rectified = isinstance(self.activation, nn.ReLU)
        dead = 1 - self.ever_positive.double().mean().item()
        mean = self.sum / self.values
        return {
            "activation": type(self.activation).__name__ if self.activation else "none",
            "units": len(self.ever_positive),
            "dead_units": dead if rectified else None,
            "saturated_activations": self.flat / self.values if saturating else None,
            "zero_activations": self.zeros / self.values if self.activation else None,
            "activation_std": math.sqrt(max(self.squares / self.values - mean**2, 0)),
        }


def diagnose(
    classifier: Classifier,
    split: Split,
    positions: np.ndarray,
    device: torch.device,
) -> list[dict[str, Any]]:
    """One row per layer with weights, in evaluation mode on centre views.

    The first GRADIENT_IMAGES of `positions` make the batch whose mean loss gives the
    norms of the gradients of the weights.
    """
    norms = gradient_norms(classifier, split, positions[:GRADIENT_IMAGES], device)
    seen = activities(classifier, split, positions, device)
    counted = {"n": len(positions), "gradient_n": min(len(positions), GRADIENT_IMAGES)}
    return [
        {"layer": name, **seen[name].row(), "gradient_norm": norm, **counted}
        for name, norm in norms.items()
    ]


@torch.inference_mode()
def activities(
    classifier: Classifier,
    split: Split,
    positions: np.ndarray,
    device: torch.device,
) -> dict[str, Activity]:
    """Layer with weights -> what its activation gave; of the last one, the logits."""
    network = classifier.network.eval()
    measured = measuring_points(network)
    for images, _ in in_sequence(split, device, positions):
        x = classifier.centre(images)
        for name, layer in network.named_children():
            x = layer(x)
            if name in measured:
                measured[name][1].add(x)
    return dict(measured.values())


def measuring_points(network: nn.Sequential) -> dict[str, tuple[str, Activity]]:
    """Layer whose output is measured -> the layer with weights it belongs to.

    That is the first activation after it, or itself where no activation follows.
    """
    points = {}
    with_weights = dict(weighted(network))
    for name, layer in with_weights.items():
        points[name] = (name, Activity(layer, None))
    owner = None
    for name, layer in network.named_children():
        if name in with_weights:
            owner = name
        elif name.startswith("active") and owner:
            del points[owner]
            points[name] = (owner, Activity(with_weights[owner], layer))
            owner = None
    return points


def gradient_norms(
    classifier: Classifier,
    split: Split,
    positions: np.ndarray,
    device: torch.device,
) -> dict[str, float]:
    """Layer with weights -> Euclidean norm of the gradient of its weights."""
    layers = dict(weighted(classifier.network.eval()))
    images, labels = split.gather(positions, device)
    logits = classifier.network(classifier.centre(images))
    loss = F.cross_entropy(logits, labels)
    gradients = torch.autograd.grad(loss, [layer.weight for layer in layers.values()])
    norms = [gradient.norm().item() for gradient in gradients]
    return dict(zip(layers, norms, strict=True))
