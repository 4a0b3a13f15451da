"""The ablations drawn: every effect with its interval, and what others report of it."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from analysis.display import style
from analysis.display.sections import Html, Panel, figure
from analysis.display.words import noted
from analysis.evidence.runs import Runs
from analysis.topics.ablations.effects import Effect, frame
from analysis.topics.ablations.measured import reported
from analysis.topics.ablations.tables import data, recipe

FAR, LINEAR = 20, 5  # points: one such effect would leave no room for the others
ROW, FRAME, WIDTH = 0.25, 0.8, 3.7  # inches: of one row, around them, of the panel


def plot(results: Sequence[Effect], top: int, ax: Axes) -> Axes:
    """Effects as dots with intervals, one row a variant; marks are what others report."""
    for row, each in enumerate(results):
        found = each.difference(top)
        over_seeds = found.over == "seeds"
        line = {"color": style.BLUE, "linestyle": "-" if over_seeds else ":"}
        ax.plot([100 * found.low, 100 * found.high], [row, row], **line)
        face = style.BLUE if over_seeds else style.PAPER
        ax.plot(100 * found.value, row, "o", ms=5, c=style.BLUE, mfc=face)
        quantity = reported(each.comparison, top)
        marks = {"D": quantity.paper, "|": quantity.logged} if quantity else {}
        for marker, value in marks.items():
            if value is not None:
                about = {"ms": 6 + 3 * (marker == "|"), "mfc": "none"}
                ax.plot(value, row, marker, c=style.ORANGE, **about)
    ax.axvline(0, color=style.INK, linewidth=0.9, dashes=(6, 3))
    ax.set_yticks(range(len(results)), [each.comparison.change for each in results])
    ax.set_ylim(len(results) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.set(xlabel=f"top-{top} error: change, points")
    ends = [abs(100 * end) for each in results for end in _limits(each, top)]
    if max(ends, default=0) > FAR:
        ax.set_xscale("symlog", linthresh=LINEAR, linscale=2)
        ax.set_xticks([-5, -2, 0, 2, 5, 50])
        ax.xaxis.set_major_formatter("{x:g}")
        ax.set_xticks([], minor=True)
    return ax


def _limits(each: Effect, top: int) -> list[float]:
    found = each.difference(top)
    return [end for end in (found.low, found.high, found.value) if math.isfinite(end)]


def effects_figure(runs: Runs, chosen: list[Effect]) -> Html:
    """Two panels, top-1 and top-5, of the effects under one condition."""
    panels = [_panel(chosen, top) for top in (1, 5)] if chosen else []
    caption = (
        "Change of the test error, ten views, variant minus reference; right of 0 the "
        "variant is worse. Dots with 95 % intervals: filled and solid over seeds, hollow "
        "and dotted over images of one seed. Orange diamonds: the paper; orange bars: "
        f"its authors' notes; both on ILSVRC. Where one effect exceeds {FAR} points, the "
        f"axis is logarithmic beyond {LINEAR}."
    )
    if chosen:
        caption = f"{data(chosen[0])}. {caption}"
    used = {run.folder for each in chosen for run in each.runs}
    kept = runs.where(lambda run: run.folder in used)
    table = {"ablations": frame(chosen)}
    return figure(panels, caption=noted(runs, caption), data=table, runs=kept)


def _panel(chosen: list[Effect], top: int) -> Panel:
    def draw(ax: Axes) -> None:
        plot(chosen, top, ax)

    size = (WIDTH, FRAME + ROW * len(chosen))
    changes = [
        f"{recipe(each)}, {each.comparison.change}: {each.difference(top).points}"
        for each in chosen
    ]
    alt = f"Change of the top-{top} test error in points: {'; '.join(changes)}."
    return Panel(f"ablations-top{top}", style.drawn(draw, size), alt)
