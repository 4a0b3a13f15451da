"""The part of README.md that the ledger decides: counts of verdicts, and what runs say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from analysis.claims.measurement import Measured, interval
from analysis.claims.verdicts import NOT_RUN, NOT_TESTABLE, WORDS
from analysis.ledger.lines import Line
from analysis.ledger.rows import Row
from analysis.ledger.table import counted, reported

COLUMNS = (
    *("", "Claim", "Paper", "Measured", "95 % interval", "n", "Data set", "Verdict"),
)

Condition = tuple[Line, Measured]


def readme(rows: Sequence[Row]) -> str:
    """Verdict counts, and a row for each claim measured on images with an interval.

    A row has the first condition of the ledger, whatever it says, and the verdicts of
    the others; that of an order has all, which are decided together.
    """
    found = [
        (row, [(line, each) for line in row.lines for each in line.measured])
        for row in rows
    ]
    shown = [(row, list(filter(_shown, each))) for row, each in found]
    kept = [(row, conditions) for row, conditions in shown if conditions]
    parts = [_counts(rows)]
    if kept:
        parts.append("\n".join(_table(kept)))
    return "\n\n".join(parts)


def _shown(condition: Condition) -> bool:
    line, measured = condition
    open_ones = (NOT_RUN, NOT_TESTABLE)
    known = measured.needs_data and measured.has_interval
    return known and line.verdict.word not in open_ones


def _counts(rows: Sequence[Row]) -> str:
    listed = _listed(word for row in rows for word in row.words)
    notes = sum(row.claim.kind == "note" for row in rows)
    return (
        f"{len(rows)} claims, {len(rows) - notes} of the paper and {notes} of later notes: "
        f"{listed}. One with several conditions counts for each of its verdicts."
    )


def _listed(words: Iterable[str]) -> str:
    known = Counter(words)
    return ", ".join(f"{known[word]} {word}" for word in WORDS if known[word])


def _table(found: Sequence[tuple[Row, list[Condition]]]) -> Iterator[str]:
    yield _line(COLUMNS)
    yield _line(["---"] * len(COLUMNS))
    for row, [(line, measured), *others] in found:
        claim = row.claim
        quantity = claim.quantity(measured.quantity)
        known = (quantity.paper, quantity.logged) != (None, None)
        images = f"{measured.images:,} images" if measured.images else ""
        besides = _listed(other.verdict.word for other, _ in others)
        stated = measured.stated
        limits = interval(measured.low, measured.high, measured.unit)
        if claim.test == "ordering":
            every = [measured, *(other for _, other in others)]
            stated, limits, besides = "; ".join(map(_with_limits, every)), "", ""
        yield _line(
            (
                f"**{claim.id}**",
                claim.statement,
                reported(quantity) if known else "",
                stated,
                limits,
                ", ".join(filter(None, (counted(measured), images))),
                f"{measured.dataset}, {measured.split}".strip(", "),
                line.verdict.word + f"; other conditions: {besides}" * bool(besides),
            )
        )


def _with_limits(measured: Measured) -> str:
    return f"{measured.stated} ({interval(measured.low, measured.high, measured.unit)})"


def _line(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
