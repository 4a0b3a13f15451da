"""The ledger as HTML: every claim on one line, and all that is known of it behind that.

Whoever only looks sees the claim, the number that decides it and its verdict. Opened, a
claim has a row for each condition: verdict, the paper's number, ours, data and runs.
"""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from analysis.claims.claims import NoteError, Quantity
from analysis.claims.measurement import Measured, interval, number
from analysis.claims.verdicts import PLAIN
from analysis.display.sections import Html
from analysis.ledger.in_short import (
    anchor,
    badge,
    counted,
    counts,
    in_short,
    kind,
    paper_value,
)
from analysis.ledger.lines import Line
from analysis.ledger.rows import Row

COLUMNS = ("Verdict", "Paper", "Measured", "Data", "Evidence")
EMPTY = "–"


def framed(label: str, columns: Iterable[str], body: str, name: str) -> str:
    """A table that scrolls inside its own box."""
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    widths = f"<colgroup>{'<col>' * head.count('<th')}</colgroup>"
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">\n'
        f'<table class="{name}"><caption><span>{escape(label)}</span></caption>{widths}\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def slips(errors: Sequence[NoteError]) -> Html:
    """The slips in the reading notes, one row each."""
    body = "\n".join(
        f'<tr><th scope="row">{escape(error.notes)}</th>'
        f'<td class="prose">{escape(error.says)}</td>'
        f'<td class="prose">{escape(error.correct)}</td></tr>'
        for error in errors
    )
    title = f"Five sets of reading notes, 000 to 004: {len(errors)} slips"
    return Html(framed(title, ("Notes", "They say", "Right"), body, "slips"))


def groups(rows: Sequence[Row]) -> Html:
    """Every claim under the part of the paper that makes it, all folded."""
    parts = "\n".join(
        _group(title, list(group))
        for title, group in groupby(rows, lambda row: row.claim.group)
    )
    return Html(f'<div id="claims">\n{parts}\n</div>')


def _group(title: str, rows: list[Row]) -> str:
    bar = "".join(
        f'<i class="{kind(word)}" style="flex-grow:{many}"></i>'
        for word, many in counts(rows).items()
        if many
    )
    claims = "\n".join(map(_claim, rows))
    return (
        f'<details class="group"><summary><b>{escape(title)}</b> '
        f'<span class="bar" aria-hidden="true">{bar}</span> {len(rows)} claims</summary>\n'
        f"{claims}\n</details>"
    )


def _claim(row: Row) -> str:
    claim = row.claim
    facts = [f"{claim.kind}; {claim.section}"]
    facts += [f"Measured: {claim.measure}"] if claim.measure else []
    facts += [f"The paper's data: {claim.data}"] if claim.data else []
    lines = "\n".join(f"<tr>{_cells(row, line)}</tr>" for line in row.lines)
    table = framed(f"Conditions of {claim.id}", COLUMNS, lines, "conditions")
    return (
        f'<details class="claim" id="{anchor(row)}" data-verdict="{row.verdict}">'
        f"<summary><b>{escape(claim.id)}</b> <span>{escape(claim.statement)}</span> "
        f'<span class="short">{in_short(row)}</span> {badge(row.verdict)}</summary>\n'
        f'<p class="facts">{escape(". ".join(facts))}.</p>\n{table}\n</details>'
    )


def _cells(row: Row, line: Line) -> str:
    quantities = [row.claim.quantity(each.quantity) for each in line.measured]
    # Several measurements of one quantity have one reported number.
    stated = dict.fromkeys(quantities or line.unmeasured)
    cells = (
        _verdict(line),
        _lines(escape(reported(each)) for each in stated),
        _lines(map(_measured, line.measured)),
        _lines(dict.fromkeys(map(_images, line.measured))),
        _evidence(row, line),
    )
    return "".join(
        f'<td class="prose" data-label="{label}">{content}</td>'
        for label, content in zip(COLUMNS, cells, strict=True)
    )


def _verdict(line: Line) -> str:
    verdict = line.verdict
    commands = (f"<code>{escape(command)}</code>" for command in verdict.commands)
    return _lines((badge(verdict.word), escape(verdict.reason), *commands))


def reported(quantity: Quantity, *, names: bool = True) -> str:
    """The paper's value, and the one that the authors logged; after the name of both."""
    parts = [paper_value(quantity)] if quantity.paper is not None else []
    if quantity.logged is not None:
        parts.append(f"logged {number(quantity.logged, quantity.unit)}")
    if not (parts or quantity.name):
        return ""
    name = f"{quantity.name}: " if quantity.name and names else ""
    return name + (", ".join(parts) or "no number")


def _measured(measured: Measured) -> str:
    """The value, its interval and how many runs it is of."""
    facts = [f"n = {counted(measured)}"] if measured.seeds else []
    if measured.has_interval:
        limits = interval(measured.low, measured.high, measured.unit)
        facts.insert(0, f"95 % interval {limits}")
    small = f"<br><small>{escape(', '.join(facts))}</small>" if facts else ""
    return escape(measured.stated) + small


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
    runs = dict.fromkeys(name for each in line.measured for name in each.runs)
    links = [f'<a href="#{escape(topic)}">{escape(topic)}</a>' for topic in row.topics]
    if runs:
        many = f"{len(runs)} run{'s' * (len(runs) > 1)}, profile {line.profile}"
        names = _lines(map(escape, runs))
        links.append(f"<details><summary>{escape(many)}</summary>{names}</details>")
    return " ".join(links)


def _lines(parts: Iterable[str]) -> str:
    return "<br>".join(filter(None, parts)) or EMPTY


def find(rows: Sequence[Row]) -> Html:
    """A box that finds claims by their words, and a choice of one verdict."""
    options = "".join(
        f'<option value="{word}">{PLAIN[word]} ({many})</option>'
        for word, many in counts(rows).items()
    )
    return Html(
        '<form class="find" aria-label="Find claims" hidden>\n'
        '<label>Find <input type="search" name="text"></label>\n'
        '<label>Verdict <select name="verdict"><option value="">any</option>'
        f"{options}</select></label>\n"
        '<button type="button" name="all">Show all</button>\n'
        '<output aria-live="polite"></output>\n</form>'
    )
