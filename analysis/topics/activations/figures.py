"""Drawings of Figure 1: learning curves of a condition, and its search of the rates."""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis.claims.printed import FIGURE1_LEVEL
from analysis.display import style
from analysis.display.sections import Panel
from analysis.topics.activations import race
from analysis.topics.activations.tables import LEVEL, UNITS, duration, label

COLOURS = {
    "relu": style.BLUE,
    "tanh": style.ORANGE,
    "logistic": style.GREEN,
    "abs-tanh": style.PURPLE,
}
DASHES = {"relu": "", "tanh": (4, 2), "logistic": (1, 1.5), "abs-tanh": (5, 2, 1, 2)}


def plot(curves: pd.DataFrame, results: pd.DataFrame, ax: Axes) -> Axes:
    """One condition: a line a seed, the level, a dot at the mean epoch of each arm."""
    sns.lineplot(
        curves,
        x="epoch",
        y="train_top1_error",
        hue="activation",
        style="activation",
        units="seed",
        estimator=None,
        palette=COLOURS,
        dashes=DASHES,
        legend=False,
        ax=ax,
    )
    ax.axhline(FIGURE1_LEVEL.value, color=style.INK, linewidth=0.9, dashes=(6, 3))
    for row in results[results["seeds"] > 0].itertuples():
        line = ax.plot([], [], **_line(row.activation))[0]
        line.set_label(f"{UNITS[row.activation]}: {duration(row)} epochs")
        if row.reached == row.seeds:
            ax.plot(row.epochs, FIGURE1_LEVEL.value, "o", ms=4.5, c=line.get_color())
    ax.legend(loc="upper right")
    ax.set(xlabel="epoch", ylabel="training error", xlim=(0, None))
    _per_cent(ax)
    return ax


def plot_grid(grid: pd.DataFrame, ax: Axes) -> Axes:
    """One condition: training error by rate when the fastest rate reaches the level."""
    for arm in grid["activation"].unique():
        rows = grid[grid["activation"] == arm]
        chosen = rows[rows["chosen"]]
        ring = {"ms": 10, "mfc": "none", "mec": COLOURS[arm]}
        ax.plot(
            rows["learning_rate"], rows["error_then"], **_line(arm), label=UNITS[arm]
        )
        ax.plot(rows["learning_rate"], rows["error_then"], "o", ms=4, c=COLOURS[arm])
        ax.plot(chosen["learning_rate"], chosen["error_then"], "o", **ring)
    ax.axhline(FIGURE1_LEVEL.value, color=style.INK, linewidth=0.9, dashes=(6, 3))
    rates = sorted(grid["learning_rate"].unique())
    ax.set_xscale("log")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates], rotation=45, ha="right")
    ax.set_xticks([], minor=True)
    ax.set(xlabel="learning rate", ylabel="training error")
    _per_cent(ax)
    ax.legend()
    return ax


def _per_cent(ax: Axes) -> None:
    ax.set_ylim(0, 1)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))


def _line(arm: str) -> dict[str, object]:
    dashes = {"dashes": DASHES[arm]} if DASHES[arm] else {}
    return {"color": COLOURS[arm], **dashes}


def curves(name: str, curves: pd.DataFrame, results: pd.DataFrame) -> Panel:
    """Training error by epoch in one condition."""

    def draw(ax: Axes) -> None:
        plot(curves, results, ax).set_title(_title(name, results))

    known = results[results["seeds"] > 0].itertuples()
    arms = [
        f"{UNITS[row.activation]} takes {duration(row)} epochs to {LEVEL}"
        for row in known
    ]
    alt = f"Training error by epoch, {label(name)}: {'; '.join(arms)}."
    return Panel(f"activations-{name}", style.drawn(draw), alt)


def _title(name: str, results: pd.DataFrame) -> str:
    lines = label(name).split(", ", 1)
    for row in results[results["ratio"].notna()].itertuples():
        known = f"{UNITS[row.activation]} / {UNITS[race.REFERENCE]}"
        exact = row.ratio.bound == "none" and row.ratio.limits
        spread = f" ({row.ratio.limits})" if exact else ""
        lines.append(f"{known}: {row.ratio.ratio}{spread}")
    return "\n".join(lines)


def search(name: str, grid: pd.DataFrame) -> Panel:
    """Training error against learning rate in one condition."""

    def draw(ax: Axes) -> None:
        plot_grid(grid, ax).set_title(label(name).replace(", ", "\n", 1))

    chosen = [
        f"{UNITS[row.activation]} is fastest at {row.learning_rate:g}"
        for row in grid[grid["chosen"]].itertuples()
    ]
    tried = grid["learning_rate"].nunique()
    alt = (
        f"Training error against learning rate, {tried} rates, {label(name)}: "
        f"{'; '.join(chosen) or 'none chosen yet'}."
    )
    return Panel(f"learning-rates-{name}", style.drawn(draw), alt)
