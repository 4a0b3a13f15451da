"""What the ablations measure of each claim, for the ledger: variant minus R0."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise

from analysis.claims import claims
from analysis.claims.claims import Claim, Quantity
from analysis.claims.from_runs import measurements, of_metrics, of_test_images
from analysis.claims.measurement import Measured
from analysis.evidence.arms import R0, Arm
from analysis.evidence.fit import EARLY
from analysis.evidence.runs import Runs
from analysis.statistics import images
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.topics.ablations import light
from analysis.topics.ablations.comparisons import GAP, NO_DROPOUT, PLATEAU, Comparison
from analysis.topics.ablations.effects import (
    Effect,
    effects,
    main_condition,
)

Known = dict[tuple[Arm, Arm], Effect]  # by variant and reference


@dataclass(frozen=True)
class Change:
    """A number that a comparison gives, with its unit and its name in words."""

    words: str
    estimate: Callable[[Effect], Estimate | None]
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
        partial(light.difference, light=names),
        protocol="centre view, all amounts; Student's t over seeds",
    )
    for kind, names in light.LIGHT.items()
}

# Claim, its quantity, the recipe that is compared with R0, and the number that it gives.
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
    *((light.CLAIM, kind, "R-nopca", change) for kind, change in LIGHTS.items()),
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


@cache
def _claims() -> dict[str, Claim]:
    return {claim.id: claim for claim in claims.load()}


def decided(comparison: Comparison) -> list[tuple[str, str, Change]]:
    """The claims that this difference decides, with the quantity and the number."""
    arms = comparison.variant, comparison.reference
    return [
        (claim, quantity, change)
        for claim, quantity, recipe, change in COMPARED
        if (Arm(recipe), REFERENCES.get(claim, R0)) == arms
    ]


def concerned(comparison: Comparison) -> list[str]:
    """The claims that it decides or bears on, in the order of the ledger."""
    found = {claim for claim, _, _ in decided(comparison)} | {*comparison.bears_on}
    return [name for name in _claims() if name in found]


def reported(comparison: Comparison, top: int) -> Quantity | None:
    """What the paper or its authors' notes report of this difference of test errors."""
    taken = {1: TOP1, 5: TOP5}[top]
    for claim, name, change in decided(comparison):
        if change == taken:
            quantity = _claims()[claim].quantity(name)
            if not (quantity.paper is None and quantity.logged is None):
                return quantity
    return None


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Each claim that pairs of runs measure, with its measurements.

    All are of the condition with most pairs of runs: one length of training, and the
    same other fields changed in both arms.
    """
    results = effects(runs)
    condition = main_condition(results, runs)
    known = {
        (each.comparison.variant, each.comparison.reference): each
        for each in results
        if each.condition == condition
    }
    answers: dict[str, list[Measured]] = {}
    for claim, quantity, recipe, change in COMPARED:
        if each := known.get((Arm(recipe), REFERENCES.get(claim, R0))):
            found = _changed(each, change, quantity)
            answers.setdefault(claim, []).extend(found)
    answers["S3.0"] = _order(known)
    answers["X20"] = _dropout(known)
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _changed(each: Effect, change: Change, quantity: str) -> list[Measured]:
    variants, references = zip(*each.pairs, strict=True)
    where = (references[0], each.answers[0][1], each.condition)
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
    """The error without one thing minus the error without the next, by seed."""
    found = []
    for name, pair in zip(ORDERED, pairwise(IMPORTANCE), strict=True):
        first, second = (known.get((Arm(recipe), R0)) for recipe in pair)
        if first and second:
            found += _ordered(first, second, name)
    return found


def _ordered(first: Effect, second: Effect, quantity: str) -> list[Measured]:
    """Both effects have the same references, which cancel."""
    both = _common(first, second)
    if not both:
        return []
    return measurements(
        images.paired(*(each.wrong(0) for each in both)),
        [[variant for variant, _ in each.pairs] for each in both],
        f"{first.comparison.change} minus {second.comparison.change}, top-1",
        quantity=quantity,
        **_where(first),
    )


def _dropout(known: Known) -> list[Measured]:
    """What dropout takes off the error with average pooling, minus with fc6 and fc7."""
    small = known.get((Arm(GAP.recipe, NO_DROPOUT), GAP))
    large = known.get((Arm("R-nodrop"), R0))
    both = _common(small, large) if small and large else []
    if not both:
        return []
    gains = [each.wrong(0).mean(axis=1) - each.wrong(1).mean(axis=1) for each in both]
    where = _where(small)
    return measurements(
        over_seeds(gains[0] - gains[1], images=where["images"]),
        [side for each in both for side in zip(*each.pairs, strict=True)],
        "what dropout gains with average pooling minus with fc6 and fc7, top-1",
        quantity="dropout",
        **where,
    )


def _common(first: Effect, second: Effect) -> list[Effect]:
    """Both effects of the seeds that both have; nothing without such a seed."""
    seeds = {*first.seeds} & {*second.seeds}
    return [each.only(seeds) for each in (first, second)] if seeds else []


def _where(each: Effect) -> dict[str, object]:
    return of_test_images(each.pairs[0][1], each.answers[0][1], each.condition)
