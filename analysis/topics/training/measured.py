"""What R0 and the recipes beside it measure of each claim, for the ledger."""

import math
from functools import partial

import pandas as pd

from analysis.claims import evidence
from analysis.claims.measurement import Measured
from analysis.evidence import convergence, curves
from analysis.evidence.arms import WELCH, WELCH_OF_LOG, Arms, arms, every
from analysis.evidence.curves import MOMENTS, RELEASED
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import signed
from analysis.statistics.ratios import Ratio
from analysis.statistics.seeds import difference, per_cent, plural, spread
from analysis.topics.dropout import measured as dropout_measured
from analysis.topics.speed import bench_measured
from analysis.topics.speed import measured as speed_measured
from analysis.topics.training import activity_measured, recipe_measured, tanh_measured
from analysis.topics.training.training_claims import without_timings

FRACTIONS = {"a quarter": "R-frac-0.25", "half": "R-frac-0.5"}
UNREGULARISED, UNDROPPED = "R-noreg", "R-nodrop"
TO_LEVEL, TO_BEST = "to one training loss", "to the best validation error"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements, one a condition; claims that nothing measures lack."""
    trained = without_timings(runs)
    bare = arms(trained, UNREGULARISED, RELEASED)
    answers = {
        "S1.7": _fractions(trained),
        "S4.0": every(partial(_gap, quantity="gap"), bare),
        "S4.2e": [
            each
            for pair in arms(trained, RELEASED, UNDROPPED)
            for each in _iterations(pair)
        ],
    }
    known = {claim: tuple(found) for claim, found in answers.items() if found}
    for part in (activity_measured, speed_measured, recipe_measured, bench_measured):
        known |= part.measured(runs)
    for part in (tanh_measured, dropout_measured):
        known |= part.measured(trained)
    return known


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
    value, low, high = (100 * part for part in difference(*samples))
    shown = " and ".join(spread(sample, per_cent) for sample in samples)
    return Measured(
        value=value,
        low=low,
        high=high,
        unit="points",
        quantity=quantity,
        stated=f"{signed(value)}: {' minus '.join(pair.names)}, {shown}",
        images=int(ends[1]["val_images"].iloc[0]),
        split="validation images",
        protocol=_protocol(pair, f"top-1 errors of the last epoch; {WELCH}"),
        **pair.described(),
    )


def _at_the_end(arm: Runs) -> pd.DataFrame:
    found = curves.gaps(arm)
    return found[found["moment"] == MOMENTS[0]]


def _protocol(pair: Arms, then: str) -> str:
    return f"{pair.runs[0].manifest['protocol']}; {then}"


def _iterations(pair: Arms) -> list[Measured]:
    """Steps of R0 over those without dropout, by both definitions."""
    found = convergence.compare(pair.first, pair.second)
    if found is None:
        return []
    last = f"; {plural(found.still_improving, 'run')} had it in the last epoch"
    best = "lowest validation error" + last * bool(found.still_improving)
    level = f"training loss {found.level:.2f}, the lowest that every run reaches"
    measurements = [
        _steps(pair, found.to_level, TO_LEVEL, level),
        _steps(pair, found.to_best, TO_BEST, best),
    ]
    return [each for each in measurements if each]


def _steps(pair: Arms, ratio: Ratio, quantity: str, what: str) -> Measured | None:
    """None where a run was there before its first step."""
    if math.isnan(ratio.value):
        return None
    split = "train" if quantity == TO_LEVEL else "val"
    return Measured(
        **evidence.limits(ratio, factor=1),
        unit="times",
        quantity=quantity,
        stated=f"{ratio.value:.2f}: {' over '.join(pair.names)}; {what}",
        images=curves.images(pair.first.complete[0], split),
        split=f"{curves.SPLITS[split]} images",
        protocol=_protocol(pair, WELCH_OF_LOG),
        **pair.described(),
    )
