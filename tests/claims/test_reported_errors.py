"""The digits of others: pinned, and consistent with one another."""

from decimal import Decimal

import pytest

from analysis.claims.reported_errors import NOTES, PAPER, RERUNS, TEST_2010, VAL_2012

# What table 1 and table 2 print of one network, and the run that its authors note.
SAME = [
    ("T1-3", ("145-2010", TEST_2010.name, 10)),
    ("S4.1e", ("145-2010", TEST_2010.name, 1)),
    ("T2-2", ("145", VAL_2012.name, 10)),
    ("T2-4", ("146-2012-2011", VAL_2012.name, 10)),
]


@pytest.mark.parametrize(("claim", "key"), SAME)
def test_the_paper_prints_its_notes_rounded(claim, key):
    paper, notes = PAPER[claim], NOTES[key]
    assert paper.images == notes.images and paper.views == notes.views
    for top in ("top1", "top5"):
        rounded = getattr(notes, top).quantize(Decimal("0.1"))
        assert getattr(paper, top) == rounded


def test_the_digits_of_the_notes():
    best = NOTES["145-2010", TEST_2010.name, 10]
    assert [str(best.top1), str(best.top5)] == ["37.4727", "16.9987"]
    assert str(PAPER["T1-3"].top5) == "17.0"
    assert PAPER["T2-1"].top1 is None


@pytest.mark.parametrize(
    ("run", "control", "images", "points"),
    [
        ("145-half", "145-2010", TEST_2010, ("1.6953", "1.2300")),
        ("147", "145", VAL_2012, ("0.3940", "0.3000")),
        ("148", "145", VAL_2012, ("1.3700", "1.1520")),
        ("150", "145", VAL_2012, ("1.1640", "1.1200")),
    ],
)
def test_differences_of_the_notes(run, control, images, points):
    a, b = (NOTES[name, images.name, 10] for name in (run, control))
    assert (a.top1 - b.top1, a.top5 - b.top5) == tuple(map(Decimal, points))


def test_reruns_are_errors_of_the_printed_accuracies():
    bvlc = RERUNS[0]
    assert (bvlc.top1, bvlc.top5) == (Decimal("42.9"), Decimal("19.8"))
    assert {row.views for row in RERUNS} == {1, None}
    assert all(0 < row.top1 < 100 for row in RERUNS)
    assert all(row.top5 is None or row.top5 < row.top1 for row in RERUNS)


def test_every_number_has_its_place():
    for row in (*PAPER.values(), *NOTES.values(), *RERUNS):
        assert row.place and row.system and row.images.n > 0
