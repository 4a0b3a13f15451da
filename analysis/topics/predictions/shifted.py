"""Objects off the centre: the top-1 error of shifted test images, from disturbed.csv.

How much of its lead over chance a network keeps says whether it still recognises them:
all of it where a shift adds no error, none where the error is that of guessing.
"""

import math
from fractions import Fraction

import pandas as pd

from analysis.claims.from_runs import measurements, of_test_images
from analysis.claims.measurement import Measured
from analysis.display import holes, words
from analysis.display.sections import Html, table
from analysis.evidence import exported
from analysis.evidence.answers import read_answers
from analysis.evidence.disturbed import (
    FILE,
    NONE,
    SHIFT,
    images,
    rises,
    top1_errors,
)
from analysis.evidence.runs import Run, Runs
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.numbers import mean_and_range

# What the ledger decides by, and its names there.
SHARES = {0.125: "an eighth of the side", 0.25: "a quarter of the side"}


def used(runs: Runs) -> Runs:
    """Those that have the file."""
    return exported.exported(runs, [FILE])


def chance(run: Run) -> float:
    """The top-1 error of guessing."""
    return 1 - 1 / read_answers(run.folder).classes


def shares(runs: Runs) -> list[float]:
    """By how much of their side the images were shifted, least first."""
    found = top1_errors(runs.complete[0])[SHIFT]
    return sorted(found.index)


def kept(runs: Runs, share: float) -> Estimate:
    """How much of the lead over chance shifted images keep, over seeds.

    Not a number where a seed has no lead to keep.
    """
    found = []
    for run in runs.complete:
        errors, guessed = top1_errors(run), chance(run)
        lead = guessed - errors[NONE, 0.0]
        moved = guessed - errors[SHIFT, share]
        found.append(moved / lead if lead > 0 else math.nan)
    return over_seeds(found, images=images(runs.complete[0]))


def shifts_table(runs: Runs) -> Html:
    """A table by shift, and the runs without the file with their command."""
    lacking = holes.missing(runs, [FILE])
    runs = used(runs)
    if not runs.complete:
        return lacking
    first = runs.complete[0]
    rows = [_cells(runs, None)] + [_cells(runs, share) for share in shares(runs)]
    caption = (
        f"Shifted test images: {words.name(runs)}, n = {images(first):,}, centre view; "
        "means over the seeds (range), differences and shares with Student's t intervals "
        "over seeds. A quarter of the images each goes up, down, left and right; what "
        "lies outside is filled with the mean image, so that larger shifts also cut "
        f"parts of the object off. Lead: chance, {100 * chance(first):.1f} %, minus the "
        "error"
    )
    return table(pd.DataFrame(rows), caption=caption) + lacking


def _cells(runs: Runs, share: float | None) -> dict[str, str]:
    key = (NONE, 0.0) if share is None else (SHIFT, share)
    errors = mean_and_range(top1_errors(run)[key] for run in runs.complete)
    cells = {"Shift": "none", "Top-1 error": words.per_cent(errors, digits=2)}
    if share is None:
        return cells | {"Added, points": "", "Lead kept, %": ""}
    cells["Shift"] = _words(runs.complete[0], share)
    change = [rises(run)[key] for run in runs.complete]
    lead = kept(runs, share)
    return cells | {
        "Added, points": over_seeds(change, images=0).points,
        "Lead kept, %": "" if math.isnan(lead.value) else lead.per_cent,
    }


def _words(run: Run, share: float) -> str:
    pixels = round(share * run.record["profile"]["side"])
    return f"{Fraction(share)} of the side, {pixels} px"


def measured(runs: Runs) -> tuple[Measured, ...]:
    """What is kept of the lead, for the ledger."""
    runs = used(runs)
    if not runs.complete:
        return ()
    first = runs.complete[0]
    data = of_test_images(
        first,
        read_answers(first.folder),
        first.name.split("+")[1:],
        "centre view; Student's t over seeds",
    )
    return tuple(
        each
        for share, name in SHARES.items()
        for each in measurements(
            kept(runs, share),
            [runs.complete],
            f"of the lead over chance kept, moved by {name}",
            quantity=name,
            unit="%",
            **data | {"images": images(first)},
        )
    )
