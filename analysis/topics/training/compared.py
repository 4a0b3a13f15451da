"""The learning curves of other recipes compared with those of R0, for the ledger.

S3.1b: epochs of R-tanh over those of R0 to the training loss half way between R0's
first loss and the lowest that all its runs reach; at the lowest, R0's own tail would
decide. R-tanh may not come to it. The ratio is then a bound: nothing is extrapolated.
"""

import math
from collections.abc import Iterable
from functools import partial

import numpy as np

from analysis.claims import from_runs
from analysis.claims.from_runs import described, every
from analysis.claims.measurement import Measured
from analysis.evidence import curves, fit
from analysis.evidence.arms import WELCH, WELCH_OF_LOG, Arms, arms, field_of
from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Run, Runs
from analysis.statistics.estimates import difference, ratio_of_means
from analysis.statistics.numbers import counted, per_cent, signed, spread

FRACTIONS = {"a quarter": "R-frac-0.25", "half": "R-frac-0.5"}
BARE, TANH = "R-noreg", "R-tanh"  # without any regularisation; saturating units


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Each claim that runs measure, with one measurement a condition."""
    answers = {
        "S1.7": _fractions(runs),
        "S4.0": every(partial(_gap, quantity="gap"), arms(runs, BARE, RELEASED)),
        "S3.1b": every(_slower, arms(runs, TANH, RELEASED)),
    }
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _fractions(runs: Runs) -> list[Measured]:
    """The gap on a part of the images minus the gap on all of them."""
    return [
        found
        for quantity, recipe in FRACTIONS.items()
        for pair in arms(runs, recipe, RELEASED)
        # R0 must have had all images, and the part as many steps
        if not {"train_share", "epochs"} & {*map(field_of, pair.changes.split("+"))}
        and (found := _gap(pair, quantity))
    ]


def _gap(pair: Arms, quantity: str = "") -> Measured | None:
    """The gap of the first arm minus the second's; None without validation images."""
    samples = [
        [fit.last(run.metrics)["gap"] for run in arm.complete]
        for arm in (pair.first, pair.second)
    ]
    if np.isnan(np.concatenate(samples)).any():
        return None
    found = difference(*samples)
    shown = " and ".join(spread(sample, per_cent) for sample in samples)
    return Measured(
        **from_runs.limits(found),
        unit="points",
        quantity=quantity,
        stated=f"{signed(100 * found.value)}: {' minus '.join(pair.names)}, {shown}",
        images=curves.images(pair.second.complete[0], "val"),
        split="validation images",
        protocol=pair.protocol(f"top-1 errors of the last epoch; {WELCH}"),
        **described(pair),
    )


def _half_way(runs: Iterable[Run]) -> float:
    losses = [run.metrics["train_loss"] for run in runs]
    start, end = min(loss.iloc[0] for loss in losses), max(map(min, losses))
    return float(start + end) / 2


def _slower(pair: Arms) -> Measured | None:
    """None where a run was at the level before its first step."""
    level = _half_way(pair.second.complete)
    epochs = pair.reach("train_loss", level)
    if epochs is None:
        return None
    trained = min(float(run.metrics["epoch"].max()) for run in pair.first.complete)
    ratio = ratio_of_means(*epochs, limits=(trained, math.inf))
    # of one run an arm no limit is known, not even that of a bound
    high = ratio.high if math.isfinite(ratio.low) else math.nan
    names = " over ".join(pair.names)
    return Measured(
        value=ratio.value,
        low=ratio.low,
        high=high,
        unit="times",
        stated=f"{ratio.ratio}: {names}, training loss {level:.2f}, "
        f"{_reached(epochs[0], trained)} and {_reached(epochs[1], math.inf)}",
        images=curves.images(pair.second.complete[0], "train"),
        split="training images",
        protocol=pair.protocol(WELCH_OF_LOG),
        **described(pair),
    )


def _reached(epochs: list[float], trained: float) -> str:
    """The mean epochs, or how many runs of the arm did not arrive."""
    late = sum(map(math.isinf, epochs))
    if late:
        return f"not in {trained:g} epochs in {late} of {counted(len(epochs), 'run')}"
    return f"after {spread(epochs, '{:.1f}'.format)} epochs"
