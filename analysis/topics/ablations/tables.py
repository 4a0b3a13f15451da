"""The ablations as a reader sees them: what was measured, and what has not run."""

import math
from collections.abc import Iterable

import pandas as pd

from analysis.claims.claims import Quantity
from analysis.claims.measurement import number
from analysis.evidence import commands
from analysis.evidence.answers import TOPS, is_exported
from analysis.evidence.arms import R0, field_of
from analysis.evidence.runs import Run, Runs
from analysis.statistics.estimates import Estimate
from analysis.statistics.numbers import MINUS, signed
from analysis.statistics.power import Spread, runs_needed
from analysis.topics.ablations.comparisons import COMPARISONS, Comparison
from analysis.topics.ablations.effects import Effect
from analysis.topics.ablations.measured import concerned, reported

COLUMNS = ["Change", "Top-1, points", "Top-5, points", "Interval over", "Paper"]
COLUMNS += ["Authors' notes", "Images alone", "Runs an arm", "Recipe", "Claims"]
FIT_COLUMNS = ["Change", "Seeds", "Training", "Validation", "Gap", "Reference's gap"]
FIT_COLUMNS += ["Gap, points", "At equal training loss", "Recipe"]


def shown(results: Iterable[Effect], spread: Spread | None) -> pd.DataFrame:
    """Differences of the ten-view test errors, beside what others report."""
    rows = [
        {
            "Change": each.comparison.change,
            "Recipe": recipe(each),
            "Top-1, points": each.difference(1).points,
            "Top-5, points": each.difference(5).points,
            "Interval over": each.difference(1).covers,
            "Images alone": half_width(each.over_images(1)),
            "Paper": papers(each.comparison),
            "Authors' notes": logged(each.comparison),
            "Runs an arm": needed(each.comparison, spread),
            "Claims": ", ".join(concerned(each.comparison)),
        }
        for each in results
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def recipe(each: Effect) -> str:
    """The name of the variant's runs, and of the reference where that is not R0."""
    comparison, condition = each.comparison, each.condition
    name = comparison.variant.name(condition)
    if comparison.reference == R0:
        return name
    return f"{name} against {comparison.reference.name(condition)}"


def data(each: Effect) -> str:
    """The test images and how many there are, in words."""
    n = each.difference(1).images
    return f"{each.images}, n = {n:,}"


def half_width(estimate: Estimate) -> str:
    """Half the width of an interval, in points."""
    return f"±{50 * (estimate.high - estimate.low):.2f}"


def papers(comparison: Comparison) -> str:
    """Top-1 and top-5 in points, signed, with the digits that the paper prints."""
    known = [each for each in _reported(comparison) if each.paper is not None]
    values = [f"{'+' * (each.paper > 0)}{number(each.paper)}" for each in known]
    bound = next((each.bound for each in known if each.bound), "")
    return f"{bound} {' / '.join(values)}".strip()


def logged(comparison: Comparison) -> str:
    """Top-1 and top-5 in points, signed, from the authors' run notes."""
    known = [each.logged for each in _reported(comparison) if each.logged is not None]
    return " / ".join(map(signed, known))


def _reported(comparison: Comparison) -> list[Quantity]:
    return [each for top in TOPS if (each := reported(comparison, top))]


def needed(comparison: Comparison, spread: Spread | None) -> str:
    """Runs in each arm to find the paper's top-1 effect; empty where it is not known."""
    quantity = reported(comparison, 1)
    if not (spread and spread.deviation and quantity and quantity.paper):
        return ""
    return str(runs_needed(quantity.paper / 100, spread.deviation))


def shown_fits(results: Iterable[Effect]) -> pd.DataFrame:
    """Training and validation top-1 errors of the last epoch, per cent, and their gap."""
    rows = []
    for each in results:
        row = {"Change": each.comparison.change, "Recipe": recipe(each)}
        row |= {"Seeds": str(len(each.seeds))}
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
    runs: Runs, results: list[Effect], condition: tuple[str, ...]
) -> pd.DataFrame:
    """The comparisons without a pair of runs, each with the command that comes first."""
    known = {each.comparison.name for each in results}
    rows = [
        {
            "Change": comparison.change,
            "Claims": ", ".join(concerned(comparison)),
            "What has not run": next_command(runs, comparison, condition),
        }
        for comparison in COMPARISONS
        if comparison.name not in known
    ]
    return pd.DataFrame(rows, columns=["Change", "Claims", "What has not run"])


def next_command(
    runs: Runs, comparison: Comparison, condition: tuple[str, ...] = ()
) -> str:
    """The command that comes next for a pair: it trains or exports a run of an arm."""
    reference, variant = comparison.reference, comparison.variant
    condition = tuple(
        change for change in condition if field_of(change) not in comparison.varied
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


def _named(runs: Runs, name: str) -> list[Run]:
    return [run for run in runs.complete if run.name == name]
