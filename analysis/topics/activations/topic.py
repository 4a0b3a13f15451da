"""Figure 1: how much faster a network learns with ReLU than with other activations."""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis.claims.measurement import Measured
from analysis.claims.printed import FIGURE1_LEVEL
from analysis.display import style
from analysis.display.sections import Html, Panel, Section, figure, folded, holes, table
from analysis.evidence.runs import Runs
from analysis.topics.activations import measured as figure1_measured
from analysis.topics.activations import race
from analysis.topics.activations.tables import (
    INTERVAL,
    UNITS,
    duration,
    label,
    shown,
    shown_grid,
)

COLOURS = {
    "relu": style.BLUE,
    "tanh": style.ORANGE,
    "logistic": style.GREEN,
    "abs-tanh": style.PURPLE,
}
DASHES = {"relu": "", "tanh": (4, 2), "logistic": (1, 1.5), "abs-tanh": (5, 2, 1, 2)}

CIFAR_PROFILES = ("cifar10", "smoke")


def plot(curves: pd.DataFrame, results: pd.DataFrame, ax: Axes) -> Axes:
    """One condition: every seed a line, the level, and each arm's mean at the level."""
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
    """One condition: training error against rate, at the fastest rate's crossing."""
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


def section(runs: Runs) -> Section:
    """Tables, figures and sentences of Figure 1."""
    runs = runs.named(race.RECIPES)
    measured = race.measured(runs)
    results = race.results(measured, race.declared(runs))
    grid = race.grid(measured, results)
    searched = runs.where(lambda run: run.seed == race.SEARCH_SEED)
    counted = runs.where(lambda run: run.seed != race.SEARCH_SEED)
    figures = _race(counted, results) + _search(searched, results, grid)
    return Section(_tables(runs, results, grid), figures)


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    return figure1_measured.measured(runs)


def _tables(runs: Runs, results: pd.DataFrame, grid: pd.DataFrame) -> Html:
    level = f"{100 * FIGURE1_LEVEL.value:g} %"
    caption = (
        f"Epochs until {level} training error: the learning rate, how many of the seeds "
        "got there, mean and range of their epochs, ratio of the mean to that of ReLU"
    )
    main = table(shown(results), caption=caption)
    main = main if len(results) else Html("")
    tables = (
        main
        + _waiting(runs, results)
        + holes(runs.where(lambda run: run.status != "failed"))
    )
    if grid.empty:
        return tables
    caption = (
        f"Every learning rate tried, with seed {race.SEARCH_SEED}: epochs until "
        f"{level}, and training error when the arm's fastest rate got there or, if "
        "sooner, at the run's own end"
    )
    title = f"All {len(grid)} runs of the learning-rate search"
    return tables + folded(title, table(shown_grid(grid), caption=caption))


def _waiting(runs: Runs, results: pd.DataFrame) -> Html:
    names = race.waiting(runs, results)
    if not names:
        return Html("")
    if runs.profile not in CIFAR_PROFILES:
        return Html('<p class="hole">Measured on CIFAR-10: profile cifar10.</p>')
    command = (
        f"repro reproduce --profile {runs.profile} --experiments {','.join(names)}"
    )
    return Html(f'<p class="hole">What has not run: <code>{command}</code></p>')


def _race(runs: Runs, results: pd.DataFrame) -> Html:
    curves = race.curves(runs, results)
    panels = [
        _panel(name, curves[curves["condition"] == name], rows)
        for name, rows in results.groupby("condition", sort=False)
        if rows["seeds"].any()
    ]
    caption = (
        "Training error by epoch: ReLU solid, tanh dashed, one thin line a seed; a dot "
        f"is the mean epoch at {100 * FIGURE1_LEVEL.value:g} % (dashed horizontal). "
        f"In brackets the {INTERVAL} of the ratio."
    )
    data = {"activations-curves": curves, "activations-results": results}
    return figure(panels, caption=_noted(runs, caption), data=data, runs=runs)


def _panel(name: str, curves: pd.DataFrame, results: pd.DataFrame) -> Panel:
    def draw(ax: Axes) -> None:
        plot(curves, results, ax).set_title(_title(name, results))

    known = results[results["seeds"] > 0].itertuples()
    arms = [
        f"{UNITS[row.activation]} takes {duration(row)} epochs to "
        f"{100 * FIGURE1_LEVEL.value:g} %"
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


def _search(runs: Runs, results: pd.DataFrame, grid: pd.DataFrame) -> Html:
    names = [
        name for name in results["condition"].unique() if name in {*grid["condition"]}
    ]
    panels = [_search_panel(name, grid[grid["condition"] == name]) for name in names]
    level = f"{100 * FIGURE1_LEVEL.value:g} %"
    caption = (
        "The search of the learning rates, one run each: training error when the arm's "
        f"fastest rate reaches {level} (dashed horizontal), or at the run's own end if "
        "that came sooner; a ring is the rate chosen."
    )
    data = {"activations-learning-rates": grid}
    return figure(panels, caption=_noted(runs, caption), data=data, runs=runs)


def _search_panel(name: str, grid: pd.DataFrame) -> Panel:
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


def _noted(runs: Runs, caption: str) -> str:
    return (
        f"{runs.note[:1].upper()}{runs.note[1:]}. {caption}" if runs.note else caption
    )
