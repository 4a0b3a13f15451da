"""Learning curves drawn: loss and error of R0 by epoch, every seed a line."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis.display import style
from analysis.display.sections import Html, Panel, figure
from analysis.display.words import noted
from analysis.evidence import curves
from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Run, Runs
from analysis.statistics.numbers import counted, per_cent, spread

COLOURS = {"training": style.BLUE, "validation": style.ORANGE}
DASHES = {"training": "-", "validation": (0, (4, 2))}
SIZE = (3.6, 3.5)  # inches
QUANTITIES = {"loss": "loss", "top1_error": "top-1 error"}


def plot(rows: pd.DataFrame, quantity: str, ax: Axes) -> Axes:
    """One run's loss or error by epoch: every seed a thin line for each split."""
    for (split, _), own in rows.groupby(["split", "seed"], sort=False):
        line = {"color": COLOURS[split], "ls": DASHES[split], "lw": 0.9}
        ax.plot(own["epoch"], own[quantity], **line)
    for split in rows["split"].unique():
        ax.plot([], [], color=COLOURS[split], ls=DASHES[split], label=split)
    ax.set(xlabel="epoch", ylabel=QUANTITIES[quantity], xlim=(0, rows["epoch"].max()))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if quantity == "loss":
        ax.set_ylim(0, None)
    else:
        ax.set_ylim(0, 1)
        ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    return ax


def mark_events(ax: Axes, drops: list[tuple[int, float]], late: list[int]) -> Axes:
    """Vertical lines where the rate drops, shade where the late phase is.

    The legend stands below the axes: no corner is free of curves in every run.
    """
    if late:
        text = "conv1 slowed, noise off"
        end = ax.get_xlim()[1]
        ax.axvspan(late[0], end, color=style.FAINT, alpha=0.5, lw=0, label=text)
    for number, epoch in enumerate(sorted({epoch for epoch, _ in drops})):
        label = {} if number else {"label": f"rate ÷{1 / drops[0][1]:.3g}"}
        ax.axvline(epoch, color=style.INK, lw=0.9, ls=(0, (1, 2)), **label)
    ax.legend(loc="upper center", bbox_to_anchor=(0.45, -0.17), ncols=2)
    return ax


def figures(runs: Runs) -> Html:
    """Two panels, loss and error, for every name under which R0 ran."""
    released = runs.where(lambda run: curves.setting(run)[0] == RELEASED)
    rows = curves.curves(released)
    panels = []
    for name in dict.fromkeys(run.name for run in released.complete):
        same = [run for run in released.complete if run.name == name]
        own = rows[rows["run"] == name]
        panels += [_panel(name, quantity, same, own) for quantity in QUANTITIES]
    caption = "Loss and top-1 error by epoch of the released recipe."
    if panels:
        caption = (
            f"{caption} One thin line a seed; {curves.protocol(released)}. "
            "Dotted: after these epochs the rate dropped; shaded: conv1 slowed, then "
            "frozen, and colour noise off."
        )
    data = {"training-curves": rows, "training-gaps": curves.gaps(runs)}
    return figure(panels, caption=noted(runs, caption), data=data, runs=released)


def _panel(name: str, quantity: str, runs: list[Run], rows: pd.DataFrame) -> Panel:
    drops = [drop for run in runs for drop in curves.drops(run)]
    late = curves.late_phase(runs[0])
    title = textwrap.fill(name.replace("+", " + "), 44)

    def draw(ax: Axes) -> None:
        mark_events(plot(rows, quantity, ax), drops, late).set_title(title)

    last = rows[rows["epoch"] == rows["epoch"].max()]
    ends = [
        f"{split} {_quantity(own[quantity], quantity)}"
        for split, own in last.groupby("split", sort=False)
    ]
    after = ", ".join(str(epoch) for epoch in sorted({epoch for epoch, _ in drops}))
    alt = (
        f"{QUANTITIES[quantity].capitalize()} by epoch, {name}, {counted(len(runs), 'seed')}: at "
        f"epoch {rows['epoch'].max()} {' and '.join(ends)}; "
        f"{f'the rate drops after epochs {after}' if after else 'the rate is constant'}."
    )
    return Panel(f"training-{quantity}-{name}", style.drawn(draw, SIZE), alt)


def _quantity(values: pd.Series, quantity: str) -> str:
    if quantity == "loss":
        return spread(values, "{:.2f}".format)
    return f"{spread(values, per_cent)} %"
