"""The ledger: every claim of the paper and of later notes, with a verdict from the runs."""

from collections import Counter
from collections.abc import Sequence
from html import escape

import pandas as pd

from analysis.claims import claims
from analysis.claims.verdicts import (
    CONTRADICTED,
    DIRECTION,
    EXACT,
    INCONCLUSIVE,
    INCONSISTENT,
    NOT_RUN,
    NOT_TESTABLE,
    REPRODUCED,
    WORDS,
)
from analysis.display.sections import Html, Section, download, folded, table
from analysis.evidence.runs import Runs
from analysis.ledger import checks as formulas
from analysis.ledger import rows as all_rows
from analysis.ledger.rows import Row
from analysis.ledger.table import claims_table, controls, slips
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
}
EQUIVALENCE = (
    "Where it is claimed that something has no effect, the interval must lie within a "
    "margin, which the row names. A comparison of two arms needs at least two runs in each."
)


def section(evidence: Runs | Sequence[Runs]) -> Section:
    """Counts, the table of all claims, and the slips in the notes."""
    rows = all_rows.rows(evidence)
    caption = (
        "Claims by verdict. One with several conditions or numbers counts for each of "
        "its verdicts."
    )
    errors = slips(claims.load_note_errors())
    tables = (
        table(counts(rows), caption=caption)
        + folded("What the verdicts mean", _rules())
        + controls(rows)
        + claims_table(rows)
        + _checks()
        + folded("Slips in the reading notes", errors)
    )
    lead = Html(f"<p>{escape(summary(rows, _note(evidence)))}</p>")
    return Section(lead + tables, Html(""))


def counts(rows: Sequence[Row]) -> pd.DataFrame:
    """How many claims of the paper and of later notes have each verdict, and how many
    there are: one with several verdicts counts for each."""
    known = Counter(
        (word, row.claim.kind == "note") for row in rows for word in (*row.words, "all")
    )
    return pd.DataFrame(
        {"Verdict": word, "Paper": known[word, False], "Later notes": known[word, True]}
        for word in (*WORDS, "all")
    )


def summary(rows: Sequence[Row], note: str = "") -> str:
    """What was decided, in words."""
    decided = sum(row.decided for row in rows)
    waiting = sum(not row.decided and NOT_RUN in row.words for row in rows)
    text = (
        f"Of {len(rows)} claims {decided} have a verdict from arithmetic or runs; "
        f"{waiting} have not run, {len(rows) - decided - waiting} cannot be "
        "tested here. No verdict is typed: each follows from the measured numbers by the "
        "rules below. An ablation takes at least two seeds of the variant and of "
        "released-145, each exported."
    )
    return f"{note[:1].upper()}{note[1:]}. {text}" if note else text


def _rules() -> Html:
    terms = "".join(f"<dt>{word}</dt><dd>{text}</dd>" for word, text in RULES.items())
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


def _note(evidence: Runs | Sequence[Runs]) -> str:
    return evidence.note if isinstance(evidence, Runs) else ""
