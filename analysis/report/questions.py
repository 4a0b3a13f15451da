"""Questions of a reader, each answered by one claim of the ledger."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.claims.claims import Quantity
from analysis.claims.measurement import Measured, interval
from analysis.ledger.in_short import (
    counted,
    deciding,
    paper_value,
    short_data,
    short_value,
)
from analysis.ledger.rows import Row

QUESTIONS = Path(__file__).with_name("questions.toml")
MOST = 2  # numbers of an answer


@dataclass(frozen=True)
class Answer:
    """A question, the claim that answers it, and what was measured of it."""

    ask: str
    says: str
    row: Row
    quantity: Quantity
    measured: tuple[Measured, ...]
    paper: str  # in words

    @property
    def values(self) -> list[tuple[str, str]]:
        """Each number, and what it is of: interval, condition, data set and runs.

        Conditions that all numbers share are left out, and their data are said once.
        """
        if all(each.exact for each in self.measured):
            return [(each.stated, "") for each in self.measured]
        conditions = [_conditions(each) for each in self.measured]
        data = [_data(each) for each in self.measured]
        if len(data) > 1:
            shared = {*conditions[0]}.intersection(*conditions)
            conditions = [[x for x in own if x not in shared] for own in conditions]
            data = ["" if own == data[-1] else own for own in data[:-1]] + data[-1:]
        return [
            (
                short_value(each),
                "; ".join(filter(None, (_limits(each), ", ".join(own), of))),
            )
            for each, own, of in zip(self.measured, conditions, data, strict=True)
        ]

    @property
    def numbers(self) -> str:
        """The values in one line of text."""
        return " and ".join(value + f" ({of})" * bool(of) for value, of in self.values)


def answered(rows: Sequence[Row]) -> list[Answer]:
    """The questions of questions.toml in their order."""
    known = {row.claim.id: row for row in rows}
    asked = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))["question"]
    return [_answer(known[each["claim"]], each) for each in asked]


def _answer(row: Row, asked: dict[str, str]) -> Answer:
    """What was measured on images; of a count, what decides the claim."""
    name = asked.get("quantity", "")
    of_images = [
        each
        for line in row.lines
        for each in line.measured
        if each.needs_data and each.quantity == name
    ]
    exact = [each for line in deciding(row) for each in line.measured if each.exact]
    chosen = tuple((of_images or exact)[:MOST])
    quantity = row.claim.quantity(chosen[0].quantity if chosen else name or _first(row))
    paper = asked.get("paper", "") or paper_value(quantity)
    return Answer(asked["ask"], asked["says"], row, quantity, chosen, paper)


def _first(row: Row) -> str:
    return row.claim.quantities[0].name


def _limits(measured: Measured) -> str:
    return interval(measured.low, measured.high) if measured.has_interval else ""


def _conditions(measured: Measured) -> list[str]:
    """Those that a ratio states after its value."""
    words = measured.stated.rpartition(": ")[2] if measured.unit == "times" else ""
    return words.split(", ") if words else []


def _data(measured: Measured) -> str:
    return ", ".join(filter(None, (short_data(measured), counted(measured))))
