"""The ledger: every claim of the paper and of later notes, with a verdict from the runs."""

from collections.abc import Sequence
from html import escape

from analysis.claims import claims
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
from analysis.display.sections import Html, Section, download, folded, table
from analysis.evidence.runs import Runs
from analysis.ledger import checks as formulas
from analysis.ledger import rows as all_rows
from analysis.ledger.in_short import badge, counts
from analysis.ledger.rows import Row
from analysis.ledger.table import find, groups, slips
from analysis.statistics.numbers import counted

RULES = {
    EXACT: "arithmetic that agrees.",
    REPRODUCED: (
        "the 95 % interval contains the paper's value and excludes no effect, and its "
        "half-width is at most half of the paper's effect; of a value alone, at most one "
        "point."
    ),
    DIRECTION: (
        "the interval excludes no effect, on the side that is claimed. On other data than "
        "the paper's no more can be said."
    ),
    INCONCLUSIVE: "the interval contains no effect, or there is none.",
    CONTRADICTED: (
        "the interval excludes the direction, or the value where only a value is claimed."
    ),
    INCONSISTENT: (
        "what is counted agrees with the paper's other numbers and not with this one."
    ),
    NOT_RUN: "the command beside it would run it.",
    NOT_TESTABLE: "no run of this toolkit on these data can decide it.",
    DEPENDS: "conditions or data sets of the claim have different verdicts.",
}
EQUIVALENCE = (
    "Where it is claimed that something has no effect, the interval must lie within a "
    "margin, which the row names. A comparison of two arms needs at least two runs in each."
)


def section(evidence: Runs | Sequence[Runs]) -> Section:
    """All claims, what their verdicts mean, the checks, and the slips in the notes."""
    rows = all_rows.rows(evidence)
    slips_in_notes = slips(claims.load_note_errors())
    note = evidence.note if isinstance(evidence, Runs) else ""
    tables = (
        Html(f"<p>{escape(summary(rows, note))}</p>")
        + find(rows)
        + groups(rows)
        + Html(
            f'<div id="verdicts">{folded("What the verdicts mean", _rules()).html}</div>'
        )
        + _checks()
        + folded("Slips in the reading notes", slips_in_notes)
    )
    return Section(tables, Html(""))


def summary(rows: Sequence[Row], note: str = "") -> str:
    """How many claims have each verdict, in words."""
    notes = sum(row.claim.kind == "note" for row in rows)
    listed = ", ".join(f"{PLAIN[word]} {many}" for word, many in counts(rows).items())
    text = (
        f"{len(rows)} claims, {len(rows) - notes} of the paper and {notes} of later "
        f"notes: {listed}. No verdict is typed: each follows from the measured numbers."
    )
    return f"{note[:1].upper()}{note[1:]}. {text}" if note else text


def _rules() -> Html:
    terms = "".join(
        f"<dt>{badge(word)}</dt><dd>{text}</dd>" for word, text in RULES.items()
    )
    return Html(f"<dl>{terms}</dl><p>{EQUIVALENCE}</p>")


def _checks() -> Html:
    """What running the code said of formulas and rules; the evidence links here."""
    checks = formulas.read_checks()
    source = f"written by {formulas.COMMAND}"
    if not len(checks):
        return Html(f'<p class="hole" id="checks">No checks: {source}.</p>')
    caption = (
        "What the code gives beside an independent calculation of it, without any run: "
        f"reports/checks.csv, {source}"
    )
    content = table(formulas.shown(checks), caption=caption)
    content += Html(f"<p>Data: {download('checks', checks)}</p>")
    title = f"{counted(len(checks), 'check')} of formulas, definitions and rules"
    return Html(f'<div id="checks">{folded(title, content).html}</div>')
