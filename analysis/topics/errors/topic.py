"""Tables 1 and 2: errors by images, views and networks, beside what others report."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis.claims.measurement import Measured
from analysis.display import style
from analysis.display.holes import hole
from analysis.display.sections import Html, Panel, Section, figure, folded, holes, table
from analysis.evidence import commands
from analysis.evidence.answers import Group, groups
from analysis.evidence.arms import R0
from analysis.evidence.ensembles import Ensemble, ensembles
from analysis.evidence.runs import Runs
from analysis.statistics.numbers import counted
from analysis.topics.errors import measured as errors_measured
from analysis.topics.errors import numbers
from analysis.topics.errors.numbers import MEMBERS, OURS, main_group
from analysis.topics.errors.tables import (
    shown,
    shown_averages,
    shown_gains,
    shown_notes,
    shown_splits,
)

# Of the network of 2012 and its successors, trained here or imported.
RECIPES = ("released-145", "paper-text", "caffe", "one-tower")
MARKERS = {1: "o", 5: "s"}  # by top
COLOURS = {OURS: style.BLUE, "paper": style.ORANGE, "re-run": style.PURPLE}
WIDTH, ROW, FRAME = 4.3, 0.36, 1.0  # inches: of the panel, of one row, around them


def plot(rows: pd.DataFrame, ax: Axes) -> Axes:
    """Top-1 and top-5 errors, one line of dots a protocol and source."""
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
    """Tables, figure and sentences of tables 1 and 2."""
    kept = runs.where(lambda run: run.name.partition("+")[0] in RECIPES)
    known, averages = groups(kept), ensembles(kept)
    joined = numbers.side_by_side(known, averages)
    return Section(
        _tables(kept, known, averages, joined),
        _figure(kept, main_group(known), joined),
    )


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    return errors_measured.measured(runs)


def _tables(
    runs: Runs, known: list[Group], averages: list[Ensemble], joined: pd.DataFrame
) -> Html:
    caption = (
        "Errors, per cent, with 95 % intervals: rows of the same images and number "
        "of views stand together, and only those compare. Others' intervals are computed "
        "here from their number of images"
    )
    parts = table(shown(joined), caption=caption)
    if known:
        parts += _of_ours(known)
    else:
        parts += Html('<p class="hole">No exported run of the 2012 network yet.</p>')
    if averages:
        caption = "Averages of several networks of one recipe, test images"
        parts += table(shown_averages(averages), caption=caption)
    else:
        parts += _not_averaged(runs, main_group(known))
    notes = shown_notes()
    caption = (
        "Errors in the comments of the authors' released parameter files, per cent"
    )
    title = f"All {len(notes)} errors in the authors' notes"
    return parts + folded(title, table(notes, caption=caption)) + holes(runs)


def _not_averaged(runs: Runs, main: Group | None) -> Html:
    """What the average of MEMBERS networks waits for."""
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


def _of_ours(known: list[Group]) -> Html:
    caption = (
        "The same network with one view and with ten, paired by image: McNemar's exact "
        "test and the gain with its 95 % interval"
    )
    gains = table(shown_gains(numbers.view_gains(known)), caption=caption)
    differences = numbers.split_differences(numbers.ours(known))
    if differences.empty:
        return gains
    caption = (
        "The same network on images held out of training and on test images, per cent; "
        "standard error of the difference from sampling images alone"
    )
    return gains + table(shown_splits(differences), caption=caption)


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
    return f"{images}\n{kind}, {models}{counted(row.views, 'view')}"


def _figure(runs: Runs, main: Group | None, joined: pd.DataFrame) -> Html:
    rows = plotted(joined, main)
    of = f" of {main.name} on {main.images('test')}" if main else ""
    caption = (
        "Errors by images, number of views and networks. Filled blue: ours, mean of the "
        f"seeds{of}. Hollow: reported by the paper (orange) and by published re-runs "
        "(purple), on another data set unless the line names the same images. Lines: "
        "95 % intervals, over seeds where there are several of ours, else over images."
    )
    if runs.note:
        caption = f"{runs.note[:1].upper()}{runs.note[1:]}. {caption}"
    own = rows[rows["kind"] == OURS]
    if own.empty:
        return figure([], caption=caption, data={}, runs=runs)
    used = {run.folder for run in main.runs}
    data = {"errors": numbers.numbers(joined)}
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
