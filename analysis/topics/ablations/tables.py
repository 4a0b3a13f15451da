"""The ablations as a reader sees them: what was measured, and what has not run."""

import math
from collections.abc import Iterable

import pandas as pd

from analysis.evidence import commands
from analysis.evidence.answers import is_exported
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import Estimate
from analysis.statistics.numbers import MINUS
from analysis.statistics.power import Spread, runs_needed
from analysis.topics.ablations.comparisons import COMPARISONS, Arm, Comparison, Effect
from analysis.topics.ablations.effects import Measured

COLUMNS = ["Change", "Top-1, points", "Top-5, points", "Interval over", "Paper"]
COLUMNS += ["Authors' notes", "Images alone", "Runs an arm", "Recipe", "Claims"]
FIT_COLUMNS = ["Change", "Seeds", "Training", "Validation", "Gap", "Reference's gap"]
FIT_COLUMNS += ["Gap, points", "At equal training loss", "Recipe"]


def shown(results: Iterable[Measured], spread: Spread | None) -> pd.DataFrame:
    """Differences of the ten-view test errors, the paper's and the notes' beside them."""
    rows = [
        {
            "Change": each.comparison.change,
            "Recipe": recipe(each),
            "Top-1, points": each.difference(1).points,
            "Top-5, points": each.difference(5).points,
            "Interval over": each.difference(1).covers,
            "Images alone": half_width(each.over_images(1)),
            "Paper": reported(each.comparison.paper),
            "Authors' notes": reported(each.comparison.notes),
            "Runs an arm": needed(each.comparison, spread),
            "Claims": ", ".join(each.comparison.claims),
        }
        for each in results
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def recipe(each: Measured) -> str:
    """The name of its runs, and what they are compared with where that is not R0."""
    comparison, condition = each.comparison, each.pairs.condition
    name = comparison.variant.name(condition)
    if comparison.reference == Arm("released-145"):
        return name
    return f"{name} against {comparison.reference.name(condition)}"


def half_width(estimate: Estimate) -> str:
    """Of an interval, in points."""
    return f"±{50 * (estimate.high - estimate.low):.2f}"


def reported(effect: Effect | None) -> str:
    """Top-1 and top-5 in points, signed, with the digits of the source."""
    if effect is None:
        return ""
    values = [effect.top1, effect.top5]
    shown = [f"{value:+}".replace("-", MINUS) for value in values if value is not None]
    return f"{effect.sign} {' / '.join(shown)}".strip()


def needed(comparison: Comparison, spread: Spread | None) -> str:
    """Runs in each arm to find the paper's top-1 effect; empty where it is not known."""
    if spread is None or comparison.paper is None or not spread.deviation:
        return ""
    return str(runs_needed(float(comparison.paper.top1) / 100, spread.deviation))


def shown_fits(results: Iterable[Measured]) -> pd.DataFrame:
    """Last epoch's training and validation top-1 errors, per cent, and their gap."""
    rows = []
    for each in results:
        row = {"Change": each.comparison.change, "Recipe": recipe(each)}
        row |= {"Seeds": str(len(each.pairs.seeds))}
        names = {"Training": "train_error", "Validation": "val_error", "Gap": "gap"}
        row |= {title: _per_cent(each.fit(name)[0]) for title, name in names.items()}
        row["Reference's gap"] = _per_cent(each.fit("gap")[1])
        row["Gap, points"] = _points(each.fit_difference("gap"))
        row["At equal training loss"] = _points(each.gap_difference_at_equal_loss())
        rows.append(row)
    return pd.DataFrame(rows, columns=FIT_COLUMNS)


def _per_cent(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.2f}".replace("-", MINUS)


def _points(estimate: Estimate | None) -> str:
    known = estimate is not None and not math.isnan(estimate.value)
    return estimate.points if known else ""


def missing(
    runs: Runs, results: list[Measured], condition: tuple[str, ...]
) -> pd.DataFrame:
    """The comparisons without a pair of runs, and the first command each waits for."""
    known = {each.comparison.name for each in results}
    rows = [
        {
            "Change": comparison.change,
            "Claims": ", ".join(comparison.claims),
            "What has not run": next_command(runs, comparison, condition),
        }
        for comparison in COMPARISONS
        if comparison.name not in known
    ]
    return pd.DataFrame(rows, columns=["Change", "Claims", "What has not run"])


def next_command(
    runs: Runs, comparison: Comparison, condition: tuple[str, ...] = ()
) -> str:
    """What to run next for a pair: to train the arm that lacks a run, or to export it."""
    reference, variant = comparison.reference, comparison.variant
    condition = tuple(
        change
        for change in condition
        if change.partition("=")[0] not in comparison.varied
    )
    seeds = {run.seed for run in _named(runs, reference.name(condition))}
    seed = min(seeds, default=0)
    for arm in (reference, variant):
        found = [r for r in _named(runs, arm.name(condition)) if r.seed == seed]
        if not found:
            changes = arm.name(condition).partition("+")[2]
            return commands.train(runs, arm.recipe, changes, seed)
        if not is_exported(found[0]):
            return commands.export(runs, found[0])
    return "runs of other training or test images than the reference's"


def _named(runs: Runs, name: str) -> list:
    return [run for run in runs.complete if run.name == name]
