"""Learning curves of both starts, drawn."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis.display import style, words
from analysis.display.sections import Html, Panel, figure
from analysis.evidence import curves
from analysis.evidence.runs import Runs
from analysis.statistics.numbers import counted, per_cent, spread
from analysis.topics.transfer.pairs import (
    LEVEL,
    SCRATCH,
    SPLITS,
    STARTS,
    TUNED,
    Transfer,
)
from analysis.topics.transfer.tables import arrivals

COLOURS = {SCRATCH: style.BLUE, TUNED: style.ORANGE}
DASHES = {SCRATCH: (0, (4, 2)), TUNED: "-"}


def curves_of(pair: Transfer) -> pd.DataFrame:
    """Errors and losses of every run by epoch; `recipe` says which start."""
    found = curves.curves(Runs("", pair.runs))
    return found.assign(recipe=found["run"].str.partition("+")[0])


def plot(found: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the top-1 error of one split by epoch: the seeds' mean and range."""
    for recipe, start in STARTS.items():
        rows = found[found["recipe"] == recipe].groupby("epoch")["top1_error"]
        band = rows.agg(["mean", "min", "max"])
        about = {"color": COLOURS[recipe], "lw": 0}
        ax.fill_between(band.index, band["min"], band["max"], alpha=0.3, **about)
        line = {"color": COLOURS[recipe], "ls": DASHES[recipe], "label": start}
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
            f"bands: their range. {curves.protocol(_used(runs, pairs))}. "
            f"Dotted: {100 * LEVEL:g} %."
        )
    frames = [curves_of(pair) for pair in pairs]
    data = {"transfer-curves": pd.concat(frames)} if frames else {}
    caption = words.noted(runs, caption)
    return figure(panels, caption=caption, data=data, runs=_used(runs, pairs))


def _used(runs: Runs, pairs: list[Transfer]) -> Runs:
    return Runs(runs.profile, tuple(run for pair in pairs for run in pair.runs))


def _panel(pair: Transfer, split: str) -> Panel:
    known = curves_of(pair)
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
