"""Gap tables and sentences: how far validation lies above training, and when."""

import math

import pandas as pd

from analysis.evidence import convergence, curves
from analysis.evidence.curves import MOMENTS, RELEASED
from analysis.evidence.runs import Runs
from analysis.statistics.ratios import LEVEL
from analysis.statistics.seeds import difference, per_cent, seeds, spread

WELCH = f"{100 * LEVEL:.0f} % interval (Welch's t)"
FRACTIONS = ("R-frac-0.25", "R-frac-0.5")
TUNED = ("batch_size=", "learning_rate=")


def two(value: float) -> str:
    """Two decimals, as nats are shown."""
    return f"{value:.2f}"


def shown(gaps: pd.DataFrame) -> pd.DataFrame:
    """The table over runs and moments; means over seeds with their range."""
    rows = []
    for (name, moment), found in gaps.groupby(["run", "moment"], sort=False):
        row = {"Run": name, "Seeds": f"{len(found)}", "At": moment}
        row["Epoch"] = spread(found["epoch"], lambda epoch: f"{epoch:.3g}")
        row["Training error, %"] = spread(found["train_top1_error"], per_cent)
        row["Validation error, %"] = spread(found["val_top1_error"], per_cent)
        row["Gap, points"] = spread(found["top1_gap"], per_cent)
        row["Training loss"] = spread(found["train_loss"], two)
        row["Validation loss"] = spread(found["val_loss"], two)
        row["Gap of losses"] = spread(found["loss_gap"], two)
        rows.append(row)
    return pd.DataFrame(rows)


def name(recipe: str, changes: str) -> str:
    """A recipe with its changes, as its runs are called."""
    return f"{recipe}+{changes}" if changes else recipe


def settings(gaps: pd.DataFrame) -> list[str]:
    """The changes under which the released recipe ran, most seeds and epochs first."""
    last = gaps[(gaps["recipe"] == RELEASED) & (gaps["moment"] == MOMENTS[0])]
    order = last.groupby("changes").agg(
        seeds=("seed", "size"), epochs=("epochs", "max")
    )
    order = order.sort_values(["seeds", "epochs"], ascending=False, kind="stable")
    return list(order.index)


def gap(gaps: pd.DataFrame, recipe: str, changes: str) -> list[str]:
    """The gap of one recipe at the last epoch, and what became of its lowest error."""
    last, best = (curves.at(gaps, moment, recipe, changes) for moment in MOMENTS)
    if last.empty:
        return []
    rise = last["val_top1_error"].to_numpy() - best["val_top1_error"].to_numpy()
    counts = [
        " or ".join(f"{count:,}" for count in sorted(set(last[column])))
        for column in ("train_images", "val_images")
    ]
    end = _range(last["epochs"])
    return [
        (
            f"{name(recipe, changes)} ({seeds(len(last))}, {end} "
            f"epoch{'s' * (end != '1')}; {' and '.join(sorted(set(last['data'])))}): "
            f"top-1 error at the end {spread(last['train_top1_error'], per_cent)} % on "
            f"{counts[0]} training and {spread(last['val_top1_error'], per_cent)} % on "
            f"{counts[1]} validation images, a gap of "
            f"{spread(last['top1_gap'], per_cent)} points; validation ends "
            f"{spread(rise, per_cent)} points above its lowest, of epoch "
            f"{_range(best['epoch'])}."
        )
    ]


def _range(values: pd.Series) -> str:
    low, high = values.min(), values.max()
    return f"{low}" if low == high else f"{low}–{high}"


def against(gaps: pd.DataFrame, recipe: str, changes: str) -> list[str]:
    """The gap of `recipe` beside that of the released one under the same changes."""
    pair = [
        curves.at(gaps, MOMENTS[0], one, changes)["top1_gap"]
        for one in (recipe, RELEASED)
    ]
    if any(sample.empty for sample in pair):
        return []
    value, low, high = difference(*pair)
    known = "" if math.isnan(low) else f", {WELCH} {100 * low:.1f} to {100 * high:.1f}"
    return [
        (
            f"Gap of {name(recipe, changes)} minus that of {RELEASED}: {100 * value:.1f} "
            f"points{known} (n = {len(pair[0])} and {len(pair[1])} seeds)."
        )
    ]


def iterations(runs: Runs, changes: str, without: str) -> list[str]:
    """Steps of the released recipe over those of `without`, by both definitions."""
    arms = [
        runs.where(lambda run, one=one: curves.setting(run) == (one, changes))
        for one in (RELEASED, without)
    ]
    found = convergence.compare(*arms)
    if found is None:
        return []
    data = " and ".join(sorted({curves.data(run) for run in arms[0].complete}))
    counts = f"n = {len(found.first_steps)} and {len(found.second_steps)} seeds"
    still = found.still_improving
    note = f"; {still} of these runs had it in their last epoch" if still else ""
    return [
        (
            f"Steps to a training loss of {found.level:.2f}, the lowest that every run of "
            f"both reaches, {RELEASED} over {without}: {found.to_level}; {counts}; {data}."
        ),
        f"Steps to the lowest validation error: {found.to_best}; {counts}{note}; {data}.",
    ]


def batch_sizes(gaps: pd.DataFrame) -> list[str]:
    """The lowest validation error of each batch size, at its best rate that ran.

    Of the released recipe, where more than one size ran and nothing else differs.
    """
    best = gaps[(gaps["recipe"] == RELEASED) & (gaps["moment"] == MOMENTS[1])]
    lines = []
    for changes, rows in best.groupby(best["changes"].map(_untuned), sort=False):
        if rows["batch"].nunique() < 2:
            continue
        for batch, sizes in rows.groupby("batch"):
            errors = sizes.groupby("rate")["val_top1_error"]
            rate = errors.mean().idxmin()
            found = errors.get_group(rate)
            lines.append(
                f"{name(RELEASED, changes)}, batch {batch}: lowest validation error "
                f"{spread(found, per_cent)} % at rate {rate:g}, of {errors.ngroups} "
                f"tried ({seeds(len(found))})."
            )
    return lines


def _untuned(changes: str) -> str:
    """`changes` without those that a comparison of batch sizes varies."""
    return "+".join(part for part in changes.split("+") if not part.startswith(TUNED))
