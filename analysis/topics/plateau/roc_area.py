"""Does the pre-flight tell the runs that leave the plateau from those that stay?

The area under the ROC curve: how often a run that left had the larger value, over all
pairs of one that left and one that stayed (ties count half).
"""

import math
from dataclasses import dataclass

import pandas as pd
from scipy import optimize, stats

from analysis.statistics.estimates import LEVEL
from analysis.topics.plateau.grid import AXES

METHOD = (
    f"{100 * LEVEL:.0f} % interval of the area: Newcombe's (2006, method 5), with cells "
    "of the grid for its sample sizes, as seeds of a cell are alike"
)


@dataclass(frozen=True)
class RocArea:
    """The area under the curve with its interval, and the runs and cells behind it.

    A cell counts on both sides where its seeds disagree.
    """

    area: float
    low: float
    high: float
    left: int
    stayed: int
    left_cells: int
    stayed_cells: int
    lowest_left: float
    highest_stayed: float
    unknown: int  # runs without a pre-flight


def roc_area(starts: pd.DataFrame) -> RocArea | None:
    """Of the runs under one set of changes; None unless some left and some stayed.

    Runs that diverged are left out.
    """
    ended = starts[starts["outcome"] != "diverged"]
    known = ended[ended["signal"].notna()]
    left = known[known["outcome"] == "left"]
    stayed = known[known["outcome"] == "stayed"]
    if left.empty or stayed.empty:
        return None
    area = area_under_curve(left["signal"], stayed["signal"])
    cells = [rows.groupby(list(AXES)).ngroups for rows in (left, stayed)]
    low, high = interval(area, *cells)
    return RocArea(
        area,
        low,
        high,
        len(left),
        len(stayed),
        *cells,
        lowest_left=left["signal"].min(),
        highest_stayed=stayed["signal"].max(),
        unknown=len(ended) - len(known),
    )


def area_under_curve(left, stayed) -> float:
    """Mann and Whitney's U over the number of pairs."""
    statistic = stats.mannwhitneyu(left, stayed, method="asymptotic").statistic
    return float(statistic / (len(left) * len(stayed)))


def interval(area: float, left: int, stayed: int) -> tuple[float, float]:
    """Newcombe's interval for an area from samples of these sizes.

    Unlike a bootstrap it keeps its width where the area is 0 or 1.
    R. G. Newcombe, Statistics in Medicine 25 (2006), 559-573, method 5.
    """
    z = stats.norm.ppf((1 + LEVEL) / 2)
    half = (left + stayed) / 2 - 1

    def excess(true: float) -> float:
        growth = (1 - true) / (2 - true) + true / (1 + true)
        variance = true * (1 - true) * (1 + half * growth) / (left * stayed)
        return (area - true) ** 2 - z**2 * variance

    tiny = math.ulp(1.0)
    low = optimize.brentq(excess, 0, area - tiny) if area > 0 else 0.0
    high = optimize.brentq(excess, area + tiny, 1) if area < 1 else 1.0
    return float(low), float(high)
