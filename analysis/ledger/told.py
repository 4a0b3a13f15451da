"""What the ledger says of the claims of one topic: the words under its figure.

A topic has no other words for its claims, so that it cannot disagree with the ledger.
"""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from analysis.display.holes import hole
from analysis.display.sections import Html, folded
from analysis.ledger.in_short import anchor, badge, in_short
from analysis.ledger.rows import Row, load, rows
from analysis.ledger.table import EMPTY, framed


def told(topic: str, profile: str, reports: Path | None = None) -> Html:
    """The claims of a topic as the runs of a profile decide them, or of all profiles.

    Empty for a topic without claims.
    """
    own = [row for row in rows(load(profile, reports)) if row.claim.topic == topic]
    return _table(own) if own else Html("")


def _table(rows: Sequence[Row]) -> Html:
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
        title, _told(f"Open claims: {topic}", open_ones) + _commands(open_ones)
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
    return Html(framed(label, heads, body, "told"))


def _reason(row: Row) -> str:
    return next(filter(None, (line.verdict.reason for line in row.lines)), EMPTY)


def _commands(rows: Iterable[Row]) -> Html:
    """What would run claims, each command once with all that it is for."""
    known: dict[str, list[str]] = {}
    for row in rows:
        asked = (command for line in row.lines for command in line.verdict.commands)
        for command in dict.fromkeys(asked):
            known.setdefault(command, []).append(row.claim.id)
    return sum(
        (hole(", ".join(names), command) for command, names in known.items()), Html("")
    )
