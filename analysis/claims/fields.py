"""Which fields an entry of claims.toml may and must have, and what may stand in them."""

from pathlib import Path
from typing import Any

from analysis.evidence.runs import ReportError

MARKS = {
    "=": "the reported value itself",
    "~": "the direction",
    "~?": "the direction, probably lost in noise",
    "s": "that the code runs",
    "-": "nothing",
}
KINDS = {
    *("table row", "figure", "ablation", "count", "architecture", "formula", "recipe"),
    *("timing", "definition", "data set", "qualitative", "expectation", "historical"),
    "note",
}
UNITS = {"", "%", "points", "times", "GB", "nats", "days", "bits"}

# Where there would be no effect; a permutation states its own.
NO_EFFECT = {"difference": 0.0, "ratio": 1.0, "ordering": 0.0}
EFFECTS = {"difference", "ratio", "permutation", "ordering"}
VALUES = {"count", "equality"}
UNDECIDED = {"quote", "none"}
TESTS = EFFECTS | VALUES | UNDECIDED

NUMBERS = {"paper", "logged", "implied", "no_effect", "margin", "within", "rounding"}
OF_NUMBER = NUMBERS | {"name", "unit", "direction", "bound", "command"}
SHARED = {"unit", "direction", "no_effect", "margin", "within", "command"}
REQUIRED = {"id", "section", "kind", "statement", "test", "testable_on"}
TEXTS = {"data", "measure", "why"}
OF_CLAIM = REQUIRED | TEXTS | SHARED | {"numbers"}
CHOICES = {
    "kind": KINDS,
    "test": TESTS,
    "direction": {"greater", "less"},
    "bound": {"at least", "at most"},
    "unit": UNITS,
}


def tables(
    path: Path, where: str, parent: dict, name: str, allowed: set[str]
) -> list[dict[str, Any]]:
    """The entries `name` of `parent`; raises ReportError on none, or unknown fields."""
    found = parent.get(name)
    dicts = isinstance(found, list) and all(isinstance(each, dict) for each in found)
    if not (dicts and found):
        raise ReportError(f"{path}: {where}: {name} is not a list of tables")
    for entry in found:
        known(path, str(entry.get("id", where)), entry, allowed)
    return found


def known(path: Path, where: str, entry: dict[str, Any], allowed: set[str]) -> None:
    """Raise ReportError where `entry` has a field that is not allowed."""
    for key in sorted(entry.keys() - allowed):
        names = ", ".join(sorted(allowed))
        raise ReportError(f"{path}: {where}: unknown field {key!r}; allowed: {names}")


def required(path: Path, where: str, entry: dict, fields: set[str]) -> None:
    """Raise ReportError unless `entry` has every field: text, or a list of marks."""
    for field in sorted(fields):
        wanted = list if field == "testable_on" else str
        value = entry.get(field)
        if not isinstance(value, wanted) or not value:
            raise ReportError(
                f"{path}: {where}: {field} is {value!r}; allowed: a {wanted.__name__}"
            )


def typed(path: Path, where: str, entry: dict) -> None:
    """Raise ReportError where a text is no text, a number none, or no known choice."""
    for field, value in entry.items():
        if field in ("testable_on", "numbers"):
            continue
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        kind = "number" if field in NUMBERS else "text"
        if is_number != (kind == "number") or not (is_number or isinstance(value, str)):
            raise ReportError(
                f"{path}: {where}: {field} is {value!r}; allowed: a {kind}"
            )
        if field in CHOICES:
            one_of(path, f"{where}: {field}", value, CHOICES[field])


def one_of(path: Path, where: str, value: object, allowed: set | dict) -> None:
    """Raise ReportError where `value` is not one of those allowed."""
    if value not in tuple(allowed):
        names = ", ".join(map(repr, sorted(allowed)))
        raise ReportError(f"{path}: {where} is {value!r}; allowed: {names}")
