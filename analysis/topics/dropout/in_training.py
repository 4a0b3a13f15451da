"""What dropout costs in training: steps of R0 over those without it, for the ledger."""

import math

import numpy as np

from analysis.claims import from_runs
from analysis.claims.from_runs import described, every
from analysis.claims.measurement import Measured
from analysis.evidence import curves
from analysis.evidence.arms import WELCH_OF_LOG, Arms
from analysis.evidence.curves import MOMENTS
from analysis.statistics.estimates import Estimate, ratio_of_means
from analysis.statistics.numbers import counted, per_cent

TO_LEVEL, TO_BEST = "to one training loss", "to the best validation error"
COST = "cost"


def iterations(pairs: list[Arms]) -> list[Measured]:
    """S4.2e: to the lowest training loss that all reach, and to the best validation.

    Nothing where an arm has no validation images.
    """
    return [found for pair in pairs for found in _iterations(pair)]


def _iterations(pair: Arms) -> list[Measured]:
    gaps = [curves.gaps(arm) for arm in (pair.first, pair.second)]
    if any(arm.empty for arm in gaps):
        return []
    level = max(run.metrics["train_loss"].min() for run in pair.runs)
    best = [arm[arm["moment"] == MOMENTS[1]] for arm in gaps]
    steps = [arm["step"].to_list() for arm in best]
    last = sum(int((arm["epoch"] == arm["epochs"]).sum()) for arm in best)
    had_it = f"; {counted(last, 'run')} had it in the last epoch" * bool(last)
    found = {
        TO_LEVEL: (
            pair.reach("train_loss", level, by="step"),
            f"training loss {level:.2f}, the lowest that every run reaches",
        ),
        TO_BEST: (
            steps if all(map(all, steps)) else None,
            f"lowest validation error{had_it}",
        ),
    }
    return [
        _ratio(pair, ratio_of_means(*steps), name, what)
        for name, (steps, what) in found.items()
        if steps
    ]


def _ratio(pair: Arms, ratio: Estimate, quantity: str, what: str) -> Measured:
    split = "train" if quantity == TO_LEVEL else "val"
    comma = "," if quantity == COST else ";"
    return Measured(
        **from_runs.limits(ratio, factor=1),
        unit="times",
        quantity=quantity,
        stated=f"{ratio.value:.2f}: {' over '.join(pair.names)}{comma} {what}",
        images=curves.images(pair.first.complete[0], split),
        split=f"{curves.SPLITS[split]} images",
        protocol=pair.protocol(WELCH_OF_LOG),
        **described(pair),
    )


def cost(pairs: list[Arms]) -> list[Measured]:
    """S4.2f: epochs to the lowest validation error that all reach."""
    return every(_cost, pairs)


def _cost(pair: Arms) -> Measured | None:
    """None where an arm has no validation images, or is there before its first step."""
    lowest = [run.metrics["val_top1_error"].min() for run in pair.runs]
    if any(map(math.isnan, lowest)):
        return None
    level = max(lowest)
    epochs = pair.reach("val_top1_error", level)
    if epochs is None:
        return None
    means = " and ".join(f"{np.mean(arm):.1f}" for arm in epochs)
    what = (
        f"{means} epochs to {per_cent(level)} % validation error, the lowest that every "
        "run reaches"
    )
    return _ratio(pair, ratio_of_means(*epochs), COST, what)
