"""What running the code says of formulas, definitions and rules, for the ledger.

Read from reports/checks.csv, which takes no run and no data. Each row has the claim and
its quantity, what was measured, what an independent calculation gives and within which
tolerance, how many of what were compared, and with what.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.claims.measurement import Measured, Printed, number
from analysis.evidence.runs import ROOT, ReportError, Runs

CHECKS = ROOT / "reports" / "checks.csv"
COMMAND = "repro write checks"  # writes it
COLUMNS = {
    "claim": str,
    "quantity": str,
    "measured": float,
    "expected": float,
    "tolerance": float,
    "unit": str,
    "n": int,
    "counted": str,
    "compared": str,
}


def read_checks(path: Path = CHECKS) -> pd.DataFrame:
    """The rows of the file, none where there is no file.

    Raises ReportError naming the file and what is wrong with it.
    """
    if not path.exists():
        return pd.DataFrame(columns=list(COLUMNS))
    try:
        frame = pd.read_csv(path, dtype=COLUMNS, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise ReportError(f"{path}: not readable ({error}); run {COMMAND}") from error
    if missing := [name for name in COLUMNS if name not in frame.columns]:
        raise ReportError(f"{path}: no column {missing[0]}; run {COMMAND}")
    return frame


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and what was checked of it, the same whatever the runs."""
    answers: dict[str, list[Measured]] = {}
    for row in read_checks().itertuples(index=False):
        answers.setdefault(row.claim, []).append(_measured(row))
    return {claim: tuple(found) for claim, found in answers.items()}


def _measured(row) -> Measured:
    value = shown_number(row.measured, row.unit)
    return Measured(
        value=row.measured,
        unit=row.unit,
        quantity=row.quantity,
        stated=f"{row.quantity} {value}".strip(),
        exact=True,
        protocol=f"{row.n:,} {row.counted}: {row.compared}",
    )


def shown(checks: pd.DataFrame) -> pd.DataFrame:
    """The checks as a reader sees them."""
    return pd.DataFrame(
        {
            "Claim": checks["claim"],
            "Quantity": checks["quantity"],
            "Measured": list(map(shown_number, checks["measured"])),
            "Expected": list(map(shown_number, checks["expected"])),
            "Within": list(map(shown_number, checks["tolerance"])),
            "n": [f"{n:,} {what}" for n, what in zip(checks["n"], checks["counted"])],
            "Compared": checks["compared"],
        }
    )


def shown_number(value: float, unit: str = "") -> str:
    """A rounding error by its size, anything else with the digits that matter."""
    if 0 < abs(value) < 1e-6:
        return number(float(f"{value:.0e}"), unit)
    if value % 1:
        return number(Printed(np.format_float_positional(float(f"{value:.4g}"))), unit)
    return number(value, unit)
