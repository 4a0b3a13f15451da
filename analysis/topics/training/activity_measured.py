"""Gradients and silent units, for the ledger: of diagnostics.csv."""

import math
from functools import partial

import pandas as pd

from analysis.claims import from_runs
from analysis.claims.from_runs import described, every
from analysis.claims.measurement import Measured
from analysis.evidence.arms import WELCH, WELCH_OF_LOG, Arms, arms
from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Runs
from analysis.statistics import estimates
from analysis.statistics.estimates import difference
from analysis.statistics.numbers import per_cent, signed, spread
from analysis.topics.training import activity
from analysis.topics.training.activity import FIRST, LAST, STATES, three

TANH, NO_NORM = "R-tanh", "R-nolrn"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """X23, both untrained and trained, and S3.3c.

    A claim lacks where an arm has no diagnostics.csv.
    """
    runs = runs.where(activity.exported)
    pairs = arms(runs, RELEASED, TANH)
    found = [
        each
        for measure in (_gradients, _zeros)
        for state in STATES
        for each in every(partial(measure, state=state), pairs)
    ]
    answers = {"X23": tuple(found), "S3.3c": tuple(never_active(runs))}
    return {claim: found for claim, found in answers.items() if found}


def never_active(runs: Runs) -> list[Measured]:
    """S3.3c: units without normalisation minus those with it, trained."""
    measure = partial(
        _share,
        state="trained",
        column="dead_units",
        what="units that none of these images activates",
    )
    return every(measure, arms(runs, NO_NORM, RELEASED))


def _gradients(pair: Arms, state: str) -> Measured | None:
    """None where a norm is zero: no ratio has an interval then."""
    tables = [activity.measured(arm) for arm in (pair.first, pair.second)]
    ratios = [activity.gradient_ratios(table) for table in tables]
    samples = [each.loc[each["state"] == state, "ratio"] for each in ratios]
    if any(sample.empty or not _positive(sample) for sample in samples):
        return None
    ratio = estimates.ratio_of_means(*samples)
    shown = " and ".join(spread(sample, three) for sample in samples)
    return Measured(
        **from_runs.limits(ratio, factor=1),
        unit="times",
        quantity="gradient",
        stated=f"{ratio.value:.3g}, {state}: {shown}",
        images=int(tables[0]["gradient_n"].iloc[0]),
        split="training images",
        protocol=(
            f"norm of the gradient of the weights of the mean loss, {FIRST} over {LAST}; "
            f"centre view, evaluation mode; {WELCH_OF_LOG}"
        ),
        **described(pair),
    )


def _positive(sample: pd.Series) -> bool:
    return bool(((sample > 0) & (sample < math.inf)).all())


def _zeros(pair: Arms, state: str) -> Measured | None:
    return _share(
        pair, state, "zero_activations", "activations that are 0", quantity="zeros"
    )


def _share(
    pair: Arms, state: str, column: str, what: str, quantity: str = ""
) -> Measured | None:
    """The mean share over the hidden layers, the first arm's minus the second's."""
    tables = [activity.measured(arm) for arm in (pair.first, pair.second)]
    samples = [_of_hidden(table[table["state"] == state], column) for table in tables]
    if any(sample.empty for sample in samples):
        return None
    found = difference(*samples)
    shown = " and ".join(f"{spread(sample, per_cent)} %" for sample in samples)
    return Measured(
        **from_runs.limits(found),
        unit="points",
        quantity=quantity,
        stated=f"{signed(100 * found.value)}, {state}: {shown}",
        images=int(tables[0]["n"].iloc[0]),
        split="training images",
        protocol=(
            f"share of {what}, mean over the hidden layers; centre view, evaluation "
            f"mode; {WELCH}"
        ),
        **described(pair),
    )


def _of_hidden(table: pd.DataFrame, column: str) -> pd.Series:
    """Mean over the hidden layers, one value a run."""
    hidden = table[table["activation"] != "none"]
    return hidden.groupby(["run", "seed"])[column].mean()
