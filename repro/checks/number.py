"""One number that the code gave beside the one that it should give."""

from dataclasses import dataclass
from typing import Any

import numpy as np

SMALL = 1e-5  # relative deviation that rounding to 32 bits explains


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A row of reports/checks.csv, in the unit of the claim.

    `expected` is what an independent calculation gives, within `tolerance`; what the
    paper prints stands with the claim. `n` counts what `counted` names.
    """

    claim: str
    quantity: str = ""  # which number of the claim; empty where it has only one
    measured: float
    expected: float
    tolerance: float = 0.0
    unit: str = ""
    n: int
    counted: str
    compared: str  # what of the code with what else

    @property
    def agrees(self) -> bool:
        """Whether the code gave what it should; a number that is none never does."""
        return abs(self.measured - self.expected) <= self.tolerance


def relative_deviation(ours: Any, theirs: Any) -> float:
    """Largest |ours - theirs| / |theirs| over all elements of two equal shapes."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape:
        raise ValueError(f"{ours.shape} compared with {theirs.shape}")
    return float((abs(ours - theirs) / abs(theirs)).max())
