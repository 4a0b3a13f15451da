"""Learning rates as a pure function of the epoch and the validation errors so far.

Nothing is remembered between epochs, so a resumed run follows the same rates.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from repro.recipes.recipe import Optimisation

PLATEAU_DROPS = 3  # section 5: reduced three times before the end


@dataclass(frozen=True)
class Rates:
    """Rates during one epoch: weights, conv1's weights, and biases.

    `stem_frozen`: conv1 is not updated at all, its velocity is dropped (weights.cu).
    """

    weights: float
    stem: float
    biases: float
    stem_frozen: bool = False


def rates_at(
    optimisation: Optimisation, epoch: int, val_errors: Sequence[float] = ()
) -> Rates:
    """Rates during `epoch`, counted from 0; `val_errors` after each epoch before it."""
    factor = _factor(optimisation, epoch, val_errors)
    weights = optimisation.learning_rate * factor
    first_biases = optimisation.learning_rate * optimisation.bias_rate_factor
    biases = first_biases * factor if optimisation.bias_rate_drops else first_biases
    if not late(optimisation, epoch):
        return Rates(weights, weights, biases)
    stem = min(weights, optimisation.late_rate)
    return Rates(weights, stem, biases, epoch >= optimisation.late_epochs[1])


def late(optimisation: Optimisation, epoch: int) -> bool:
    """Whether conv1 is slowed and the colour noise is off (layer-params-145-2010)."""
    return bool(optimisation.late_epochs) and epoch >= optimisation.late_epochs[0]


def _factor(
    optimisation: Optimisation, epoch: int, val_errors: Sequence[float]
) -> float:
    if optimisation.schedule == "cosine":
        return _cosine(epoch, optimisation.epochs, optimisation.warmup_epochs)
    drops = 0
    if optimisation.schedule == "fixed":
        drops = sum(epoch >= drop for drop in optimisation.drop_epochs)
    if optimisation.schedule == "plateau":
        drops = plateau_drops(val_errors[:epoch], optimisation.patience)
    return optimisation.drop_factor**drops


def plateau_drops(val_errors: Sequence[float], patience: int) -> int:
    """How often the rate has dropped: each time after `patience` epochs without a new
    lowest error, counted anew after a drop; at most three times."""
    drops, waited, lowest = 0, 0, math.inf
    for error in val_errors:
        if error < lowest:
            lowest, waited = error, 0
            continue
        waited += 1
        if waited == patience and drops < PLATEAU_DROPS:
            drops, waited = drops + 1, 0
    return drops


def _cosine(epoch: int, epochs: int, warmup: int) -> float:
    """Rising linearly over the warm-up, then half a cosine towards zero."""
    if epoch < warmup:
        return (epoch + 1) / (warmup + 1)
    done = (epoch - warmup) / max(epochs - warmup, 1)
    return 0.5 * (1 + math.cos(math.pi * done))
