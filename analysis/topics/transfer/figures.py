"""Learning curves of both starts drawn, and in words what they have come to."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis.display import style
from analysis.display import words as figure4
from analysis.display.sections import Html, Panel, figure, table
from analysis.evidence import curves as learning_curves
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import Estimate
from analysis.statistics.numbers import counted, per_cent, spread
from analysis.topics.transfer.pairs import (
    LEVEL,
    SCRATCH,
    STARTS,
    TUNED,
    VIEWS,
    Transfer,
)

COLOURS = {SCRATCH: style.BLUE, TUNED: style.ORANGE}
DASHES = {SCRATCH: (0, (4, 2)), TUNED: "-"}
SPLITS = {"val": "validation", "train": "training"}


def curves(pair: Transfer) -> pd.DataFrame:
    """Errors and losses of every run by epoch; `recipe` says which start."""
    found = learning_curves.curves(Runs("", pair.runs))
    return found.assign(recipe=found["run"].str.partition("+")[0])


def plot(found: pd.DataFrame, ax: Axes) -> Axes:
    """Top-1 error by epoch of one split: the seeds' mean, and their range as a band."""
    for recipe, words in STARTS.items():
        rows = found[found["recipe"] == recipe].groupby("epoch")["top1_error"]
        band = rows.agg(["mean", "min", "max"])
        about = {"color": COLOURS[recipe], "lw": 0}
        ax.fill_between(band.index, band["min"], band["max"], alpha=0.3, **about)
        line = {"color": COLOURS[recipe], "ls": DASHES[recipe], "label": words}
        ax.plot(band.index, band["mean"], **line)
    ax.axhline(LEVEL, color=style.INK, lw=0.9, ls=(0, (1, 2)))
    ax.set(xlabel="epoch", ylabel="top-1 error", xlim=(0, found["epoch"].max()))
    ax.set_ylim(0, max(0.5, found["top1_error"].max()) * 1.04)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.legend(loc="upper right", frameon=True, facecolor=style.PAPER, edgecolor="none")
    return ax


def figures(runs: Runs, pairs: list[Transfer]) -> Html:
    """Two panels, validation and training, for every set of changes."""
    panels = [_panel(pair, split) for pair in pairs for split in SPLITS]
    caption = "Error by epoch, from the initial values and pre-trained."
    if pairs:
        data = "; ".join(dict.fromkeys(pair.dataset for pair in pairs))
        caption = (
            f"{caption} {data}. Lines: means over {counted(len(pairs[0].scratch), 'seed')}; "
            f"bands: their range. {learning_curves.protocol(_used(runs, pairs))}. "
            f"Dotted: {100 * LEVEL:g} %."
        )
    frames = [curves(pair) for pair in pairs]
    data = {"transfer-curves": pd.concat(frames)} if frames else {}
    caption = figure4.noted(runs, caption)
    return figure(panels, caption=caption, data=data, runs=_used(runs, pairs))


def _used(runs: Runs, pairs: list[Transfer]) -> Runs:
    return Runs(runs.profile, tuple(run for pair in pairs for run in pair.runs))


def _panel(pair: Transfer, split: str) -> Panel:
    known = curves(pair)
    rows = known[known["split"] == SPLITS[split]]

    def draw(ax: Axes) -> None:
        plot(rows, ax).set_title(f"{SPLITS[split]} error")

    ends = [
        f"{STARTS[name]} {spread(errors, per_cent)} % at the end, "
        f"{100 * LEVEL:g} % after {arrivals(pair, split, name)}"
        for name, errors in pair.last(split).items()
    ]
    alt = f"{SPLITS[split].capitalize()} error by epoch: {'; '.join(ends)}."
    name = "-".join(["transfer", SPLITS[split], *pair.changes.split("+")])
    return Panel(name.rstrip("-").replace("=", "-"), style.drawn(draw), alt)


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
    for recipe, words in STARTS.items():
        row = {"Start": words, "Seeds": str(len(pair.arms[recipe]))}
        for split, name in SPLITS.items():
            row[f"{100 * LEVEL:g} % {name} error after"] = arrivals(pair, split, recipe)
        for split, name in SPLITS.items():
            row[f"Last {name} error, %"] = spread(pair.last(split)[recipe], per_cent)
        if tested:
            errors = [each.wrong[VIEWS, 1].mean() for each in tested[recipe]]
            row["Test error, %"] = spread(errors, per_cent)
        rows.append(row)
    counts = [learning_curves.images(pair.scratch[0], split) for split in SPLITS]
    if tested:
        counts.append(len(tested[SCRATCH][0].labels))
    numbers = ", ".join(f"{count:,}" for count in counts)
    kinds = "validation, training and test" if tested else "validation and training"
    caption = (
        f"{pair.dataset}: means over seeds (range); top-1 errors of {numbers} {kinds} "
        f"images, one view of the weights of the last epoch"
        + f"; of the test images {VIEWS} views of the exported weights"
        * bool(tested)
    )
    return table(pd.DataFrame(rows), caption=caption)


def differences_table(pair: Transfer) -> Html:
    """From scratch against pre-trained, pairs of seeds."""
    rows = []
    for split, name in SPLITS.items():
        row = {"Quantity": f"Epochs to {100 * LEVEL:g} % {name} error, ratio"}
        rows.append(row | _cells(pair.ratio(split)))
    for split, name in SPLITS.items():
        row = {"Quantity": f"Last {name} error, points"}
        found = pair.last_difference(split)
        rows.append(row | {"From scratch against pre-trained": found.points})
        rows[-1]["Interval over"] = found.covers
    if found := pair.test_difference():
        row = {"Quantity": "Test error, points", "Interval over": found.covers}
        rows.append(row | {"From scratch against pre-trained": found.points})
    caption = (
        f"{pair.dataset}: from scratch over pre-trained (ratios), from scratch minus "
        "pre-trained (points), with 95 % intervals: of ratios, of geometric means, "
        "Welch's t on logarithms, of differences Student's t over pairs of seeds"
    )
    return table(pd.DataFrame(rows).fillna(""), caption=caption)


def _cells(found: Estimate) -> dict[str, str]:
    spoken = found.ratio + f" ({found.limits})" * bool(found.limits)
    covers = "seeds" if found.limits else "one seed: no interval"
    if found.bound == "unknown":
        spoken, covers = "unknown: neither comes to it", ""
    return {"From scratch against pre-trained": spoken, "Interval over": covers}
