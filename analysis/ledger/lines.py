"""The lines of a claim in the ledger: a verdict for each condition, or for its lack."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.claims.claims import COLUMNS, MARKS, UNDECIDED, Claim, Quantity
from analysis.claims.measurement import Measured
from analysis.claims.verdicts import (
    NOT_RUN,
    NOT_TESTABLE,
    TESTS,
    Case,
    Verdict,
    ordering,
)
from analysis.evidence import data_sets
from analysis.evidence.data_sets import SMOKE
from analysis.evidence.runs import ReportError

SMOKE_ONLY = "smoke: pipeline only."
SETTLING = ("=", "~", "~?")  # marks


@dataclass(frozen=True)
class Line:
    """A verdict and the measurements behind it: one condition of a claim.

    Without measurements, the quantities that have none.
    """

    profile: str
    verdict: Verdict
    measured: tuple[Measured, ...] = ()
    unmeasured: tuple[Quantity, ...] = ()


def lines(claim: Claim, measured: Sequence[Measured], profile: str) -> tuple[Line, ...]:
    """One line a measurement; one in all where nothing decides, or of an ordering.

    Raises ReportError on a measurement that is not of this claim.
    """
    cases = [_case(claim, each, profile) for each in measured]
    if not cases:
        return ()
    if claim.test in UNDECIDED:
        verdict = Verdict(NOT_TESTABLE, claim.why)
        return (Line(profile, verdict, tuple(measured)),)
    if claim.test == "ordering":
        outside = next(filter(None, map(_outside, cases)), None)
        return (Line(profile, outside or ordering(cases), tuple(measured)),)
    return tuple(
        Line(profile, _outside(case) or TESTS[claim.test](case), (case.measured,))
        for case in cases
    )


def _case(claim: Claim, measured: Measured, profile: str) -> Case:
    quantity = claim.quantity(measured.quantity)
    if measured.unit != quantity.unit:
        raise ReportError(
            f"{claim.id}: measured in {measured.unit!r}, claimed in {quantity.unit!r}"
        )
    return Case(claim, quantity, measured, profile)


def _outside(case: Case) -> Verdict | None:
    """The verdict where the data cannot decide, whatever was measured on them."""
    if not case.measured.needs_data:
        return None
    if proves := _only_pipeline(case.claim, case.profile):
        commands = _commands(case.claim, (case.quantity,), case.profile)
        return Verdict(NOT_RUN, proves, commands)
    if case.claim.testable_on[case.profile] == "-":
        return Verdict(NOT_TESTABLE, f"{case.measured.dataset} cannot decide it.")
    return None


def _only_pipeline(claim: Claim, profile: str) -> str:
    """Why these images prove no more than that the code runs; empty where they do."""
    if profile == SMOKE:
        return SMOKE_ONLY
    on = f"On {data_sets.of_profile(profile).name} it would prove the pipeline only."
    return on if claim.testable_on[profile] == "s" else ""


def hole(claim: Claim, quantities: Sequence[Quantity], profile: str) -> Line:
    """The line of quantities that nothing has measured on this profile."""
    verdict = _without_runs(claim, quantities, profile)
    return Line(profile, verdict, unmeasured=tuple(quantities))


def _without_runs(
    claim: Claim, quantities: Sequence[Quantity], profile: str
) -> Verdict:
    if claim.why:
        return Verdict(NOT_TESTABLE, claim.why)
    mark = claim.testable_on[profile]
    if mark == "-":
        other = best_profile(claim)
        can = f"{other} can settle {MARKS[claim.testable_on[other]]}"
        return Verdict(NOT_TESTABLE, f"Not on profile {profile}; {can}.")
    commands = _commands(claim, quantities, profile)
    if not commands:
        return Verdict(NOT_RUN, "No command of this toolkit runs it yet.")
    reason = "" if mark == "=" else _only_pipeline(claim, profile)
    return Verdict(NOT_RUN, reason, commands)


def best_profile(claim: Claim) -> str:
    """The profile with the least data that can settle something of the claim."""
    for profile in (*COLUMNS[1:], SMOKE):
        if claim.testable_on[profile] in SETTLING:
            return profile
    return SMOKE


def _commands(
    claim: Claim, quantities: Sequence[Quantity], profile: str
) -> tuple[str, ...]:
    """On this profile, or on one that can settle the claim where this one cannot."""
    mark = claim.testable_on[profile]
    settles = mark in SETTLING and (profile != SMOKE or mark == "=")
    chosen = profile if settles else best_profile(claim)
    known = (quantity.command.format(profile=chosen) for quantity in quantities)
    return tuple(dict.fromkeys(filter(None, known)))
