"""A row of reports/checks.csv: what the code gave and what it should give."""

from dataclasses import dataclass
from typing import Any

import numpy as np

SMALL = 1e-5  # relative deviation that rounding to 32 bits explains


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A row of reports/checks.csv, in the unit of the claim.

    An independent calculation gives `expected`, and `measured` may differ from it by
    `tolerance`. The number that the paper prints is in claims.toml. `n` counts what
    `counted` names.
    """

    claim: str
    quantity: str = ""  # names the number where a claim has several
    measured: float
    expected: float
    tolerance: float = 0.0
    unit: str = ""
    n: int
    counted: str
    compared: str  # what was compared with what

    @property
    def agrees(self) -> bool:
        """Whether `measured` is as expected; NaN never is."""
        return abs(self.measured - self.expected) <= self.tolerance


def relative_deviation(ours: Any, theirs: Any) -> float:
    """Return the largest |ours - theirs| / |theirs| over all elements.

    Raises ValueError where the shapes differ.
    """
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape:
        raise ValueError(f"{ours.shape} compared with {theirs.shape}")
    return float((abs(ours - theirs) / abs(theirs)).max())
