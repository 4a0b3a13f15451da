"""What both starts have come to: a table of the starts and one of their differences."""

import math

import pandas as pd

from analysis.display.sections import Html, table
from analysis.evidence.answers import PAPER_VIEWS
from analysis.evidence.curves import images
from analysis.statistics.estimates import Estimate
from analysis.statistics.numbers import per_cent, spread
from analysis.topics.transfer.pairs import (
    LEVEL,
    SCRATCH,
    SPLITS,
    STARTS,
    TUNED,
    Transfer,
)


def arrivals(pair: Transfer, split: str, recipe: str) -> str:
    """Epochs to LEVEL over the seeds, and how many never arrive."""
    found = pair.epochs(split)[recipe]
    known = [epoch for epoch in found if math.isfinite(epoch)]
    late = len(found) - len(known)
    words = [spread(known, lambda value: f"{value:.1f}") + " epochs"] if known else []
    if late:
        words.append(f"{late} of {len(found)} not within {pair.last_epoch()}")
    return ", ".join(words)


def arms_table(pair: Transfer) -> Html:
    """One row a start: epochs to LEVEL and the last errors."""
    tested = pair.tested()
    rows = []
    for recipe, start in STARTS.items():
        if recipe == TUNED and pair.pretrained_on:
            start += f" on {pair.pretrained_on}"
        row = {"Start": start, "Seeds": str(len(pair.arms[recipe]))}
        for split, name in SPLITS.items():
            row[f"{100 * LEVEL:g} % {name} error after"] = arrivals(pair, split, recipe)
        for split, name in SPLITS.items():
            row[f"Last {name} error, %"] = spread(pair.last(split)[recipe], per_cent)
        if tested:
            errors = [each.wrong[PAPER_VIEWS, 1].mean() for each in tested[recipe]]
            row["Test error, %"] = spread(errors, per_cent)
        rows.append(row)
    counts = {name: images(pair.scratch[0], split) for split, name in SPLITS.items()}
    of_test = ""
    if tested:
        of_test = (
            f"; of {len(tested[SCRATCH][0].labels):,} test images {PAPER_VIEWS} views"
        )
        of_test += " of the exported weights"
    of_each = " and ".join(f"{count:,} {name}" for name, count in counts.items())
    caption = (
        f"{pair.dataset}: means over the seeds (range); top-1 errors of {of_each} images, "
        f"one view of the weights of the last epoch{of_test}"
    )
    return table(pd.DataFrame(rows), caption=caption)


def differences_table(pair: Transfer) -> Html:
    """From scratch against pre-trained, pairs of seeds."""
    rows = []
    for split, name in SPLITS.items():
        quantity = f"Epochs to {100 * LEVEL:g} % {name} error, ratio"
        rows.append((quantity, *_ratio(pair.ratio(split))))
    for split, name in SPLITS.items():
        found = pair.last_difference(split)
        rows.append((f"Last {name} error, points", found.points, found.covers))
    if found := pair.test_difference():
        rows.append(("Test error, points", found.points, found.covers))
    caption = (
        f"{pair.dataset}: from scratch over pre-trained (ratios), from scratch minus "
        "pre-trained (points), with 95 % intervals: of ratios of geometric means Welch's "
        "t on logarithms, of differences Student's t over pairs of seeds"
    )
    columns = ["Quantity", "From scratch against pre-trained", "Interval over"]
    return table(pd.DataFrame(rows, columns=columns), caption=caption)


def _ratio(found: Estimate) -> tuple[str, str]:
    """The ratio with its interval, and what the interval is over."""
    if found.bound == "unknown":
        return "unknown: neither comes to it", ""
    if not found.limits:
        return found.ratio, "one seed: no interval"
    return f"{found.ratio} ({found.limits})", "seeds"
