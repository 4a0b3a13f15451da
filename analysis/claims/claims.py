"""The claims of the paper and of later notes: claims.toml, read and checked.

A claim has one or more quantities; each names what the paper reports of it, and the
value at which there would be no effect. What the fields mean is said in claims.toml.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    field_validator,
    model_validator,
)

from analysis.claims.measurement import Printed
from analysis.evidence.data_sets import DATA_SETS
from analysis.evidence.runs import ReportError

CLAIMS = Path(__file__).with_name("claims.toml")
NOTE_ERRORS = Path(__file__).with_name("note_errors.toml")

COLUMNS = ("smoke", "cifar10", "tiny-imagenet", "imagenette", "imagenet")
MARKS = {
    "=": "the reported value itself",
    "~": "the direction",
    "~?": "the direction, probably lost in noise",
    "s": "that the code runs",
    "-": "nothing",
}
# Where there would be no effect; a permutation states its own.
NO_EFFECT = {"difference": 0.0, "ratio": 1.0, "ordering": 0.0}
EFFECTS = {"difference", "ratio", "permutation", "ordering"}
VALUES = {"count", "equality"}
UNDECIDED = {"quote", "none"}


def _number(value: Any) -> float:
    """As it is, so that a printed number keeps its digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("expected a number")  # noqa: TRY004  which pydantic collects
    return value


Number = Annotated[float, PlainValidator(_number)]
Text = Annotated[str, Field(min_length=1)]
Unit = Literal["", "%", "points", "times", "GB", "nats", "days", "bits"]
Mark = Literal["=", "~", "~?", "s", "-"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Quantity(_Entry):
    """One number of a claim, in `unit`; None is what is not reported or not needed."""

    name: str = ""
    unit: Unit = ""
    paper: Number | None = None  # as printed; of a later note, what it claims
    logged: Number | None = None  # in the authors' own run notes
    implied: Number | None = None  # what the paper's other numbers give instead
    bound: Literal["at least", "at most"] | None = None  # the paper's value
    rounding: Number = 0.0  # the paper's value is rounded to multiples of this
    direction: Literal["greater", "less"] | None = None  # than no effect
    no_effect: Number | None = None
    margin: Number | None = None  # an effect within it counts as none: equivalence
    within: Number | None = None  # half-width at most, where only a value is claimed
    command: str = ""  # with {profile}; empty where nothing here runs it


SHARED = ("unit", "direction", "no_effect", "margin", "within", "command")


class Claim(_Entry):
    """One row of the ledger."""

    id: Text
    group: Text  # title of its part of the ledger
    section: Text  # of the paper, or which notes
    kind: Literal[
        *("table row", "figure", "ablation", "count", "architecture", "formula"),
        *("recipe", "timing", "definition", "data set", "qualitative", "expectation"),
        *("historical", "note"),
    ]
    statement: Text
    test: Literal[
        *("count", "equality", "difference", "ratio", "permutation", "ordering"),
        *("quote", "none"),
    ]
    quantities: Annotated[tuple[Quantity, ...], Field(min_length=1)]
    testable_on: dict[str, Mark]  # by profile
    topic: str = ""  # of the page, under which it is told; empty: the ledger alone
    data: str = ""  # the paper's, with its protocol
    measure: str = ""  # what is measured, and its sign
    why: str = ""  # why nothing decides it

    @field_validator("quantities")
    @classmethod
    def _named_apart(cls, quantities: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
        names = [quantity.name for quantity in quantities]
        if len({*names}) < len(names):
            raise ValueError(f"two numbers have the same name: {names}")
        return quantities

    @model_validator(mode="after")
    def _complete(self) -> "Claim":
        """Every test has what it cannot do without."""
        for quantity in self.quantities:
            if self.test in VALUES and quantity.paper is None:
                raise ValueError("a value is claimed, but there is no `paper`")
            if self.test not in EFFECTS:
                continue
            if quantity.no_effect is None:
                raise ValueError("an effect is claimed, but there is no `no_effect`")
            if (quantity.direction is None) == (quantity.margin is None):
                raise ValueError(
                    "an effect has a `direction` or, where it is none, a `margin`"
                )
        undecided = self.test in UNDECIDED or {*self.testable_on.values()} == {"-"}
        if undecided != bool(self.why):
            raise ValueError("`why` is for what nothing here decides")
        return self

    def quantity(self, name: str) -> Quantity:
        """The quantity called `name`; raises ReportError naming the known ones."""
        for quantity in self.quantities:
            if quantity.name == name:
                return quantity
        known = ", ".join(repr(quantity.name) for quantity in self.quantities)
        raise ReportError(f"{self.id}: unknown quantity {name!r}; known: {known}")


class NoteError(_Entry):
    """A slip in the reading notes."""

    notes: Text
    says: Text
    correct: Text


class Group(_Entry):
    """A part of the ledger; its claims are checked one by one."""

    title: Text
    claim: Annotated[list[dict[str, Any]], Field(min_length=1)]


Entry = TypeVar("Entry", Claim, Group, NoteError)


def load(path: Path = CLAIMS) -> tuple[Claim, ...]:
    """Every claim in order; raises ReportError naming the entry and what is wrong."""
    claims: dict[str, Claim] = {}
    for part in _tables(path, "group"):
        group = _checked(path, Group, part)
        for entry in group.claim:
            claim = _checked(path, Claim, _expanded(path, group.title, entry))
            if claim.id in claims:
                raise ReportError(f"{path}: {claim.id} stands there twice")
            claims[claim.id] = claim
    return tuple(claims.values())


def load_note_errors(path: Path = NOTE_ERRORS) -> tuple[NoteError, ...]:
    """The slips in the reading notes; raises ReportError on a malformed entry."""
    return tuple(_checked(path, NoteError, entry) for entry in _tables(path, "error"))


def _expanded(path: Path, group: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Numbers take what they share from the claim; marks are named by profile.

    A data set without marks of its own takes those of the one that it is `like`.
    """
    entry = {"group": group} | entry
    shared = {name: entry.pop(name) for name in SHARED if name in entry}
    if entry.get("test") in NO_EFFECT:
        shared.setdefault("no_effect", NO_EFFECT[entry["test"]])
    numbers, marks = entry.pop("numbers", [{}]), entry.pop("testable_on", [])
    if not all(isinstance(number, dict) for number in numbers):
        raise ReportError(f"{path}: {entry.get('id')}: numbers is not a list of tables")
    if len(marks) != len(COLUMNS):
        raise ReportError(
            f"{path}: {entry.get('id')}: testable_on has {len(marks)} marks, "
            f"not {len(COLUMNS)}"
        )
    own = dict(zip(COLUMNS, marks, strict=True))
    alike = {name: own[one.like] for name, one in DATA_SETS.items() if one.like}
    return entry | {
        "quantities": tuple(shared | number for number in numbers),
        "testable_on": own | alike,
    }


def _tables(path: Path, name: str) -> list[dict[str, Any]]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Printed)
    except (OSError, ValueError) as error:
        raise ReportError(f"{path}: not readable ({error})") from error
    if document.keys() != {name}:
        raise ReportError(f"{path}: has {', '.join(document) or 'nothing'}, not {name}")
    found = document[name]
    if not (isinstance(found, list) and all(isinstance(each, dict) for each in found)):
        raise ReportError(f"{path}: {name} is not a list of tables")
    return found


def _checked(path: Path, kind: type[Entry], entry: dict[str, Any]) -> Entry:
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        first = min(found, key=lambda each: each["type"] == "missing")  # or misspelled
        where = ".".join([str(entry.get("id", entry)), *map(str, first["loc"])])
        raise ReportError(
            f"{path}: {where}: {first['msg']}, not {first['input']!r:.80}"
        ) from error
