"""disturbed.csv: the test errors of a run on images that are shifted or in other light."""

import pandas as pd

from analysis.evidence import exported
from analysis.evidence.runs import Run

FILE = "disturbed.csv"
COLUMNS = ("disturbance", "amount", "top1_error", "n")
NONE, SHIFT = "none", "shift"


def top1_errors(run: Run) -> pd.Series:
    """The errors by disturbance and amount.

    Raises ReportError where the file has no error on undisturbed images.
    """
    rows = exported.rows(run.folder / FILE, COLUMNS)
    errors = rows.set_index(["disturbance", "amount"])["top1_error"]
    if (NONE, 0.0) not in errors.index:
        raise exported.unusable(run.folder / FILE, f"no row {NONE!r}")
    return errors


def images(run: Run) -> int:
    """How many test images were disturbed."""
    return int(exported.rows(run.folder / FILE, COLUMNS)["n"].iloc[0])


def rises(run: Run) -> pd.Series:
    """What each disturbance and amount adds to the top-1 error."""
    errors = top1_errors(run)
    return errors - errors[NONE, 0.0]
