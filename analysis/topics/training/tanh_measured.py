"""What saturating units cost the 2012 network: S3.1b, for the ledger.

Epochs of R-tanh over those of R0 to the training loss half way between R0's first and
the lowest that all its runs reach: at the lowest, R0's own tail would decide. R-tanh
may not come to it, so that the ratio is a bound: nothing is extrapolated.
"""

import math
from collections.abc import Iterable

from analysis.claims.from_runs import described, every
from analysis.claims.measurement import Measured
from analysis.evidence.arms import WELCH_OF_LOG, Arms, arms
from analysis.evidence.curves import RELEASED, images
from analysis.evidence.runs import Run, Runs
from analysis.statistics import estimates
from analysis.statistics.numbers import counted, spread

TANH = "R-tanh"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """S3.1b; it lacks where an arm has no complete run."""
    found = every(_ratio, arms(runs, TANH, RELEASED))
    return {"S3.1b": tuple(found)} if found else {}


def _half_way(runs: Iterable[Run]) -> float:
    losses = [run.metrics["train_loss"] for run in runs]
    start, end = min(loss.iloc[0] for loss in losses), max(map(min, losses))
    return float(start + end) / 2


def _ratio(pair: Arms) -> Measured | None:
    """None where a run was at the level before its first step."""
    level = _half_way(pair.second.complete)
    epochs = pair.epochs_to("train_loss", level)
    if epochs is None:
        return None
    trained = min(float(run.metrics["epoch"].max()) for run in pair.first.complete)
    ratio = estimates.ratio_of_means(*epochs, limits=(trained, math.inf))
    low, high = ratio.low, ratio.high
    if math.isnan(low):  # one run an arm: no limit is known
        high = math.nan
    names = " over ".join(pair.names)
    return Measured(
        value=ratio.value,
        low=low,
        high=high,
        unit="times",
        stated=f"{ratio.ratio}: {names}, training loss {level:.2f}, "
        f"{_reached(epochs[0], trained)} and {_reached(epochs[1], math.inf)}",
        images=images(pair.second.complete[0], "train"),
        split="training images",
        protocol=f"{pair.runs[0].manifest['protocol']}; {WELCH_OF_LOG}",
        **described(pair),
    )


def _reached(epochs: list[float], trained: float) -> str:
    """Mean epochs; of an arm that did not all arrive, how many did not."""
    late = sum(map(math.isinf, epochs))
    if late:
        return f"not in {trained:g} epochs in {late} of {counted(len(epochs), 'run')}"
    return f"after {spread(epochs, '{:.1f}'.format)} epochs"
