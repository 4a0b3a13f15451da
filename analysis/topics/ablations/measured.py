"""What the ablations measure of each claim, for the ledger: variant minus R0."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from analysis.claims.from_runs import measurements, of_metrics, of_test_images
from analysis.claims.measurement import Measured
from analysis.evidence.arms import R0, Arm
from analysis.evidence.fit import EARLY
from analysis.evidence.runs import Run, Runs
from analysis.statistics import images
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.topics.ablations import effects
from analysis.topics.ablations import light as disturbed
from analysis.topics.ablations.comparisons import GAP, NO_DROPOUT, PLATEAU
from analysis.topics.ablations.effects import VIEWS

Known = dict[tuple[Arm, Arm], effects.Measured]  # by variant and reference


@dataclass(frozen=True)
class Change:
    """What is taken of a comparison: its estimate, in which unit, in words."""

    words: str
    estimate: Callable[[effects.Measured], Estimate | None]
    unit: str = "points"
    split: str = ""  # in words, unless of the test images
    protocol: str = "ten views"  # on these


IMPORTANCE = ("R-tanh", "R-half", "R-nolrn", "R-pool2")  # section 3 has this order
TOP1 = Change("top-1", lambda each: each.difference(1))
LESS = Change("top-1, the other way round", lambda each: each.gain(1))
TOP5 = Change("top-5", lambda each: each.difference(5))
HELD_OUT, TRAINED = "held-out minus training images", "training images"
GAP_AT_END = Change(
    "gap, last epoch", lambda each: each.fit_difference("gap"), split=HELD_OUT
)
GAP_AT_LOSS = Change(
    "gap at the lowest training loss that both reach",
    lambda each: each.gap_difference_at_equal_loss(),
    split=HELD_OUT,
)
TRAINING = Change(
    "training error, last epoch",
    lambda each: each.fit_difference("train_error"),
    split=TRAINED,
)
EARLY_LOSS = Change(
    f"mean training loss of the first {EARLY} epochs",
    lambda each: each.fit_difference("early_loss"),
    unit="nats",
    split=TRAINED,
)

LIGHTS = {
    kind: Change(
        f"added to the top-1 error by light, {kind}",
        partial(disturbed.difference, light=light),
        protocol="centre view, all amounts; Student's t over seeds",
    )
    for kind, light in disturbed.LIGHT.items()
}

# Claim, its quantity, the recipe that is compared with R0, and what is taken.
COMPARED: tuple[tuple[str, str, str, Change], ...] = (
    ("A8", "gap", "R-nodrop", GAP_AT_END),
    ("A8", "top-1", "R-nodrop", TOP1),
    *(("S1.3", f"conv{n}", f"R-noc{n}", TOP1) for n in (2, 3, 4, 5)),
    *((claim, "width", "R-wide-0.5", TOP1) for claim in ("S1.5", "S7.4")),
    *((claim, "epochs", "R-long", LESS) for claim in ("S1.5", "S7.4")),
    ("S1.5", "half of the images", "R-frac-0.5", TOP1),
    ("S1.5", "a quarter of the images", "R-frac-0.25", TOP1),
    ("S3.2c", "top-1", "R-half", TOP1),
    ("S3.2c", "top-5", "R-half", TOP5),
    ("S3.2f", "no exchange, top-1", "R-nocomm", TOP1),
    ("S3.2f", "no exchange, top-5", "R-nocomm", TOP5),
    ("S3.2f", "exchange at conv4, top-1", "R-comm4", TOP1),
    ("S3.2f", "exchange at conv4, top-5", "R-comm4", TOP5),
    ("S3.3d", "top-1", "R-nolrn", TOP1),
    ("S3.3d", "top-5", "R-nolrn", TOP5),
    ("S3.4a", "top-1", "R-pool2", TOP1),
    ("S3.4a", "top-5", "R-pool2", TOP5),
    ("S3.4c", "", "R-pool2", GAP_AT_LOSS),
    ("S4.1c", "gap", "R-nocrop", GAP_AT_END),
    ("S4.1c", "top-1", "R-nocrop", TOP1),
    ("S4.1g", "", "R-nopca", TOP1),
    *((disturbed.CLAIM, kind, "R-nopca", change) for kind, change in LIGHTS.items()),
    ("S4.2d", "", "R-nodrop", GAP_AT_END),
    ("S5.3", "", "R-nowd", TRAINING),
    ("S5.6", "", "R-bias0", EARLY_LOSS),
    *(("S7.2", f"conv{n}", f"R-noc{n}", TOP1) for n in (3, 4)),
    ("X6", "", "R-nolrn", TOP1),
    ("X8", "", "R-cos", TOP1),
    ("X9", "", "R-bias0", TOP1),
    ("X10", "top-1", "R-dense", TOP1),
    ("X25", "", "R-noreg", TOP1),
    ("X27", "", "R-step30", TOP1),
)
# What is compared with another recipe instead, as R0 differs in more.
REFERENCES = {"X8": Arm("R-step30"), "X27": PLATEAU}
# S3.0: the quantity of each neighbouring pair of IMPORTANCE.
ORDERED = (
    "ReLU over two GPUs",
    "two GPUs over normalisation",
    "normalisation over overlapping pooling",
)


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements; claims that nothing measures lack.

    They are of the condition with most pairs of runs: one length of training, and the
    same other fields changed in both arms.
    """
    results = effects.measured(runs)
    condition = effects.main_condition(results, runs)
    known = {
        (each.comparison.variant, each.comparison.reference): each
        for each in results
        if each.pairs.condition == condition
    }
    answers: dict[str, list[Measured]] = {}
    for claim, quantity, recipe, change in COMPARED:
        if each := known.get((Arm(recipe), REFERENCES.get(claim, R0))):
            found = _changed(each, change, quantity)
            answers.setdefault(claim, []).extend(found)
    answers["S3.0"] = _order(known)
    answers["X20"] = _dropout(known)
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _changed(each: effects.Measured, change: Change, quantity: str) -> list[Measured]:
    variants, references = zip(*each.pairs.runs, strict=True)
    where = (references[0], each.references[0], each.pairs.condition)
    return measurements(
        change.estimate(each),
        [variants, references],
        f"{each.comparison.change}, {change.words}",
        quantity=quantity,
        unit=change.unit,
        **(
            of_metrics(*where, change.split)
            if change.split
            else of_test_images(*where, change.protocol)
        ),
    )


def _order(known: Known) -> list[Measured]:
    """The loss without one thing minus that without the next, by seed."""
    found = []
    for name, pair in zip(ORDERED, pairwise(IMPORTANCE), strict=True):
        first, second = (known.get((Arm(recipe), R0)) for recipe in pair)
        if first and second:
            found += _ordered(first, second, name)
    return found


def _ordered(
    first: effects.Measured, second: effects.Measured, quantity: str
) -> list[Measured]:
    """Both have the same references, so that those cancel."""
    seeds = _common(first, second)
    if not seeds:
        return []
    wrong = [_wrong(each, "variants", seeds) for each in (first, second)]
    words = f"{first.comparison.change} minus {second.comparison.change}, top-1"
    return measurements(
        images.paired(*wrong),
        [_runs(each, 0, seeds) for each in (first, second)],
        words,
        quantity=quantity,
        **_where(first),
    )


def _dropout(known: Known) -> list[Measured]:
    """What dropout takes off the error with average pooling minus with R0's layers."""
    small = known.get((Arm(GAP.recipe, NO_DROPOUT), GAP))
    large = known.get((Arm("R-nodrop"), R0))
    seeds = _common(small, large) if small and large else []
    if not seeds:
        return []
    gains = [
        _wrong(each, "variants", seeds).mean(axis=1)
        - _wrong(each, "references", seeds).mean(axis=1)
        for each in (small, large)
    ]
    where = _where(small)
    return measurements(
        over_seeds(gains[0] - gains[1], images=where["images"]),
        [_runs(each, side, seeds) for each in (small, large) for side in (0, 1)],
        "what dropout gains with average pooling minus with fc6 and fc7, top-1",
        quantity="dropout",
        **where,
    )


def _common(first: effects.Measured, second: effects.Measured) -> list[int]:
    return sorted({*first.pairs.seeds} & {*second.pairs.seeds})


def _wrong(each: effects.Measured, side: str, seeds: Iterable[int]) -> np.ndarray:
    """(S, N) mistakes of ten views, top-1; `side` is "variants" or "references"."""
    answers = dict(zip(each.pairs.seeds, getattr(each, side), strict=True))
    return np.stack([answers[seed].wrong[VIEWS, 1] for seed in seeds])


def _runs(each: effects.Measured, side: int, seeds: Iterable[int]) -> list[Run]:
    """Of the variant (0) or of the reference (1)."""
    return [pair[side] for pair in each.pairs.runs if pair[side].seed in seeds]


def _where(each: effects.Measured) -> dict[str, object]:
    reference = each.pairs.runs[0][1]
    return of_test_images(reference, each.references[0], each.pairs.condition)
