"""The claims of the paper and of later notes: claims.toml, read and checked.

A claim has one or more quantities; each names what the paper reports of it, and the
value at which there would be no effect. What the fields mean is said in claims.toml.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from analysis.claims import fields
from analysis.claims.measurement import Printed
from analysis.evidence.runs import ReportError

CLAIMS = Path(__file__).with_name("claims.toml")
NOTE_ERRORS = Path(__file__).with_name("note_errors.toml")
COLUMNS = ("smoke", "cifar10", "tiny-imagenet", "imagenette", "imagenet")


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One number of a claim, in `unit`; None is what is not reported or not needed."""

    name: str = ""
    unit: str = ""
    paper: float | None = None  # as printed; of a later note, what it claims
    logged: float | None = None  # in the authors' own run notes
    implied: float | None = None  # what the paper's other numbers give instead
    bound: str | None = None  # "at least" or "at most" the paper's value
    rounding: float = 0.0  # the paper's value is rounded to multiples of this
    direction: str | None = None  # "greater" or "less" than no effect
    no_effect: float | None = None
    margin: float | None = None  # an effect within it counts as none: equivalence
    within: float | None = None  # half-width at most, where only a value is claimed
    command: str = ""  # with {profile}; empty where nothing here runs it


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One row of the ledger."""

    id: str
    group: str  # title of its part of the ledger
    section: str  # of the paper, or which notes
    kind: str
    statement: str
    test: str
    quantities: tuple[Quantity, ...]
    testable_on: Mapping[str, str]  # profile -> one of claim_fields.MARKS
    data: str = ""  # the paper's, with its protocol
    measure: str = ""  # what is measured, and its sign
    why: str = ""  # why nothing decides it

    def quantity(self, name: str) -> Quantity:
        """The quantity called `name`; raises ReportError naming the known ones."""
        for quantity in self.quantities:
            if quantity.name == name:
                return quantity
        known = ", ".join(repr(quantity.name) for quantity in self.quantities)
        raise ReportError(f"{self.id}: unknown quantity {name!r}; known: {known}")


@dataclass(frozen=True)
class NoteError:
    """A slip in the reading notes."""

    notes: str
    says: str
    correct: str


def load(path: Path = CLAIMS) -> tuple[Claim, ...]:
    """Every claim in order; raises ReportError naming the entry and what is wrong."""
    claims: dict[str, Claim] = {}
    for group in _read(path, "group", {"title", "claim"}):
        fields.required(path, "group", group, {"title"})
        title = group["title"]
        for entry in fields.tables(path, title, group, "claim", fields.OF_CLAIM):
            claim = _claim(path, title, entry)
            if claim.id in claims:
                raise ReportError(f"{path}: {claim.id} stands there twice")
            claims[claim.id] = claim
    return tuple(claims.values())


def load_note_errors(path: Path = NOTE_ERRORS) -> tuple[NoteError, ...]:
    """The slips in the reading notes; raises ReportError on a malformed entry."""
    names = {"notes", "says", "correct"}
    entries = _read(path, "error", names)
    for number, entry in enumerate(entries, 1):
        fields.required(path, f"error {number}", entry, names)
    return tuple(NoteError(**entry) for entry in entries)


def _read(path: Path, name: str, allowed: set[str]) -> list[dict[str, Any]]:
    """The tables that are all there is in the file."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Printed)
    except (OSError, ValueError) as error:
        raise ReportError(f"{path}: not readable ({error})") from error
    fields.known(path, "the file", document, {name})
    return fields.tables(path, "the file", document, name, allowed)


def _claim(path: Path, group: str, entry: dict[str, Any]) -> Claim:
    where = str(entry.get("id", f"a claim of {group!r}"))
    fields.required(path, where, entry, fields.REQUIRED)
    fields.typed(path, where, entry)
    quantities = _quantities(path, where, entry)
    for quantity in quantities:
        if missing := _missing(entry["test"], quantity):
            name = f"{quantity.name}: " if quantity.name else ""
            raise ReportError(f"{path}: {where}: {name}{missing}")
    marks = _marks(path, where, entry["testable_on"])
    undecided = entry["test"] in fields.UNDECIDED or set(marks.values()) == {"-"}
    if undecided != bool(entry.get("why")):
        raise ReportError(f"{path}: {where}: `why` is for what nothing here decides")
    texts = (fields.REQUIRED | fields.TEXTS) - {"testable_on"}
    return Claim(
        group=group,
        quantities=quantities,
        testable_on=marks,
        **{name: entry[name] for name in texts & entry.keys()},
    )


def _marks(path: Path, where: str, marks: list[str]) -> Mapping[str, str]:
    for mark in marks:
        fields.one_of(path, f"{where}: testable_on", mark, fields.MARKS)
    if len(marks) != len(COLUMNS):
        raise ReportError(f"{path}: {where}: testable_on has not {len(COLUMNS)} marks")
    return MappingProxyType(dict(zip(COLUMNS, marks, strict=True)))


def _quantities(path: Path, where: str, entry: dict) -> tuple[Quantity, ...]:
    shared = {name: entry[name] for name in fields.SHARED & entry.keys()}
    if entry["test"] in fields.NO_EFFECT:
        shared.setdefault("no_effect", fields.NO_EFFECT[entry["test"]])
    found: dict[str, Quantity] = {}
    numbers = {"numbers": [{}]} | entry
    for number in fields.tables(path, where, numbers, "numbers", fields.OF_NUMBER):
        fields.typed(path, where, number)
        quantity = Quantity(**shared | number)
        if quantity.name in found:
            raise ReportError(f"{path}: {where}: two numbers called {quantity.name!r}")
        found[quantity.name] = quantity
    return tuple(found.values())


def _missing(test: str, quantity: Quantity) -> str:
    """What a test of this kind cannot do without; empty where all is there."""
    if test in fields.VALUES and quantity.paper is None:
        return "a value is claimed, but there is no `paper`"
    if test in fields.EFFECTS and quantity.no_effect is None:
        return "an effect is claimed, but there is no `no_effect`"
    if test in fields.EFFECTS and (
        (quantity.direction is None) == (quantity.margin is None)
    ):
        return "an effect has a `direction` or, where it is none, a `margin`"
    return ""
