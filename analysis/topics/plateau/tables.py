"""The plateau as tables: its grid, what has not run, and what the pre-flight tells."""

import pandas as pd

from analysis.display.holes import hole
from analysis.display.sections import Html, table
from analysis.evidence import commands, curves
from analysis.evidence.runs import Runs
from analysis.statistics.numbers import counted, spread
from analysis.topics.plateau import grid, roc_area


def number(value: float) -> str:
    """Three significant digits."""
    return f"{value:.3g}"


def steps(row) -> str:
    """The range of the steps after which the runs of a cell had left."""
    if not row.left:
        return f"more than {row.given:,.0f}" if row.seeds > row.diverged else "–"
    low, high = f"{row.low:,.0f}", f"{row.high:,.0f}"
    return low if low == high else f"{low}–{high}"


def shown(cells: pd.DataFrame) -> pd.DataFrame:
    """The table over cells, as a reader sees it."""
    rows = []
    for row in cells.itertuples():
        named = {"Changes": row.changes} if cells["changes"].any() else {}
        named |= {
            "Input scale": f"{row.input_scale:g}",
            "Initial std": f"{row.middle_std:g}",
            "Positive bias": f"{row.positive_bias:g}",
        }
        if not row.seeds:
            rows.append({**named, "Left": "not run"})
            continue
        diverged = f", {row.diverged} diverged" if row.diverged else ""
        rows.append(
            {
                **named,
                "Left": f"{row.left} of {row.seeds}{diverged}",
                "Steps": steps(row),
                "Pre-flight": spread(row.signals, number),
            }
        )
    columns = ["Left", "Steps", "Pre-flight"]
    return pd.DataFrame(rows).reindex(columns=[*named, *columns]).fillna("")


def tables(runs: Runs, starts: pd.DataFrame, cells: pd.DataFrame) -> Html:
    """The grid, how well the pre-flight tells, and what has not run."""
    known = Html("")
    if len(starts):
        known = table(shown(cells), caption=_caption(starts))
        known += table(shown_signal(starts), caption=_signal_caption())
    missing = _missing(runs, starts, cells)
    if not missing:
        return known
    return known + hole(*missing)


def _missing(
    runs: Runs, starts: pd.DataFrame, cells: pd.DataFrame
) -> tuple[str, str] | None:
    """What has not run, and the command: of another profile where this has no grid."""
    count = grid.waiting(cells)
    if len(starts) and not count:
        return None
    what = (
        f"{counted(count, 'run')} of the grid" if len(starts) else "the plateau's grid"
    )
    command = commands.plateau(runs, grid.main(starts))
    if command is None:
        elsewhere = ", ".join(commands.PLATEAU_PROFILES)
        return f"Not run: {what}; only these profiles have it", elsewhere
    return f"Not run: {what}", command


def _caption(starts: pd.DataFrame) -> str:
    recipe = starts["run"].iloc[0].record["recipe"]["optimisation"]
    resolution = curves.counts(starts["epoch_steps"].dropna().astype(int))
    return (
        "Left the plateau at ln(classes): runs whose mean loss over an epoch, with "
        f"augmentation and dropout, came to at most {100 * grid.SHARE:g} % of "
        f"ln(classes) within {recipe['epochs']} epochs, of those tried; rate "
        f"{recipe['learning_rate']:g}; {data(starts)}. Steps at the end of the epoch "
        f"that showed it, range over seeds; resolution: "
        f"{resolution or 'unknown number of'} steps, one epoch. Pre-flight: "
        "signal over dropout noise in the logits at the initial values, mean and range "
        "over seeds"
    )


def data(starts: pd.DataFrame) -> str:
    """Data set, split, number of training images and of runs."""
    named = " and ".join(sorted({curves.data(run) for run in starts["run"]}))
    images = curves.counts(run.manifest["splits"]["train"] for run in starts["run"])
    return f"{named}, {images} images, {counted(len(starts), 'run')}"


def shown_signal(starts: pd.DataFrame) -> pd.DataFrame:
    """How well the pre-flight tells runs that leave from those that stay."""
    rows = []
    for changes, own in starts.groupby("changes"):
        count = own["outcome"].value_counts()
        cells = {"Changes": changes} if starts["changes"].any() else {}
        cells |= {"Runs": f"{len(own)}", "Left": f"{count.get('left', 0)}"}
        cells |= {"Diverged": f"{count.get('diverged', 0)}"}
        found = roc_area.roc_area(own)
        if found is None:
            rows.append({**cells, "Area": "not judged: it takes runs of both kinds"})
            continue
        cells["Area"] = f"{found.area:.3f} ({found.low:.3f} to {found.high:.3f})"
        cells["Cells"] = f"{found.left_cells} and {found.stayed_cells}"
        cells["Smallest that left"] = number(found.lowest_left)
        cells["Largest that stayed"] = number(found.highest_stayed)
        rows.append(cells | {"Without pre-flight": f"{found.unknown}"})
    return pd.DataFrame(rows).fillna("")


def _signal_caption() -> str:
    return (
        "The pre-flight as a test of whether a run leaves: area under the ROC curve. "
        f"{roc_area.METHOD}. Cells: those with runs that left, and with runs that stayed. "
        "The area is that of this grid, not of initial values at large"
    )
