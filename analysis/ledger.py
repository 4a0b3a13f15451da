"""The ledger: every claim of the paper and of later notes, with a verdict from the runs."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis import claims, ledger_rows, ledger_table, results
from analysis.cases import (
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
from analysis.ledger_rows import SEVERAL, Row
from analysis.measurement import interval
from analysis.results import ALL, Runs
from analysis.sections import Html, Section, folded, table

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


def load(profile: str, reports: Path | None = None) -> Runs | tuple[Runs, ...]:
    """The runs of a profile; for `all` those of every profile, the best data first."""
    if profile != ALL:
        return results.load(profile, reports)
    return tuple(results.load(name, reports) for name in results.PROFILES)


def section(evidence: Runs | Sequence[Runs]) -> Section:
    """Counts, one table for each part of the paper, and the slips in the notes."""
    rows = ledger_rows.rows(evidence)
    caption = (
        "Claims by verdict. One with several conditions or numbers may have several."
    )
    slips = ledger_table.slips(claims.load_note_errors())
    tables = (
        table(counts(rows), caption=caption)
        + folded("What the verdicts mean", _rules())
        + ledger_table.tables(rows)
        + folded("Slips in the reading notes", slips)
    )
    return Section(tables, Html(""), summary(rows, _note(evidence)))


def counts(rows: Sequence[Row]) -> pd.DataFrame:
    """How many claims of the paper and of later notes have each verdict."""
    known = Counter((row.word, row.claim.kind == "note") for row in rows)
    table = [
        {"Verdict": word, "Paper": known[word, False], "Later notes": known[word, True]}
        for word in (*WORDS, SEVERAL)
    ]
    total = {name: sum(row[name] for row in table) for name in ("Paper", "Later notes")}
    return pd.DataFrame([*table, {"Verdict": "all"} | total])


def summary(rows: Sequence[Row], note: str = "") -> str:
    """What was decided, as Markdown."""
    decided = [row for row in rows if row.word not in (NOT_RUN, NOT_TESTABLE)]
    text = (
        f"Of {len(rows)} claims {len(decided)} have a verdict from arithmetic or runs; "
        f"{_many(rows, NOT_RUN)} have not run, {_many(rows, NOT_TESTABLE)} cannot be "
        "tested here. No verdict is typed: each follows from the measured numbers by the "
        "rules above. An ablation takes at least two seeds of the variant and of "
        "released-145, each exported."
    )
    return f"**{note[:1].upper()}{note[1:]}.**\n\n{text}" if note else text


def _many(rows: Sequence[Row], word: str) -> int:
    return sum(row.word == word for row in rows)


def readme(rows: Sequence[Row]) -> str:
    """The claims that runs have decided, as a Markdown table."""
    lines = [
        "| Claim | Verdict | Measured | 95 % interval | Data |",
        "|" + " --- |" * 5,
    ]
    for row in rows:
        for line in row.lines:
            known = [each for each in line.measured if each.has_interval]
            if line.verdict.word in (NOT_RUN, NOT_TESTABLE) or not known:
                continue
            cells = (
                f"{row.claim.id}: {row.claim.statement}",
                line.verdict.word,
                "; ".join(each.stated for each in known),
                "; ".join(interval(each.low, each.high, each.unit) for each in known),
                "; ".join(dict.fromkeys(each.dataset for each in known)),
            )
            escaped = " | ".join(cell.replace("|", "\\|") for cell in cells)
            lines.append(f"| {escaped} |")
    return "\n".join(lines)


def _rules() -> Html:
    terms = "".join(f"<dt>{word}</dt><dd>{text}</dd>" for word, text in RULES.items())
    return Html(f"<dl>{terms}</dl><p>{EQUIVALENCE}</p>")


def _note(evidence: Runs | Sequence[Runs]) -> str:
    return evidence.note if isinstance(evidence, Runs) else ""
