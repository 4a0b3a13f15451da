"""What other light adds to the test error, with colour noise in training and without.

From disturbed.csv: the same test images, one view, in light that is added along the
training set's principal colours, or scaled. Errors are fractions.
"""

from collections.abc import Collection

import pandas as pd

from analysis.display import holes
from analysis.display.sections import Html, table
from analysis.evidence.disturbed import FILE, images, rises
from analysis.evidence.runs import Run, Runs
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.numbers import per_cent, spread
from analysis.topics.ablations.effects import Effect

CLAIM = "S4.1h"

# Kinds of light, and the disturbances that are of each.
LIGHT = {
    "intensity": ("colour axis 1",),
    "colour": ("colour axis 2", "colour axis 3"),
    "scaled": ("light scaled",),
}


def added(run: Run, light: Collection[str]) -> float:
    """The mean of what these disturbances add, over all their amounts."""
    found = rises(run)
    return float(found[found.index.get_level_values("disturbance").isin(light)].mean())


def waiting(each: Effect) -> Runs:
    """The runs of a comparison without disturbed.csv."""
    profile = each.runs[0].record["profile"]["name"]
    return Runs(profile, tuple(r for r in each.runs if not (r.folder / FILE).exists()))


def difference(each: Effect, light: Collection[str]) -> Estimate | None:
    """What light adds to the variant's error minus what it adds to the reference's.

    The interval is over seeds. None while a run has no disturbed.csv.
    """
    if waiting(each).complete:
        return None
    found = [added(one, light) - added(other, light) for one, other in each.pairs]
    return over_seeds(found, images=images(each.pairs[0][1]))


def light_table(each: Effect) -> Html:
    """A table by disturbance and amount, or the runs without disturbed.csv as holes."""
    lacking = waiting(each)
    if lacking.complete:
        return holes.missing(lacking, [FILE])
    found = [[rises(run) for run in pair] for pair in each.pairs]
    rows = [
        _cells(kind, name, amount, [[r[name, amount] for r in pair] for pair in found])
        for kind, names in LIGHT.items()
        for name, amount in found[0][0].index
        if name in names
    ]
    count = images(each.pairs[0][1])
    caption = (
        f"Test images in other light, {each.images}, n = {count:,}, one view: points "
        "added to the top-1 error, means over seeds (range), and the difference with "
        "Student's t interval over seeds. Axes: the training images' principal colours; "
        "amounts in standard deviations of the released colour noise, half of the images "
        "either way. Scaled: pixels times or divided by the amount. Nothing is clipped"
    )
    return table(pd.DataFrame(rows), caption=caption)


def _cells(kind: str, name: str, amount: float, pairs: list[list[float]]) -> dict:
    variant, reference = zip(*pairs, strict=True)
    change = over_seeds([a - b for a, b in pairs], images=0)
    return {
        "Light": f"{kind}: {name}" if kind not in name else name,
        "Amount": f"{amount:g}",
        "Without the noise": spread(variant, per_cent),
        "With it": spread(reference, per_cent),
        "Difference, points": change.points,
    }
