"""The ledger as HTML: every claim on one line, and all that is known of it behind that.

Whoever only looks sees the claim, the number that decides it and its verdict. Opened, a
claim has a row for each condition: verdict, the paper's number, ours, data and runs.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from analysis.claims.claims import NoteError, Quantity
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
from analysis.display.holes import hole
from analysis.display.sections import Html, folded
from analysis.ledger.lines import Line
from analysis.ledger.rows import Row
from analysis.statistics.numbers import signed

COLUMNS = ("Verdict", "Paper", "Measured", "Data", "Evidence")
EMPTY = "–"
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


# A claim on one line: its number, what it is of, its verdict.


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


def topic_table(rows: Sequence[Row]) -> Html:
    """The claims of one topic, each a link to its place in the ledger.

    Those of which nothing is measured are folded, with every command once.
    """
    known = [row for row in rows if any(line.measured for line in row.lines)]
    open_ones = [row for row in rows if row not in known]
    topic = rows[0].claim.topic
    shown = _told(f"Claims: {topic}", known) if known else Html("")
    if not open_ones:
        return shown
    title = f"Not run, or not testable here: {len(open_ones)}"
    return shown + folded(
        title, _told(f"Open claims: {topic}", open_ones) + commands(open_ones)
    )


def _told(label: str, rows: Sequence[Row]) -> Html:
    body = "\n".join(
        f'<tr><th scope="row"><a href="#{anchor(row)}">{escape(row.claim.id)}</a></th>'
        f"<td>{escape(row.claim.statement)}</td>"
        f'<td class="short">{in_short(row) or escape(_reason(row))}</td>'
        f"<td>{badge(row.verdict)}</td></tr>"
        for row in rows
    )
    heads = ("Claim", "In our words", "Here, with 95 % interval", "Verdict")
    return Html(_framed(label, heads, body, "told"))


def _reason(row: Row) -> str:
    return next(filter(None, (line.verdict.reason for line in row.lines)), EMPTY)


def commands(rows: Iterable[Row]) -> Html:
    """What would run claims, each command once with all that it is for."""
    known: dict[str, list[str]] = {}
    for row in rows:
        asked = (command for line in row.lines for command in line.verdict.commands)
        for command in dict.fromkeys(asked):
            known.setdefault(command, []).append(row.claim.id)
    return sum(
        (hole(", ".join(names), command) for command, names in known.items()), Html("")
    )


def anchor(row: Row) -> str:
    """The id of a claim on the page."""
    return escape(f"claim-{row.claim.id}")


def _framed(label: str, columns: Iterable[str], body: str, name: str) -> str:
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
    return Html(_framed(title, ("Notes", "They say", "Right"), body, "slips"))


# The ledger: groups of claims, each a line that opens.


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
    table = _framed(f"Conditions of {claim.id}", COLUMNS, lines, "conditions")
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


def paper_value(quantity: Quantity) -> str:
    """What the paper says of a quantity, of which it says something."""
    bound = f"{quantity.bound} " if quantity.bound else ""
    return bound + number(quantity.paper, quantity.unit)


def counted(measured: Measured) -> str:
    """How many runs a measurement is of, in each of its arms."""
    seeds = " and ".join(map(str, measured.seeds))
    return f"{seeds} run{'s' * (measured.seeds != (1,))}" if seeds else ""


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
