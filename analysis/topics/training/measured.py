"""What R0 and the recipes beside it measure of each claim, for the ledger."""

from functools import partial

import pandas as pd

from analysis.claims import from_runs
from analysis.claims.from_runs import described, every
from analysis.claims.measurement import Measured
from analysis.evidence import curves
from analysis.evidence.arms import WELCH, Arms, arms
from analysis.evidence.curves import MOMENTS, RELEASED
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import difference
from analysis.statistics.numbers import per_cent, signed, spread

FRACTIONS = {"a quarter": "R-frac-0.25", "half": "R-frac-0.5"}
BARE = "R-noreg"  # without any regularisation


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements, one a condition; nothing where nothing measures it."""
    answers = {
        "S1.7": _fractions(runs),
        "S4.0": every(partial(_gap, quantity="gap"), arms(runs, BARE, RELEASED)),
    }
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _fractions(runs: Runs) -> list[Measured]:
    """The gap on a part of the images minus that on all of them."""
    return [
        found
        for quantity, recipe in FRACTIONS.items()
        for pair in arms(runs, recipe, RELEASED)
        # R0 must have had all images, and the part as many steps
        if not {"train_share", "epochs"} & _fields(pair)
        and (found := _gap(pair, quantity))
    ]


def _fields(pair: Arms) -> set[str]:
    return {change.partition("=")[0] for change in pair.changes.split("+")}


def _gap(pair: Arms, quantity: str = "") -> Measured | None:
    """Of the first arm minus that of the second; None without validation images."""
    ends = [_at_the_end(arm) for arm in (pair.first, pair.second)]
    if any(end.empty for end in ends):
        return None
    samples = [end["top1_gap"] for end in ends]
    found = difference(*samples)
    shown = " and ".join(spread(sample, per_cent) for sample in samples)
    return Measured(
        **from_runs.limits(found),
        unit="points",
        quantity=quantity,
        stated=f"{signed(100 * found.value)}: {' minus '.join(pair.names)}, {shown}",
        images=int(ends[1]["val_images"].iloc[0]),
        split="validation images",
        protocol=_protocol(pair, f"top-1 errors of the last epoch; {WELCH}"),
        **described(pair),
    )


def _at_the_end(arm: Runs) -> pd.DataFrame:
    found = curves.gaps(arm)
    return found[found["moment"] == MOMENTS[0]]


def _protocol(pair: Arms, then: str) -> str:
    return f"{pair.runs[0].manifest['protocol']}; {then}"
