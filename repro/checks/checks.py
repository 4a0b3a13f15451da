"""Formulas, definitions and rules, checked by running the code: reports/checks.csv.

The checks need no run and no GPU. Each compares what the code gives with a calculation
that shares nothing with it. The file is committed, so that analysis, which imports no
torch, can read it; a test writes it again and compares. After a change of the code
`repro write checks` writes it anew.
"""

from dataclasses import asdict
from pathlib import Path

from repro.checks import inputs, layers, training
from repro.checks.checked import Checked
from repro.errors import ReproError
from repro.runs.folder import ROOT, save_table

PATH = ROOT / "reports" / "checks.csv"


class CheckError(ReproError):
    """The code does not give the number that it should."""


def check_rows() -> list[Checked]:
    """Run every check and return the rows of the file, in its order."""
    return [
        training.wrong_images(),
        training.training_loss(),
        *inputs.squares("S2.5"),
        *inputs.squares("X24"),
        inputs.centring(),
        *inputs.ten_views(),
        *inputs.colours(),
        layers.formula(),
        *layers.constants(),
        layers.signs(),
        layers.dropout_at_test(),
        layers.dropout_regression(),
        training.update_rule(),
    ]


def write_checks(path: Path = PATH) -> Path:
    """Write the file and return its path; a write that fails leaves the old file.

    Raises CheckError for the first number that is wrong, after the file is written.
    """
    rows = check_rows()
    save_table(path, [asdict(row) for row in rows])
    for row in rows:
        if not row.agrees:
            name = f"{row.claim} {row.quantity}".strip()
            raise CheckError(
                f"{path}: {name} is {row.measured:g}; it should be {row.expected:g} "
                f"within {row.tolerance:g}. Compared: {row.compared}"
            )
    return path
