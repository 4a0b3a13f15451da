"""What a measurement says of a claim: the rules, one function for each kind of test.

`exact`: arithmetic that agrees. `reproduced`: the interval contains the paper's value,
excludes no effect, and its half-width is at most half the paper's effect. `direction
reproduced`: it excludes no effect, on the right side. `inconclusive`: it contains no
effect. `contradicted`: it excludes the direction, or the value where only a value is
claimed. `paper inconsistent`: arithmetic agrees with the paper's other numbers, not with
this one. Where an effect is claimed to be none, a margin says what counts as none.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from analysis.claims.claims import Claim, Quantity
from analysis.claims.measurement import Measured, number
from analysis.evidence import data_sets
from analysis.evidence.runs import ReportError

EXACT, REPRODUCED, DIRECTION = "exact", "reproduced", "direction reproduced"
INCONCLUSIVE, CONTRADICTED = "inconclusive", "contradicted"
INCONSISTENT = "paper inconsistent"
NOT_RUN, NOT_TESTABLE = "not run", "not testable here"
DEPENDS = "depends"  # of a claim whose conditions differ
WORDS = (
    *(EXACT, REPRODUCED, DIRECTION, INCONCLUSIVE, CONTRADICTED, INCONSISTENT),
    *(NOT_RUN, NOT_TESTABLE),
)
# What a reader sees in their place; the order is that of every list of them.
PLAIN = {
    EXACT: "checks out",
    REPRODUCED: "reproduced",
    DIRECTION: "same direction",
    DEPENDS: "depends",
    INCONCLUSIVE: "cannot tell yet",
    CONTRADICTED: "opposite here",
    INCONSISTENT: "slip",
    NOT_RUN: "not run",
    NOT_TESTABLE: "not testable here",
}


@dataclass(frozen=True)
class Verdict:
    """One of WORDS, why, and the commands that would run what has not run."""

    word: str
    reason: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A quantity of a claim and a measurement of it, on data that may be others."""

    claim: Claim
    quantity: Quantity
    measured: Measured
    profile: str

    @property
    def comparable(self) -> bool:
        """Whether the paper's value itself, and not only its direction, is at stake."""
        if not self.measured.needs_data:
            return True
        whole = self.measured.dataset == data_sets.of_profile(self.profile).name
        return whole and self.claim.testable_on[self.profile] == "="

    @property
    def limits(self) -> tuple[float, float]:
        """The interval; of what is exact the value twice."""
        value = self.measured.value
        exact = self.measured.exact
        return (value, value) if exact else (self.measured.low, self.measured.high)

    @property
    def subject(self) -> str:
        """What the verdict speaks of."""
        return "The value" if self.measured.exact else "The interval"

    @property
    def reported(self) -> str:
        """The paper's value in words."""
        whose = "the notes'" if self.claim.kind == "note" else "the paper's"
        bound = f"{self.quantity.bound} " if self.quantity.bound else ""
        return f"{whose} {bound}{number(self.quantity.paper, self.quantity.unit)}"

    @property
    def elsewhere(self) -> str:
        """The data of both, where they are not the same."""
        return (
            f"measured on {self.measured.dataset}, the paper's data: {self.claim.data}"
        )


def count(case: Case) -> Verdict:
    """A number that is exact: it agrees, up to the digits that the paper prints."""
    if not case.measured.exact:
        raise ReportError(f"{case.claim.id}: {case.measured.stated!r} is not exact")
    return equality(case)


def equality(case: Case) -> Verdict:
    """A value, without an effect: the interval contains it and is narrow enough."""
    if not case.comparable:
        return Verdict(NOT_TESTABLE, f"Only a value is claimed; {case.elsewhere}.")
    if case.measured.exact:
        return _exact_value(case)
    low, high = case.limits
    widest = case.quantity.within
    if widest is None:
        raise ReportError(f"{case.claim.id}: no `within` for {case.measured.stated!r}")
    if not case.measured.has_interval:
        return _no_interval(case)
    if not _contains(case.quantity, low, high):
        return Verdict(CONTRADICTED, f"The interval does not contain {case.reported}.")
    if (high - low) / 2 > widest:
        limit = number(widest, case.quantity.unit)
        reason = f"The interval contains {case.reported}, but is wider than ±{limit}."
        return Verdict(INCONCLUSIVE, reason)
    return Verdict(REPRODUCED, f"The interval contains {case.reported}.")


def _exact_value(case: Case) -> Verdict:
    value, quantity = case.measured.value, case.quantity
    if _agrees(quantity, value):
        return Verdict(EXACT, f"The value agrees with {case.reported}.")
    if quantity.implied is not None and math.isclose(value, quantity.implied):
        reason = f"The paper's other numbers give this, not {case.reported}."
        return Verdict(INCONSISTENT, reason)
    if quantity.logged is not None and math.isclose(value, quantity.logged):
        reason = f"The authors' files have this, not {case.reported}."
        return Verdict(CONTRADICTED, reason)
    return Verdict(CONTRADICTED, f"The value is not {case.reported}.")


def _agrees(quantity: Quantity, value: float) -> bool:
    half = quantity.rounding / 2
    return _contains(quantity, value - half, value + half) or math.isclose(
        value, quantity.paper
    )


def _contains(quantity: Quantity, low: float, high: float) -> bool:
    """Whether the interval holds the paper's value, or one that its bound allows."""
    above = quantity.bound == "at least" or quantity.paper >= low
    below = quantity.bound == "at most" or quantity.paper <= high
    return above and below


def difference(case: Case) -> Verdict:
    """An effect against a difference, or a value, at which there would be none."""
    return _effect(case, number(case.quantity.no_effect, case.quantity.unit))


def ratio(case: Case) -> Verdict:
    """An effect against a ratio at which there would be none."""
    if case.measured.value <= 0:
        raise ReportError(f"{case.claim.id}: {case.measured.stated!r} is no ratio")
    return _effect(case, number(case.quantity.no_effect))


def permutation(case: Case) -> Verdict:
    """How often runs exceed a permutation null, against how often chance does.

    Where the paper claims a share, as "in every run", the interval must contain it too.
    """
    if not 0 <= case.measured.value <= 100:
        raise ReportError(f"{case.claim.id}: {case.measured.stated!r} is no share")
    claimed = case.quantity.paper is not None and case.measured.has_interval
    if claimed and not _contains(case.quantity, *case.limits):
        return Verdict(CONTRADICTED, f"The interval does not contain {case.reported}.")
    return _effect(case, f"chance, {number(case.quantity.no_effect, '%')}")


def _effect(case: Case, none: str) -> Verdict:
    """`none` is no effect in words."""
    if not (case.measured.exact or case.measured.has_interval):
        return _no_interval(case)
    arms = case.measured.seeds
    if len(arms) > 1 and min(arms) < 2:
        reason = "One arm has one run: no interval covers how much seeds differ."
        return Verdict(INCONCLUSIVE, reason)
    if case.quantity.direction is None:
        return _equivalence(case, none)
    return _direction(case, none)


def _no_interval(case: Case) -> Verdict:
    runs = " and ".join(map(str, case.measured.seeds)) or "unknown"
    return Verdict(INCONCLUSIVE, f"No interval (runs: {runs}).")


def _direction(case: Case, none: str) -> Verdict:
    low, high = case.limits
    greater = case.quantity.direction == "greater"
    side = "above" if greater else "below"
    limit = case.quantity.no_effect
    if low <= limit <= high and not case.measured.exact:
        return Verdict(INCONCLUSIVE, f"The interval contains {none}.")
    if (low > limit) != greater or low == limit:
        other = "at" if low == limit else "below" if greater else "above"
        reason = f"{case.subject} lies {other} {none}, not {side} it."
        return Verdict(CONTRADICTED, reason)
    return _size(case, f"{case.subject} lies {side} {none}")


def _size(case: Case, direction: str) -> Verdict:
    """The direction is right: does the size agree with the paper's?"""
    exact, quantity = case.measured.exact, case.quantity
    if quantity.paper is None:
        return Verdict(EXACT if exact else DIRECTION, f"{direction}.")
    if not case.comparable:
        return Verdict(DIRECTION, f"{direction}; {case.elsewhere}.")
    low, high = case.limits
    if exact and _agrees(quantity, case.measured.value):
        return Verdict(EXACT, f"{direction} and agrees with {case.reported}.")
    if exact:
        return Verdict(DIRECTION, f"{direction}, but is not {case.reported}.")
    if not _contains(quantity, low, high):
        return Verdict(DIRECTION, f"{direction}; {case.reported} lies outside it.")
    if high - low > abs(quantity.paper - quantity.no_effect):
        reason = (
            f"{direction}, contains {case.reported}, but is wider than that effect."
        )
        return Verdict(DIRECTION, reason)
    return Verdict(REPRODUCED, f"{direction} and contains {case.reported}.")


def _equivalence(case: Case, none: str) -> Verdict:
    low, high = case.limits
    margin = case.quantity.margin
    least, most = case.quantity.no_effect - margin, case.quantity.no_effect + margin
    region = f"{number(margin, case.quantity.unit)} of {none}"
    if least <= low and high <= most:
        words = (EXACT if case.measured.exact else REPRODUCED, DIRECTION)
        return Verdict(
            words[not case.comparable], f"{case.subject} lies within {region}."
        )
    if high < least or low > most:
        return Verdict(CONTRADICTED, f"{case.subject} does not come within {region}.")
    return Verdict(INCONCLUSIVE, f"{case.subject} lies only partly within {region}.")


def ordering(cases: Sequence[Case]) -> Verdict:
    """Every neighbouring pair of an order, all conditions together."""
    verdicts: dict[str, list[str]] = {}
    for case in cases:
        verdicts.setdefault(case.quantity.name, []).append(difference(case).word)
    wrong = [name for name, words in verdicts.items() if CONTRADICTED in words]
    if wrong:
        return Verdict(CONTRADICTED, f"It is the other way round: {', '.join(wrong)}.")
    pairs = [quantity.name for quantity in cases[0].claim.quantities]
    unsettled = [
        name for name in pairs if INCONCLUSIVE in verdicts.get(name, [INCONCLUSIVE])
    ]
    if unsettled:
        return Verdict(INCONCLUSIVE, f"Not settled: {', '.join(unsettled)}.")
    return Verdict(DIRECTION, f"All {len(pairs)} neighbouring pairs are in this order.")


TESTS: dict[str, Callable[[Case], Verdict]] = {
    "count": count,
    "equality": equality,
    "difference": difference,
    "ratio": ratio,
    "permutation": permutation,
}


def of_claim(words: Collection[str]) -> str:
    """The one verdict of a claim, from those of its conditions.

    What has not run or cannot be tested counts where nothing else does, and so does
    what is inconclusive. Arithmetic that agrees here and not there is a slip of the
    paper, or a difference between its text and its code. Other verdicts that differ
    make the claim depend on the condition.
    """
    found = {DIRECTION if word == REPRODUCED else word for word in words}
    for weak in ({NOT_RUN, NOT_TESTABLE}, {INCONCLUSIVE}):
        found = found - weak or found
    if found <= {NOT_RUN, NOT_TESTABLE}:
        return NOT_RUN if NOT_RUN in found else NOT_TESTABLE
    if EXACT in found and found & {INCONSISTENT, CONTRADICTED}:
        return INCONSISTENT
    found = found - {EXACT} or found
    if found == {DIRECTION}:
        return REPRODUCED if {*words} <= {REPRODUCED, EXACT} else DIRECTION
    return found.pop() if len(found) == 1 else DEPENDS
