"""What the paper and its authors' notes report of each claim on errors, in sentences.

Every number comes from `reported_errors`; differences are taken here.
"""

from collections.abc import Iterator
from decimal import Decimal

from analysis.claims.reported_errors import (
    NOTES,
    PAPER,
    SPLIT_DIFFERENCE,
    TEST_2010,
    TEST_2012,
    VAL_2010,
    VAL_2012,
    ReportedError,
)
from analysis.statistics.estimates import MINUS, counted, signed
from analysis.topics.errors.numbers import noted_gains

PRETRAINED = (
    "Not testable here: it takes pre-training on the 22,000 classes of ImageNet, for "
    "which there is no recipe."
)


def quotes() -> dict[str, list[str]]:
    """By claim, what others report."""
    table1 = f"{quoted('T1-3')}; {_log('145-2010', TEST_2010.name)}."
    table2 = f"{quoted('T2-2')}; {_log('145', VAL_2012.name)}."
    star = _log("146-2012-2011", VAL_2012.name)
    gap_2010, gap_2012 = margin("T1-2", "T1-3"), margin("T2-1", "T2-5 test")
    gap_2009 = margin("S6.5a before", "S6.5a")
    past = f"{quoted('S6.5a')}; {quoted('S6.5a before')}: {gap_2009}"
    second = f"{quoted('T2-5 test')}; {quoted('T2-1')}: {gap_2012}"
    added = paper_gain("T2-3 test", "T2-5 test", 5)
    averaged = " and ".join(paper_gain("T2-2", "T2-3", top) for top in (5, 1))
    trained = " and ".join(paper_gain("T2-2", "T2-4", top) for top in (5, 1))
    return {
        "A1": [table1],
        "A2": [table1],
        "A3": [f"The paper: {gap_2010}, {TEST_2010.name}, T1-2 minus T1-3."],
        "A9": [f"Quoted: {second}. Its labels are private."],
        "S1.6": [f"Quoted: ahead by {gap_2010} on 2010, by {gap_2012} on 2012."],
        "T1-1": [f"Quoted: {quoted('T1-1')}."],
        "T1-2": [f"Quoted: {quoted('T1-2')}."],
        "T1-3": ["See A1 and A2."],
        "T2-1": [f"Quoted: {quoted('T2-1')}."],
        "T2-2a": [table2],
        "T2-2b": [table2],
        "T2-3": [f"{quoted('T2-3')}; {quoted('T2-3 test')}."],
        "T2-4": [f"{quoted('T2-4')}; {star}.", PRETRAINED],
        "T2-5": [f"{quoted('T2-5')}; {quoted('T2-5 test')}.", PRETRAINED],
        "S4.1e": [
            f"The paper: {margin('S4.1e', 'T1-3')}, {TEST_2010.name}, one view minus ten.",
            *_noted_view_gains(),
        ],
        "S6.1": [_paper_split(), _noted_split()],
        "S6.2": [f"The paper: {averaged} points, {VAL_2012.name}."],
        "S6.3": [f"The paper: {trained} points, {VAL_2012.name}.", PRETRAINED],
        "S6.4": [f"The paper: {added} points, {TEST_2012.name}.", PRETRAINED],
        "S6.5a": [f"Quoted: {past}. That release cannot be had any more."],
        "S7.1": ["See A1 and A2."],
    }


def quoted(claim: str) -> str:
    """A row of the paper with its protocol and place."""
    row = PAPER[claim]
    values = [f"top-{top} {value} %" for top, value in _given(row)]
    protocol = [row.images.name, f"n = {row.images.n:,}"]
    if row.views:
        protocol.append(counted(row.views, "view"))
    if row.networks and row.networks > 1:
        protocol.append(f"{row.networks} models averaged")
    return f"{row.system}, {', '.join(values)} ({', '.join(protocol)}; {row.place})"


def _given(row: ReportedError) -> Iterator[tuple[int, Decimal]]:
    return ((t, v) for t, v in ((1, row.top1), (5, row.top5)) if v is not None)


def _log(run: str, images: str) -> str:
    row = NOTES[run, images, 10]
    return f"the authors' notes on {row.place}: {row.top1} % and {row.top5} %"


def margin(worse: str, better: str) -> str:
    """Difference of two rows of the paper, in points, of the errors both give."""
    other = dict(_given(PAPER[better]))
    parts = [
        f"top-{top} {value - other[top]}"
        for top, value in _given(PAPER[worse])
        if top in other
    ]
    return f"{', '.join(parts)} points"


def paper_gain(before: str, after: str, top: int) -> str:
    """From one row of the paper to another."""
    a, b = (getattr(PAPER[claim], f"top{top}") for claim in (before, after))
    return f"top-{top} {a} to {b} ({MINUS}{a - b})"


def _noted_view_gains() -> list[str]:
    """What ten views took off in the released runs that note both."""
    sentences = []
    for images, rows in noted_gains().groupby("images", sort=False):
        spans = [_span(top, rows[f"top{top}"]) for top in (1, 5)]
        runs = counted(len(rows), "run")
        sentences.append(
            f"The authors' notes, {images}, {runs} with both: {', '.join(spans)} points."
        )
    return sentences


def _span(top: int, gains) -> str:
    low, high = gains.min(), gains.max()
    return f"top-{top} {low:.2f}" + f" to {high:.2f}" * (low != high)


def _paper_split() -> str:
    shown = [
        f"{PAPER[name].top5} and {PAPER[f'{name} test'].top5} % "
        f"({PAPER[name].networks} networks)"
        for name in ("T2-3", "T2-5")
    ]
    return (
        f"The paper: at most {SPLIT_DIFFERENCE} points (section 6); "
        f"top-5 on validation and test of 2012 {', '.join(shown)}."
    )


def _noted_split() -> str:
    val, test = (NOTES["137 (2010)", part.name, 10] for part in (VAL_2010, TEST_2010))
    pairs = zip(_given(val), _given(test), strict=True)
    points = [signed(float(a - b)) for (_, a), (_, b) in pairs]
    return (
        f"The authors' notes, #137 on 2010, ten views, validation minus test: "
        f"{points[0]} points top-1, {points[1]} top-5."
    )
