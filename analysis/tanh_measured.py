"""What saturating units cost the 2012 network: S3.1b, for the ledger.

Epochs of R-tanh over those of R0 to a training loss, twice: to R0's own last, which
R-tanh may not reach, so that the ratio is a bound; and to the lowest that all reach.
Nothing is extrapolated.
"""

import math

import pandas as pd

from analysis import intervals
from analysis.compared_arms import WELCH_OF_LOG, Arms, arms
from analysis.learning_curves import RELEASED, images
from analysis.measurement import Measured
from analysis.results import Run, Runs
from analysis.seed_spread import plural, spread
from repro.runs import epochs_to

TANH = "R-tanh"
TO_RELEASED, TO_COMMON = "to the loss of released-145", "to a loss that both reach"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """S3.1b; it lacks where an arm has no complete run."""
    found = [each for pair in arms(runs, TANH, RELEASED) for each in _ratios(pair)]
    return {"S3.1b": tuple(found)} if found else {}


def _ratios(pair: Arms) -> list[Measured]:
    own, all_runs = pair.second.complete, pair.runs
    levels = {
        TO_RELEASED: max(map(_lowest, own)),
        TO_COMMON: max(map(_lowest, all_runs)),
    }
    found = [_ratio(pair, quantity, level) for quantity, level in levels.items()]
    return [each for each in found if each]


def _lowest(run: Run) -> float:
    return float(run.metrics["train_loss"].min())


def _ratio(pair: Arms, quantity: str, level: float) -> Measured | None:
    """None where a run was at the level before its first step."""
    epochs = [
        [
            epochs_to(run.metrics["epoch"], run.metrics["train_loss"], level)
            for run in arm
        ]
        for arm in (pair.first.complete, pair.second.complete)
    ]
    if not (all(epochs[0]) and all(epochs[1])):
        return None
    trained = min(float(run.metrics["epoch"].max()) for run in pair.first.complete)
    ratio = intervals.ratio_of_means(*epochs, limits=(trained, math.inf))
    low, high = ratio.low, ratio.high
    if math.isnan(low):  # one run an arm: no limit is known
        high = math.nan
    names = " over ".join(pair.names)
    return Measured(
        value=ratio.value,
        low=low,
        high=high,
        unit="times",
        quantity=quantity,
        stated=f"{ratio.estimate}: {names}, training loss {level:.2f}, "
        f"{_reached(epochs[0], trained)} and {_reached(epochs[1], math.inf)}; "
        f"{_seconds(pair)}",
        images=images(pair.second.complete[0], "train"),
        split="training images",
        protocol=f"{pair.runs[0].manifest['protocol']}; {WELCH_OF_LOG}",
        **pair.described(),
    )


def _reached(epochs: list[float], trained: float) -> str:
    """Mean epochs; of an arm that did not all arrive, how many did not."""
    late = sum(map(math.isinf, epochs))
    if late:
        return f"not in {trained:g} epochs in {late} of {plural(len(epochs), 'run')}"
    return f"after {spread(epochs, '{:.1f}'.format)} epochs"


def _seconds(pair: Arms) -> str:
    """Medians over the epochs of all runs of an arm."""
    known = [
        pd.concat([run.metrics["seconds"] for run in arm.complete])
        for arm in (pair.first, pair.second)
    ]
    first, second = (seconds.median() for seconds in known)
    return f"{first:.3g} and {second:.3g} s an epoch"
