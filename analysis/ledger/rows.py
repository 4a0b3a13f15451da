"""The rows of the ledger: every claim with what all topics have measured of it."""

import importlib
import math
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from analysis.claims import claims
from analysis.claims.claims import UNDECIDED, Claim
from analysis.claims.measurement import Measured
from analysis.claims.verdicts import (
    EXACT,
    PLAIN,
    Verdict,
    of_claim,
)
from analysis.evidence import runs as results
from analysis.evidence.data_sets import MADE_UP, SMOKE
from analysis.evidence.runs import ALL, ReportError, Runs
from analysis.ledger.lines import Line, best_profile, hole, lines

TOPICS = "analysis.topics"  # a package each
CHECKS = "analysis.ledger.checks"  # shown within the ledger itself
Offered = Mapping[str, Sequence[Measured]]


@dataclass(frozen=True)
class Row:
    """A claim, its verdicts by condition, and the topics that measured it."""

    claim: Claim
    lines: tuple[Line, ...]
    topics: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The verdicts; several where conditions or quantities have different ones."""
        return tuple(dict.fromkeys(line.verdict.word for line in self.lines))

    @property
    def verdict(self) -> str:
        """The one verdict of the claim."""
        return of_claim(self.words)


def load(profile: str, reports: Path | None = None) -> Runs | tuple[Runs, ...]:
    """The runs of a profile; for `all` those of every profile, the best data first."""
    if profile != ALL:
        return results.load(profile, reports)
    return tuple(results.load(name, reports) for name in results.PROFILES)


def rows(evidence: Runs | Sequence[Runs]) -> list[Row]:
    """Every claim in order, from the runs of one profile, or of several.

    With several, what has not run is named for the profile that can settle it with the
    least data. Raises ReportError where a topic measures what is no claim.
    """
    several = not isinstance(evidence, Runs)
    known = claims.load()
    offers = [
        (runs.profile, topic, offered)
        for runs in (evidence if several else [evidence])
        for topic, offered in offered_by_topics(runs).items()
    ]
    _only_claims(known, offers)
    return [
        _row(claim, offers, best_profile(claim) if several else evidence.profile)
        for claim in known
    ]


def topic_modules() -> dict[str, str]:
    """What may offer measurements, by the anchor of its section on the page.

    A topic is a package of `analysis.topics`.
    """
    folder = importlib.import_module(TOPICS).__path__
    names = [each.name for each in pkgutil.iter_modules(folder)]
    return {name: f"{TOPICS}.{name}.topic" for name in names} | {"checks": CHECKS}


def offered_by_topics(runs: Runs) -> dict[str, Offered]:
    """What each topic that offers measurements has measured."""
    found = {}
    for topic, name in topic_modules().items():
        if offer := getattr(importlib.import_module(name), "measured", None):
            found[topic] = offer(runs)
    return found


def _only_claims(
    known: Sequence[Claim], offers: list[tuple[str, str, Offered]]
) -> None:
    names = {claim.id for claim in known}
    for _, topic, offered in offers:
        if unknown := sorted(offered.keys() - names):
            raise ReportError(f"topic {topic} measures {unknown[0]!r}: no such claim")


def _row(claim: Claim, offers: list[tuple[str, str, Offered]], profile: str) -> Row:
    by_profile: dict[str, list[Measured]] = {}
    topics = []
    for name, topic, offered in offers:
        if offered.get(claim.id):
            by_profile.setdefault(name, []).extend(offered[claim.id])
            topics.append(topic)
    if len(by_profile) > 1:  # smoke decides nothing that others do not
        by_profile.pop(SMOKE, None)
    found = [
        line
        for name, measured in by_profile.items()
        for line in lines(claim, _ordered(claim, measured), name)
    ]
    lines_and_holes = (*_merged(found), *_holes(claim, by_profile, profile))
    return Row(claim, lines_and_holes, tuple(dict.fromkeys(topics)))


def _holes(
    claim: Claim, measured: Mapping[str, list[Measured]], profile: str
) -> list[Line]:
    """What no profile has measured; an ordering and a quote are one whole."""
    names = {each.quantity for found in measured.values() for each in found}
    if not names:
        return [hole(claim, claim.quantities, profile)]
    if claim.test in UNDECIDED | {"ordering"}:
        return []
    missing = [each for each in claim.quantities if each.name not in names]
    by_command = groupby(missing, lambda quantity: quantity.command)
    return [hole(claim, list(group), profile) for _, group in by_command]


def _ordered(claim: Claim, measured: list[Measured]) -> list[Measured]:
    """In the order of the claim's quantities; each condition keeps its place."""
    place = {quantity.name: place for place, quantity in enumerate(claim.quantities)}
    return sorted(measured, key=lambda each: place[claim.quantity(each.quantity).name])


def _merged(found: list[Line]) -> list[Line]:
    """Neighbouring exact lines as one, arithmetic once for all profiles."""
    merged = []
    for (profile, word), group in groupby(_once(found), _profile_and_word):
        own = list(group)
        if word == EXACT and len(own) > 1:
            measured = tuple(each for line in own for each in line.measured)
            verdict = Verdict(EXACT, f"All {len(own)} numbers agree.")
            own = [Line(profile, verdict, measured)]
        merged += own
    return merged


def _once(found: list[Line]) -> list[Line]:
    """Arithmetic and benchmarks take no data: they say the same on every profile."""
    kept: dict[object, Line] = {}
    for number, line in enumerate(found):
        of_any = not any(map(_of_its_profile, line.measured))
        same = tuple((each.quantity, each.stated) for each in line.measured)
        kept.setdefault(same if of_any else number, line)
    return list(kept.values())


def _of_its_profile(measured: Measured) -> bool:
    return measured.needs_data and measured.dataset != MADE_UP


def _profile_and_word(line: Line) -> tuple[str, str]:
    return line.profile, line.verdict.word


def records(found: Sequence[Row]) -> list[dict[str, object]]:
    """Every claim with its verdict and conditions, for readers that are programs.

    What is not known, as the limits of a number without interval, is null.
    """
    return [
        {
            "claim": row.claim.id,
            "statement": row.claim.statement,
            "section": row.claim.section,
            "kind": row.claim.kind,
            "measure": row.claim.measure,
            "paper_data": row.claim.data,
            "verdict": row.verdict,
            "plain": PLAIN[row.verdict],
            "conditions": [_record(row.claim, line) for line in row.lines],
        }
        for row in found
    ]


def _record(claim: Claim, line: Line) -> dict[str, object]:
    verdict = line.verdict
    return {
        "profile": line.profile,
        "verdict": verdict.word,
        "reason": verdict.reason,
        "commands": list(verdict.commands),
        "lacking": [quantity.name for quantity in line.unmeasured],
        "measured": [_number(claim, each) for each in line.measured],
    }


def _number(claim: Claim, measured: Measured) -> dict[str, object]:
    quantity = claim.quantity(measured.quantity)
    numbers = {"value": measured.value, "low": measured.low, "high": measured.high}
    numbers |= {"paper": quantity.paper, "logged": quantity.logged}
    return {
        "quantity": quantity.name,
        "unit": quantity.unit,
        **{name: _finite(value) for name, value in numbers.items()},
        "stated": measured.stated,
        "seeds": measured.seeds,
        "images": measured.images,
        "dataset": measured.dataset,
        "split": measured.split,
        "protocol": measured.protocol,
        "runs": measured.runs,
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
