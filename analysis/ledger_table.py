"""The ledger as tables that a reader can search, sort and print.

Each claim is a `<tbody id="claim-F1a" data-verdicts="…">` with one row a condition, so
that a script may filter and sort whole claims; the tables are complete without one.
"""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from analysis.claim_lines import Line
from analysis.claims import Claim, NoteError, Quantity
from analysis.ledger_rows import Row
from analysis.measurement import Measured, interval, number
from analysis.sections import Html

COLUMNS = ("Claim", "Verdict", "Paper", "Measured", "Data", "Evidence")
EMPTY = "–"


def tables(rows: Sequence[Row]) -> Html:
    """One table for each group of claims, in their order."""
    parts = [
        _table(title, list(group))
        for title, group in groupby(rows, lambda row: row.claim.group)
    ]
    return Html("\n".join(parts))


def slips(errors: Sequence[NoteError]) -> Html:
    """The slips in the reading notes, one row each."""
    rows = "\n".join(
        f'<tr><th scope="row">{escape(error.notes)}</th>'
        f'<td class="prose">{escape(error.says)}</td>'
        f'<td class="prose">{escape(error.correct)}</td></tr>'
        for error in errors
    )
    title = f"Five sets of reading notes, 000 to 004: {len(errors)} slips"
    return Html(
        _framed(title, ("Notes", "They say", "Right"), f"<tbody>{rows}</tbody>")
    )


def _table(title: str, rows: list[Row]) -> str:
    bodies = "\n".join(map(_body, rows))
    return _framed(f"{title}: {len(rows)} claims", COLUMNS, bodies)


def _framed(label: str, columns: Iterable[str], bodies: str) -> str:
    """A table that scrolls inside its own box."""
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">\n'
        f'<table class="ledger"><caption><span>{escape(label)}</span></caption>\n'
        f"<thead><tr>{head}</tr></thead>\n{bodies}\n</table></div>"
    )


def _body(row: Row) -> str:
    verdicts = ",".join(dict.fromkeys(line.verdict.word for line in row.lines))
    lines = [
        "<tr>" + (_claim(row) if not place else "") + _cells(row, line) + "</tr>"
        for place, line in enumerate(row.lines)
    ]
    anchor = escape(f"claim-{row.claim.id}")
    rows = "\n".join(lines)
    return f'<tbody id="{anchor}" data-verdicts="{escape(verdicts)}">\n{rows}\n</tbody>'


def _claim(row: Row) -> str:
    claim = row.claim
    facts = [f"{claim.kind}; {claim.section}"]
    facts += [f"Measured: {claim.measure}."] if claim.measure else []
    small = "".join(f"<br><small>{escape(fact)}</small>" for fact in facts)
    text = f"<b>{escape(claim.id)}</b> {escape(claim.statement)}{small}"
    span = f' rowspan="{len(row.lines)}"' if len(row.lines) > 1 else ""
    return f'<th scope="row" class="prose"{span}>{text}</th>'


def _cells(row: Row, line: Line) -> str:
    quantities = [row.claim.quantity(each.quantity) for each in line.measured]
    # Several measurements of one quantity have one reported number.
    reported = dict.fromkeys(quantities or line.unmeasured)
    cells = (
        _verdict(line),
        _lines(map(_paper, reported)),
        _lines(map(_measured, line.measured)),
        _data(row.claim, line),
        _evidence(row, line),
    )
    return "".join(f'<td class="prose">{content}</td>' for content in cells)


def _verdict(line: Line) -> str:
    verdict = line.verdict
    commands = (f"<code>{escape(command)}</code>" for command in verdict.commands)
    return _lines((f"<b>{escape(verdict.word)}</b>", escape(verdict.reason), *commands))


def _paper(quantity: Quantity) -> str:
    """The paper's value, and the one that the authors logged."""
    parts = []
    if quantity.paper is not None:
        bound = f"{quantity.bound} " if quantity.bound else ""
        parts.append(f"{bound}{number(quantity.paper, quantity.unit)}")
    if quantity.logged is not None:
        parts.append(f"logged {number(quantity.logged, quantity.unit)}")
    if not (parts or quantity.name):
        return ""
    name = f"{quantity.name}: " if quantity.name else ""
    return escape(name + (", ".join(parts) or "no number"))


def _measured(measured: Measured) -> str:
    """The value, its interval and how many runs it is of."""
    seeds = " and ".join(map(str, measured.seeds))
    facts = [f"n = {seeds} runs"] if seeds else []
    if measured.has_interval:
        limits = interval(measured.low, measured.high, measured.unit)
        facts.insert(0, f"95 % interval {limits}")
    small = f"<br><small>{escape(', '.join(facts))}</small>" if facts else ""
    return escape(measured.stated) + small


def _data(claim: Claim, line: Line) -> str:
    parts = list(dict.fromkeys(map(_images, line.measured)))
    if claim.data:
        parts.append(f"<small>paper: {escape(claim.data)}</small>")
    return _lines(parts)


def _images(measured: Measured) -> str:
    """Data set, split, how many images, protocol."""
    count = f"n = {measured.images:,}" if measured.images else ""
    where = f"{measured.dataset} {measured.split}".strip()
    protocol = f"<br><small>{escape(measured.protocol)}</small>"
    known = escape(", ".join(filter(None, (where, count))))
    return known + protocol * bool(measured.protocol)


def _evidence(row: Row, line: Line) -> str:
    if not line.measured:
        return EMPTY
    links = [f'<a href="#{escape(topic)}">{escape(topic)}</a>' for topic in row.topics]
    runs = dict.fromkeys(name for each in line.measured for name in each.runs)
    if runs:
        many = f"{len(runs)} run{'s' * (len(runs) > 1)}, profile {line.profile}"
        names = _lines(map(escape, runs))
        links.append(f"<details><summary>{escape(many)}</summary>{names}</details>")
    return " ".join(links)


def _lines(parts: Iterable[str]) -> str:
    return "<br>".join(filter(None, parts)) or EMPTY
