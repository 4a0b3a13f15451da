"""Formulas, definitions and rules, checked by running the code: reports/checks.csv.

They need no run and no GPU. Each check compares what the code gives with a calculation
that shares nothing with it. The file is committed, so that analysis, which imports no
torch, can read it; a test writes it again and compares. After a change of the code:

    python -m repro.checks.checks
"""

import sys
from dataclasses import asdict
from pathlib import Path

from repro.checks import dropout, errors, normalisation, photographs, update, views
from repro.checks.number import Checked
from repro.errors import ReproError
from repro.runs.files import save_table
from repro.runs.folder import ROOT

PATH = ROOT / "reports" / "checks.csv"
GROUPS = (
    errors,
    photographs,
    views,
    normalisation,
    dropout,
    update,
)


class CheckError(ReproError):
    """The code does not give what it should."""


def check_rows() -> list[Checked]:
    """What every check found, those of one group together."""
    return [row for group in GROUPS for row in group.checked()]


def write_checks(path: Path = PATH) -> None:
    """Write the file; it is whole or not there.

    Raises CheckError, after the file is written, where a number is not what it should
    be.
    """
    rows = check_rows()
    save_table(path, [asdict(row) for row in rows])
    for row in rows:
        if not row.agrees:
            name = f"{row.claim} {row.quantity}".strip()
            raise CheckError(
                f"{path}: {name}: {row.measured:g}, not {row.expected:g} within "
                f"{row.tolerance:g}: {row.compared}"
            )


if __name__ == "__main__":
    try:
        write_checks()
    except CheckError as error:
        sys.exit(f"repro: {error}")
    print(PATH)
