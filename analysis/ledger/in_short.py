"""A claim in short: its verdict as a badge, and the numbers that decide it."""

from collections import Counter
from collections.abc import Iterable
from html import escape

from analysis.claims.claims import Quantity
from analysis.claims.measurement import Measured, interval, number
from analysis.claims.verdicts import (
    CONTRADICTED,
    DEPENDS,
    DIRECTION,
    EXACT,
    INCONCLUSIVE,
    INCONSISTENT,
    NOT_RUN,
    NOT_TESTABLE,
    PLAIN,
    REPRODUCED,
)
from analysis.ledger.lines import Line
from analysis.ledger.rows import Row
from analysis.statistics.numbers import signed

SHOWN = 2  # numbers on the line of a claim
GLYPHS = {
    EXACT: "=",
    REPRODUCED: "✓",
    DIRECTION: "↑",
    DEPENDS: "±",
    INCONCLUSIVE: "?",
    CONTRADICTED: "↓",
    INCONSISTENT: "!",
    NOT_RUN: "·",
    NOT_TESTABLE: "–",
}


def kind(word: str) -> str:
    """The class of elements that have this verdict."""
    return word.replace(" ", "-")


def badge(word: str) -> str:
    """A verdict as colour, glyph and plain word."""
    glyph = f'<i aria-hidden="true">{GLYPHS[word]}</i>'
    return f'<span class="badge {kind(word)}">{glyph} {PLAIN[word]}</span>'


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """How many claims have each verdict: they add up to all claims.

    That none is reproduced is said too; other verdicts that no claim has are not.
    """
    known = Counter(row.verdict for row in rows)
    return {word: known[word] for word in PLAIN if known[word] or word == REPRODUCED}


def deciding(row: Row) -> list[Line]:
    """The measured conditions that give a claim its verdict; of a mixed one, one each.

    Where none decides, all that are measured.
    """
    measured = [line for line in row.lines if line.measured]
    if row.verdict in (NOT_RUN, NOT_TESTABLE):
        return measured
    if row.verdict == DEPENDS:
        words = {line.verdict.word: line for line in reversed(measured)}
        return [line for line in measured if words[line.verdict.word] is line]
    alike = {row.verdict} | ({CONTRADICTED} if row.verdict == INCONSISTENT else set())
    return [line for line in measured if line.verdict.word in alike] or measured


def in_short(row: Row) -> str:
    """The numbers that decide a claim, each with its interval, data set and runs."""
    found = [
        (line, [None] if _all_agree(line) else line.measured) for line in deciding(row)
    ]
    each = [(line, measured) for line, several in found for measured in several]
    shown = "".join(_short(row, line, measured) for line, measured in each[:SHOWN])
    more = len(each) - SHOWN
    return shown + f"<span><small>and {more} more</small></span>" * (more > 0)


def _all_agree(line: Line) -> bool:
    return line.verdict.word == EXACT and len(line.measured) > 1


def _short(row: Row, line: Line, measured: Measured | None) -> str:
    """A number on its line; None stands for several that agree."""
    if measured is None:
        return f"<span>{escape(line.verdict.reason)}</span>"
    quantity = row.claim.quantity(measured.quantity)
    if measured.exact and quantity.paper == 0:  # a deviation, which rounding makes
        return f"<span>{escape(line.verdict.reason)}</span>"
    known = [short_data(measured), counted(measured)]
    if quantity.paper is not None and line.verdict.word != EXACT:
        whose = "notes" if row.claim.kind == "note" else "paper"
        known.append(f"{whose} {paper_value(quantity)}")
    text = measured.stated if measured.exact else _with_limits(measured)
    small = escape(", ".join(filter(None, known)))
    return f"<span>{escape(text)}{f' <small>{small}</small>' * bool(small)}</span>"


def _with_limits(measured: Measured) -> str:
    name = f"{measured.quantity}: " if measured.quantity else ""
    limits = (
        f" ({interval(measured.low, measured.high)})" if measured.has_interval else ""
    )
    return f"{name}{short_value(measured)}{limits}"


def short_value(measured: Measured) -> str:
    """The value with two digits: an effect with its sign, a ratio as times."""
    if measured.unit in ("points", "nats"):
        return f"{signed(measured.value)} {measured.unit}"
    times = " times" * (measured.unit == "times")
    return number(round(measured.value, 2), measured.unit) + times


def short_data(measured: Measured) -> str:
    """The data set without what was left out of it."""
    return measured.dataset.partition(" (")[0]


def paper_value(quantity: Quantity) -> str:
    """What the paper says of a quantity, of which it says something."""
    bound = f"{quantity.bound} " if quantity.bound else ""
    return bound + number(quantity.paper, quantity.unit)


def counted(measured: Measured) -> str:
    """How many runs a measurement is of, in each of its arms."""
    seeds = " and ".join(map(str, measured.seeds))
    return f"{seeds} run{'s' * (measured.seeds != (1,))}" if seeds else ""


def anchor(row: Row) -> str:
    """The id of a claim on the page."""
    return escape(f"claim-{row.claim.id}")
