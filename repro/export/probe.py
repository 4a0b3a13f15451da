"""A linear probe: how well a softmax on given vectors tells the classes.

Multinomial logistic regression on standardised vectors, full-batch L-BFGS.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

L2 = (10.0, 1.0, 0.1, 0.01, 0.001, 0.0001)  # each fit starts from the one before
HELD_OUT = 0.2  # of the training vectors, to choose the L2
ITERATIONS = 100  # at most, for each L2

Weights = tuple[Tensor, Tensor]

PROTOCOL = (
    "softmax regression on standardised vectors by L-BFGS; L2 of "
    f"{', '.join(f'{value:g}' for value in L2)} chosen on {100 * HELD_OUT:.0f} % of "
    "the training images, then fitted to all of them"
)


def probe(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], classes: int
) -> dict[str, Any]:
    """Errors on `test` of a probe fitted to `train`, each (N, D) vectors and (N,) labels.

    The last fifth of `train` chooses the L2; of equal errors the larger L2 wins.
    """
    vectors, labels = train
    fitted = len(labels) - max(1, round(HELD_OUT * len(labels)))
    mean, std = _standard(vectors[:fitted])
    scaled = (vectors - mean) / std
    tried = _path(scaled[:fitted], labels[:fitted], classes)
    errors = [error(each, scaled[fitted:], labels[fitted:]) for each in tried]
    best = errors.index(min(errors))
    mean, std = _standard(vectors)
    weights = fit((vectors - mean) / std, labels, L2[best], tried[best])
    return {
        "top1_error": error(weights, (test[0] - mean) / std, test[1]),
        "n": len(test[1]),
        "train_images": len(labels),
        "dimensions": vectors.shape[1],
        "l2": L2[best],
        "protocol": PROTOCOL,
    }


def _path(vectors: Tensor, labels: Tensor, classes: int) -> list[Weights]:
    """The fits to `vectors`, from the largest L2 to the smallest."""
    start = (vectors.new_zeros(classes, vectors.shape[1]), vectors.new_zeros(classes))
    fits: list[Weights] = []
    for l2 in L2:
        fits.append(fit(vectors, labels, l2, fits[-1] if fits else start))
    return fits


def fit(vectors: Tensor, labels: Tensor, l2: float, start: Weights) -> Weights:
    """Minimise mean cross-entropy + l2 / 2 * |weight|^2; biases are free.

    Weights are (classes, D), biases (classes,).
    """
    weight, bias = (part.clone().requires_grad_() for part in start)
    optimizer = torch.optim.LBFGS(
        [weight, bias],
        max_iter=ITERATIONS,
        tolerance_grad=1e-5,
        history_size=10,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(F.linear(vectors, weight, bias), labels)
        loss = loss + l2 / 2 * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weight.detach(), bias.detach()


def error(weights: Weights, vectors: Tensor, labels: Tensor) -> float:
    """Share of labels that are not the most probable class."""
    predicted = F.linear(vectors, *weights).argmax(1)
    return (predicted != labels).double().mean().item()


def _standard(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each dimension; 1 where it never changes."""
    std = vectors.std(0, correction=0)
    return vectors.mean(0), torch.where(std > 0, std, torch.ones_like(std))
