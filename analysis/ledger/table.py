"""The ledger as tables that a reader can search, sort and print.

All claims are in one table, in the paper's order. Each is a `<tbody id="claim-F1a">` with
one row a condition, so that a script may filter and sort whole claims, by what the
attributes say: `data-verdicts` and `data-images` of the claim, `data-sort` of a cell. The
tables are complete without one. The controls that filter are hidden until page.js,
which works them, is there.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from analysis.claims.claims import Claim, NoteError, Quantity
from analysis.claims.measurement import Measured, interval, number
from analysis.claims.verdicts import WORDS
from analysis.display.sections import Html
from analysis.evidence import data_sets
from analysis.ledger.lines import Line
from analysis.ledger.rows import Row

COLUMNS = ("Claim", "Verdict", "Paper", "Measured", "Data", "Evidence")
EMPTY = "–"
NO_IMAGES = "no images: arithmetic"


def claims_table(rows: Sequence[Row]) -> Html:
    """Every claim in one table, under the part of the paper that makes it."""
    bodies = [
        body
        for title, group in groupby(rows, lambda row: row.claim.group)
        for body in _part(title, list(group))
    ]
    return Html(_framed("All claims", COLUMNS, "\n".join(bodies), "claims"))


def topic_table(topic: str, rows: Sequence[Row]) -> Html:
    """The claims of one topic, each a link to its row in the ledger."""
    bodies = [_rows(row, COLUMNS[:-1], linked=True) for row in rows]
    framed = "\n".join(f"<tbody>\n{body}\n</tbody>" for body in bodies)
    label = f"{topic.capitalize()}: claims and their verdicts"
    return Html(_framed(label, COLUMNS[:-1], framed, f"told-{topic}"))


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


def _framed(label: str, columns: Iterable[str], bodies: str, name: str = "") -> str:
    """A table that scrolls inside its own box; with a name it has an id."""
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    anchor = f' id="{name}"' * bool(name)
    kind = f"ledger {name}".strip()
    return (
        f'<div class="scroll" role="region" tabindex="0"{anchor} '
        f'aria-label="{escape(label)}">\n'
        f'<table class="{kind}"><caption><span>{escape(label)}</span></caption>\n'
        f"<thead><tr>{head}</tr></thead>\n{bodies}\n</table></div>"
    )


def _part(title: str, rows: list[Row]) -> list[str]:
    head = (
        f'<tbody class="part"><tr><td colspan="{len(COLUMNS)}">'
        f"<h3>{escape(title)}: {len(rows)} claims</h3></td></tr></tbody>"
    )
    return [head, *map(_body, rows)]


def _body(row: Row) -> str:
    return (
        f'<tbody id="{escape(f"claim-{row.claim.id}")}" '
        f'data-verdicts="{",".join(row.words)}" data-images="{escape(images(row))}">\n'
        f"{_rows(row, COLUMNS)}\n</tbody>"
    )


def _rows(row: Row, columns: Sequence[str], *, linked: bool = False) -> str:
    """One row a condition; the claim itself beside all of them."""
    return "\n".join(
        f"<tr>{_claim(row, linked) if not place else ''}{_cells(row, line, columns)}</tr>"
        for place, line in enumerate(row.lines)
    )


def images(row: Row) -> str:
    """The data sets that a claim is measured on, joined by commas; empty without."""
    found = [
        data_sets.of_profile(line.profile).name
        if any(each.needs_data for each in line.measured)
        else NO_IMAGES
        for line in row.lines
        if line.measured
    ]
    return ",".join(dict.fromkeys(found))


def _claim(row: Row, linked: bool) -> str:
    claim = row.claim
    facts = [f"{claim.kind}; {claim.section}"]
    facts += [f"Measured: {claim.measure}."] if claim.measure else []
    small = "".join(f"<br><small>{escape(fact)}</small>" for fact in facts)
    name = f"<b>{escape(claim.id)}</b>"
    if linked:
        name = f'<a href="#claim-{escape(claim.id)}">{name}</a>'
    text = f"{name} {escape(claim.statement)}{small}"
    span = f' rowspan="{len(row.lines)}"' if len(row.lines) > 1 else ""
    return f'<th scope="row" class="prose"{span}>{text}</th>'


def _cells(row: Row, line: Line, columns: Sequence[str]) -> str:
    quantities = [row.claim.quantity(each.quantity) for each in line.measured]
    # Several measurements of one quantity have one reported number.
    stated = dict.fromkeys(quantities or line.unmeasured)
    numbers = [each.paper for each in stated if each.paper is not None]
    values = [each.value for each in line.measured]
    runs = dict.fromkeys(name for each in line.measured for name in each.runs)
    cells = {
        "Verdict": (_verdict(line), [WORDS.index(line.verdict.word)]),
        "Paper": (_lines(escape(reported(each)) for each in stated), numbers),
        "Measured": (_lines(map(_measured, line.measured)), values),
        "Data": (_data(row.claim, line), []),
        "Evidence": (
            _evidence(row, line, list(runs)),
            [len(runs)] * bool(line.measured),
        ),
    }
    known = {label: cells[label] for label in columns[1:]}
    return "".join(
        f'<td class="prose" data-label="{label}"{_sorted_by(keys)}>{content}</td>'
        for label, (content, keys) in known.items()
    )


def _sorted_by(keys: list[float]) -> str:
    return f' data-sort="{float(keys[0]):.10g}"' if keys else ""


def _verdict(line: Line) -> str:
    verdict = line.verdict
    commands = (f"<code>{escape(command)}</code>" for command in verdict.commands)
    return _lines((f"<b>{escape(verdict.word)}</b>", escape(verdict.reason), *commands))


def reported(quantity: Quantity, *, names: bool = True) -> str:
    """The paper's value, and the one that the authors logged; after the name of both."""
    parts = []
    if quantity.paper is not None:
        bound = f"{quantity.bound} " if quantity.bound else ""
        parts.append(f"{bound}{number(quantity.paper, quantity.unit)}")
    if quantity.logged is not None:
        parts.append(f"logged {number(quantity.logged, quantity.unit)}")
    if not (parts or quantity.name):
        return ""
    name = f"{quantity.name}: " if quantity.name and names else ""
    return name + (", ".join(parts) or "no number")


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


def _evidence(row: Row, line: Line, runs: list[str]) -> str:
    if not line.measured:
        return EMPTY
    links = [f'<a href="#{escape(topic)}">{escape(topic)}</a>' for topic in row.topics]
    if runs:
        many = f"{len(runs)} run{'s' * (len(runs) > 1)}, profile {line.profile}"
        names = _lines(map(escape, runs))
        links.append(f"<details><summary>{escape(many)}</summary>{names}</details>")
    return " ".join(links)


def _lines(parts: Iterable[str]) -> str:
    return "<br>".join(filter(None, parts)) or EMPTY


def controls(rows: Sequence[Row]) -> Html:
    """Search, verdict, data set, what can be tested here, and how many claims show."""
    verdicts = Counter(word for row in rows for word in row.words)
    known = {word: verdicts[word] for word in WORDS if verdicts[word]}
    sets = Counter(name for row in rows for name in images(row).split(",") if name)
    return Html(
        '<form class="filter" aria-label="Filter the claims" hidden>\n'
        '<label>Search <input type="search" name="text"></label>\n'
        f"<label>Verdict {_choice('verdict', known)}</label>\n"
        f"<label>Measured on {_choice('images', sets)}</label>\n"
        '<label><input type="checkbox" name="testable"> Testable here</label>\n'
        '<button type="button" name="all">Show all</button>\n'
        '<output aria-live="polite"></output>\n'
        "<p>A heading of the table sorts by its column; by Claim is the paper's order."
        "</p>\n</form>"
    )


def _choice(name: str, counts: dict[str, int]) -> str:
    options: Iterable[str] = (
        f'<option value="{escape(word)}">{escape(word)} ({count})</option>'
        for word, count in counts.items()
    )
    return (
        f'<select name="{name}"><option value="">any</option>{"".join(options)}'
        "</select>"
    )
