"""The part of README.md that the ledger decides: counts of verdicts, and what runs say."""

from collections import Counter
from collections.abc import Iterator, Sequence

from analysis.cases import INCONCLUSIVE, NOT_RUN, NOT_TESTABLE, WORDS
from analysis.claim_lines import Line
from analysis.ledger_rows import Row
from analysis.ledger_table import counted, reported
from analysis.measurement import Measured, interval

MOST = 40  # rows
COLUMNS = (
    *("", "Claim", "Paper", "Measured", "95 % interval", "n", "Data set", "Verdict"),
)


def readme(rows: Sequence[Row]) -> str:
    """Verdict counts, and a table of what is measured on images with an interval.

    Of more than MOST rows those with a verdict stand here, inconclusive ones after them
    while there is room.
    """
    found = [
        (row, line, each)
        for row in rows
        for line in row.lines
        for each in line.measured
        if _shown(line, each)
    ]
    # What is decided sorts first, as False; each half keeps the order of the ledger.
    places = range(len(found))
    first = sorted(places, key=lambda n: found[n][1].verdict.word == INCONCLUSIVE)
    kept = [found[place] for place in sorted(first[:MOST])]
    parts = [_counts(rows)]
    if kept:
        parts.append("\n".join(_table(kept)))
    if more := len(found) - len(kept):
        parts.append(f"{more} more such rows are in the ledger of the page.")
    return "\n\n".join(parts)


def _shown(line: Line, measured: Measured) -> bool:
    open_ones = (NOT_RUN, NOT_TESTABLE)
    known = measured.needs_data and measured.has_interval
    return known and line.verdict.word not in open_ones


def _counts(rows: Sequence[Row]) -> str:
    known = Counter(word for row in rows for word in row.words)
    listed = ", ".join(f"{known[word]} {word}" for word in WORDS if known[word])
    notes = sum(row.claim.kind == "note" for row in rows)
    return (
        f"{len(rows)} claims, {len(rows) - notes} of the paper and {notes} of later notes: "
        f"{listed}. One with several conditions counts for each of its verdicts."
    )


def _table(found: Sequence[tuple[Row, Line, Measured]]) -> Iterator[str]:
    yield _line(COLUMNS)
    yield _line(["---"] * len(COLUMNS))
    above = ""
    for row, line, measured in found:
        claim = row.claim
        quantity = claim.quantity(measured.quantity)
        known = (quantity.paper, quantity.logged) != (None, None)
        images = f"{measured.images:,} images" if measured.images else ""
        yield _line(
            (
                f"**{claim.id}**",
                claim.statement if claim.id != above else "",
                reported(quantity) if known else "",
                measured.stated,
                interval(measured.low, measured.high, measured.unit),
                ", ".join(filter(None, (counted(measured), images))),
                f"{measured.dataset}, {measured.split}".strip(", "),
                line.verdict.word,
            )
        )
        above = claim.id


def _line(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
