"""The controls that filter the ledger: hidden until page.js, which works them, is there."""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from analysis.claims.cases import WORDS
from analysis.display.sections import Html
from analysis.ledger.rows import Row
from analysis.ledger.table import images


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
