"""Gradients and zeros with ReLU against tanh, for the ledger: of diagnostics.csv."""

import math
from functools import partial

import pandas as pd

from analysis import evidence, intervals, unit_activity
from analysis.compared_arms import WELCH, WELCH_OF_LOG, Arms, arms, every
from analysis.estimates import signed
from analysis.learning_curves import RELEASED
from analysis.measurement import Measured
from analysis.results import Runs
from analysis.seed_spread import difference, per_cent, spread
from analysis.unit_activity import FIRST, LAST, STATES, three

TANH = "R-tanh"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """X23, both untrained and trained; empty where an arm has no diagnostics.csv."""
    pairs = arms(runs.where(unit_activity.exported), RELEASED, TANH)
    found = [
        each
        for measure in (_gradients, _zeros)
        for state in STATES
        for each in every(partial(measure, state=state), pairs)
    ]
    return {"X23": tuple(found)} if found else {}


def _gradients(pair: Arms, state: str) -> Measured | None:
    """None where a norm is zero: no ratio has an interval then."""
    tables = [unit_activity.measured(arm) for arm in (pair.first, pair.second)]
    ratios = [unit_activity.gradient_ratios(table) for table in tables]
    samples = [each.loc[each["state"] == state, "ratio"] for each in ratios]
    if any(sample.empty or not _positive(sample) for sample in samples):
        return None
    ratio = intervals.ratio_of_means(*samples, limits=(math.inf, math.inf))
    shown = " and ".join(spread(sample, three) for sample in samples)
    return Measured(
        **evidence.limits(ratio, factor=1),
        unit="times",
        quantity="gradient",
        stated=f"{ratio.value:.3g}, {state}: {shown}",
        images=int(tables[0]["gradient_n"].iloc[0]),
        split="training images",
        protocol=(
            f"norm of the gradient of the weights of the mean loss, {FIRST} over {LAST}; "
            f"centre view, evaluation mode; {WELCH_OF_LOG}"
        ),
        **pair.described(),
    )


def _positive(sample: pd.Series) -> bool:
    return bool(((sample > 0) & (sample < math.inf)).all())


def _zeros(pair: Arms, state: str) -> Measured | None:
    tables = [unit_activity.measured(arm) for arm in (pair.first, pair.second)]
    samples = [_zero_share(table[table["state"] == state]) for table in tables]
    if any(sample.empty for sample in samples):
        return None
    value, low, high = (100 * part for part in difference(*samples))
    shown = " and ".join(f"{spread(sample, per_cent)} %" for sample in samples)
    return Measured(
        value=value,
        low=low,
        high=high,
        unit="points",
        quantity="zeros",
        stated=f"{signed(value)}, {state}: {shown}",
        images=int(tables[0]["n"].iloc[0]),
        split="training images",
        protocol=(
            "share of activations that are 0, mean over the hidden layers; centre view, "
            f"evaluation mode; {WELCH}"
        ),
        **pair.described(),
    )


def _zero_share(table: pd.DataFrame) -> pd.Series:
    """Mean over the hidden layers, one value a run."""
    hidden = table[table["activation"] != "none"]
    return hidden.groupby(["run", "seed"])["zero_activations"].mean()
