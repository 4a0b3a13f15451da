"""The phase diagram of the plateau: one panel for each positive bias."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.display import style
from analysis.display.sections import Html, Panel, figure
from analysis.display.words import noted
from analysis.evidence.runs import Runs
from analysis.topics.plateau import tables

PALEST, FULLEST = 0.12, 0.5  # opacity of a cell where no run and where every run left


def diagram(runs: Runs, starts: pd.DataFrame, cells: pd.DataFrame) -> Html:
    """The figure: how many runs of each cell left, in one panel a positive bias."""
    panels = []
    if len(starts):
        groups = cells.groupby(["changes", "positive_bias"])
        panels = [_panel(*key, rows) for key, rows in groups]
    caption = (
        "The plateau: how many runs left, after how many steps, and the pre-flight."
    )
    if panels:
        caption = (
            "Each cell shows, as the table does, how many runs left the plateau (the more, "
            "the stronger the colour), after how many steps, and the mean pre-flight. "
            f"{tables.data(starts)}."
        )
    data = {"plateau-runs": starts.drop(columns="run"), "plateau-cells": cells}
    ended = tuple(run for run in starts["run"] if run.status == "complete")
    used = Runs(runs.profile, ended)
    return figure(panels, caption=noted(runs, caption), data=data, runs=used)


def _panel(changes: str, bias: float, cells: pd.DataFrame) -> Panel:
    title = f"positive biases {bias:g}" + f"\n{changes}" * bool(changes)

    def draw(ax: Axes) -> None:
        plot(cells, ax).set_title(title)

    known = [
        f"input scale {row.input_scale:g}, initial std {row.middle_std:g}: "
        + (f"{row.left} of {row.seeds} left" if row.seeds else "not run")
        for row in cells.itertuples()
    ]
    alt = f"Runs that left the plateau, {title.replace(chr(10), ', ')}: "
    name = "-".join(
        ["plateau", f"bias-{bias:g}", *changes.replace("=", "-").split("+")]
    )
    return Panel(name.rstrip("-"), style.drawn(draw), f"{alt}{'; '.join(known)}.")


def plot(cells: pd.DataFrame, ax: Axes) -> Axes:
    """One positive bias: input scale across, initial std upwards, the cell's numbers."""
    scales = sorted(cells["input_scale"].unique())
    stds = sorted(cells["middle_std"].unique())
    for row in cells.itertuples():
        x, y = scales.index(row.input_scale), stds.index(row.middle_std)
        share = row.left / row.seeds if row.seeds else 0
        opacity = PALEST + share * (FULLEST - PALEST) if row.seeds else 0
        place = {"xy": (x - 0.5, y - 0.5), "width": 1, "height": 1}
        ax.add_patch(Rectangle(**place, fc=style.BLUE, alpha=opacity, lw=0))
        ax.add_patch(Rectangle(**place, fill=False, ec=style.PAPER, lw=2))
        ax.text(x, y, _cell(row), ha="center", va="center", size=8, color=style.INK)
    ax.set_xticks(range(len(scales)), [f"{scale:g}" for scale in scales])
    ax.set_yticks(range(len(stds)), [f"{std:g}" for std in stds])
    ax.set(xlim=(-0.5, len(scales) - 0.5), ylim=(-0.5, len(stds) - 0.5))
    ax.set(
        xlabel="input scale (1: pixels of 0–255)", ylabel="initial std, conv3 to conv5"
    )
    ax.grid(False)
    ax.tick_params(length=0)
    return ax


def _cell(row) -> str:
    if not row.seeds:
        return "not run"
    known = pd.Series(row.signals, dtype=float).mean()
    lines = [f"{row.left} of {row.seeds}"]
    lines += [tables.steps(row)] if row.left else []
    lines += ["stayed"] if not row.left and row.diverged < row.seeds else []
    lines += [f"{row.diverged} diverged"] if row.diverged else []
    lines += [] if math.isnan(known) else [f"({tables.number(known)})"]
    return "\n".join(lines)
