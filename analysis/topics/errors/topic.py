"""Tables 1 and 2: errors by images, views and networks, beside what others report."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis.display import style, words
from analysis.display.holes import hole
from analysis.display.sections import Html, Panel, Section, figure, holes
from analysis.evidence import commands
from analysis.evidence.answers import Group, groups
from analysis.evidence.arms import R0
from analysis.evidence.curves import setting
from analysis.evidence.ensembles import ensembles
from analysis.evidence.runs import Runs
from analysis.statistics.numbers import counted
from analysis.topics.errors import numbers, tables
from analysis.topics.errors.measured import measured
from analysis.topics.errors.numbers import MEMBERS, OURS, main_group

__all__ = ["measured", "section"]

# Of the network of 2012 and its successors, trained here or imported.
RECIPES = ("released-145", "paper-text", "caffe", "one-tower")
MARKERS = {1: "o", 5: "s"}  # by top
COLOURS = {OURS: style.BLUE, "paper": style.ORANGE, "re-run": style.PURPLE}
WIDTH, ROW, FRAME = 4.3, 0.36, 1.0  # inches: of the panel, of one row, around them


def plot(rows: pd.DataFrame, ax: Axes) -> Axes:
    """Draw top-1 and top-5 errors, one line for each protocol and source."""
    labels = list(dict.fromkeys(rows["label"]))
    for row in rows.itertuples():
        line, colour = labels.index(row.label), COLOURS[row.kind]
        for top, marker in MARKERS.items():
            found = getattr(row, f"top{top}")
            if found is not None:
                face = colour if row.kind == OURS else "none"
                at = line + (0.12 if top == 5 else -0.12)
                ax.plot([found.low, found.high], [at, at], color=colour)
                ax.plot(found.value, at, marker, ms=4.5, c=colour, mfc=face)
    for top, marker in MARKERS.items():
        ax.plot([], [], marker, ms=4.5, c=style.INK, mfc="none", label=f"top-{top}")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
    ax.set_yticks(range(len(labels)), labels)
    ax.set(ylim=(len(labels) - 0.5, -0.5), xlim=(0, None), xlabel="error")
    ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.grid(axis="y", visible=False)
    return ax


def section(runs: Runs) -> Section:
    """The tables and the figure of errors."""
    kept = runs.where(lambda run: setting(run)[0] in RECIPES)
    known, averages = groups(kept), ensembles(kept)
    main, joined = main_group(known), numbers.side_by_side(known, averages)
    listed = (
        tables.errors_table(joined)
        + (_of_ours(known) if known else _not_exported(kept))
        + (tables.averages_table(averages) if averages else _not_averaged(kept, main))
        + tables.notes_table()
        + holes(kept)
    )
    return Section(listed, _figure(kept, main, joined))


def _of_ours(known: list[Group]) -> Html:
    gains = tables.gains_table(numbers.view_gains(known))
    differences = numbers.split_differences(numbers.ours(known))
    return gains + tables.splits_table(differences)


def _not_exported(runs: Runs) -> Html:
    command = commands.train(runs, R0.recipe)
    if runs.complete:
        command = commands.export(runs, runs.complete[0])
    return hole("No exported run of the 2012 network yet", command)


def _not_averaged(runs: Runs, main: Group | None) -> Html:
    """The hole of the average of MEMBERS networks, with the command that comes next."""
    condition = R0.condition(main.name) if main else ()
    seeds = main.seeds if main else []
    waiting = [seed for seed in range(MEMBERS) if seed not in seeds]
    what = f"{MEMBERS} networks averaged: not run"
    if waiting:
        command = commands.train(runs, R0.recipe, "+".join(condition), waiting[0])
    else:
        folder = f"reports/{runs.profile}/runs/{R0.name(condition)}"
        command = f"repro ensemble {folder}/seed-*"
    return hole(what, command)


def plotted(joined: pd.DataFrame, main: Group | None) -> pd.DataFrame:
    """The rows of the figure: R0's main group, its ensembles, the paper, re-runs."""
    names = {main.name, f"{main.name}, averaged"} if main else set()
    own = joined[(joined["kind"] == OURS) & joined["system"].isin(names)]
    others = joined[
        joined["kind"].isin(["paper", "re-run"])
        & joined["views"].notna()
        & ~joined["system"].str.contains("128|pre-trained")  # other inputs, other data
    ]
    rows = pd.concat([own, others], ignore_index=True)
    return rows.assign(label=[_label(row) for row in rows.itertuples()])


def _label(row) -> str:
    images = row.images.partition(", ")[0]
    images += ", held out" * ("held out" in row.images)
    kind = "re-runs" if row.kind == "re-run" else row.kind
    models = f"{counted(int(row.models), 'network')} averaged, " * (row.models > 1)
    return f"{images}\n{kind}, {models}{counted(int(row.views), 'view')}"


def _figure(runs: Runs, main: Group | None, joined: pd.DataFrame) -> Html:
    rows = plotted(joined, main)
    of = f" of {main.name} on {main.images('test')}" if main else ""
    caption = (
        "Errors by images, number of views and networks. Filled blue: ours, mean of the "
        f"seeds{of}. Hollow: reported by the paper (orange) and by published re-runs "
        "(purple), on another data set unless the line names the same images. Lines: "
        "95 % intervals, over seeds where there are several of ours, else over images."
    )
    caption = words.noted(runs, caption)
    own = rows[rows["kind"] == OURS]
    if own.empty:
        return figure([], caption=caption, data={}, runs=runs)
    used = {run.folder for run in main.runs}
    data = {"errors": numbers.flat(joined)}
    kept = runs.where(lambda run: run.folder in used)
    return figure([_panel(rows)], caption=caption, data=data, runs=kept)


def _panel(rows: pd.DataFrame) -> Panel:
    def draw(ax: Axes) -> None:
        plot(rows, ax)

    lines = rows["label"].nunique()
    said = [
        f"{row.label.replace(chr(10), ', ')}, top-1 {100 * row.top1.value:.1f} %, "
        f"top-5 {100 * row.top5.value:.1f} %"
        for row in rows[rows["kind"] != "re-run"].itertuples()
        if row.top1 and row.top5
    ]
    alt = f"Errors by images and views: {'; '.join(said)}."
    size = (WIDTH, FRAME + ROW * lines)
    return Panel("errors-protocols", style.drawn(draw, size), alt)
