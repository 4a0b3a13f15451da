"""Intervals beside the paper's value, as small drawings that share a scale."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from analysis.claims.verdicts import NOT_RUN
from analysis.report.questions import Answer

WIDTH, HEIGHT, EDGE = 190, 30, 8


@dataclass(frozen=True)
class Scale:
    """From the numbers of one unit to pixels; ratios by their logarithms."""

    low: float
    high: float
    logarithmic: bool

    def x(self, value: float) -> float:
        """Where a value lies, at the edge where it lies outside."""
        part = (self._part(value) - self._part(self.low)) / (
            self._part(self.high) - self._part(self.low)
        )
        return round(EDGE + (WIDTH - 2 * EDGE) * min(1.0, max(0.0, part)), 1)

    def _part(self, value: float) -> float:
        return math.log(max(value, 1e-9)) if self.logarithmic else value


def scales(answers: Iterable[Answer]) -> dict[str, Scale]:
    """One scale for all numbers of a unit."""
    known: dict[str, list[float]] = {}
    for answer in answers:
        known.setdefault(answer.quantity.unit, []).extend(_values(answer))
    return {
        unit: Scale(min(values), max(values), unit == "times")
        for unit, values in known.items()
        if len({*values}) > 1
    }


def _values(answer: Answer) -> list[float]:
    """Every number of an answer that a drawing shows.

    None without an interval, or beside a paper's value of other data.
    """
    drawn = [each for each in answer.measured if each.has_interval]
    if not drawn or answer.row.verdict == NOT_RUN:
        return []
    quantity = answer.quantity
    values = [
        *(quantity.paper, quantity.no_effect),
        *(value for each in drawn for value in (each.low, each.high)),
    ]
    return [value for value in values if value is not None and math.isfinite(value)]


def drawing(answer: Answer, known: dict[str, Scale]) -> str:
    """The intervals of an answer as SVG; empty where it has none."""
    scale = known.get(answer.quantity.unit)
    if scale is None or not _values(answer):
        return ""
    middle = HEIGHT / 2
    parts = [_line("axis", EDGE, WIDTH - EDGE)]
    if answer.quantity.no_effect is not None:
        x = scale.x(answer.quantity.no_effect)
        parts.append(f'<line class="none" x1="{x}" x2="{x}" y1="4" y2="{HEIGHT - 4}"/>')
    drawn = [each for each in answer.measured if each.has_interval]
    for number, each in enumerate(drawn, start=1):
        y = HEIGHT * number / (len(drawn) + 1)
        parts.append(_line("limits", scale.x(each.low), scale.x(each.high), y))
        parts.append(
            f'<circle class="here" cx="{scale.x(each.value)}" cy="{y:g}" r="4"/>'
        )
    if answer.quantity.paper is not None:
        x = scale.x(answer.quantity.paper)
        parts.append(f'<path class="paper" d="{diamond(x, middle)}"/>')
    label = escape(f"{answer.numbers}; the paper: {answer.paper}")
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _line(name: str, first: float, last: float, y: float = HEIGHT / 2) -> str:
    return f'<line class="{name}" x1="{first}" x2="{last}" y1="{y:g}" y2="{y:g}"/>'


def diamond(x: float, y: float) -> str:
    """The path of the mark of the paper's value."""
    return f"M{x:g} {y - 8:g}l6 8l-6 8l-6 -8z"


def key() -> str:
    """What the marks mean."""
    here = f'{_line("limits", 2, 38)}<circle class="here" cx="20" cy="15" r="4"/>'
    paper = f'<path class="paper" d="{diamond(8, HEIGHT / 2)}"/>'
    none = f'<line class="none" x1="4" x2="4" y1="4" y2="{HEIGHT - 4}"/>'
    marks = {
        "here, 95 % interval": (40, here),
        "paper": (16, paper),
        "no effect": (8, none),
    }
    shown = "".join(
        f'<span><svg width="{width}" height="{HEIGHT}" aria-hidden="true">{mark}</svg> '
        f"{name}</span>"
        for name, (width, mark) in marks.items()
    )
    return f'<p class="key">{shown}</p>'
