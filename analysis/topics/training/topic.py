"""Training: learning curves, the gap to validation, units and gradients."""

from analysis.claims.measurement import Measured
from analysis.display.holes import hole
from analysis.display.sections import Html, Section, folded, holes, table
from analysis.evidence import commands, curves
from analysis.evidence.curves import RELEASED, without_timings
from analysis.evidence.runs import Runs
from analysis.topics.training import (
    activity,
    activity_measured,
    figures,
    recipe_measured,
    tables,
    tanh_measured,
)
from analysis.topics.training import measured as gaps_measured

# R0, and what its claims compare it with.
RECIPES = (RELEASED, "R-frac-", "R-noreg", "R-nodrop", "R-nolrn", "R-tanh", "R-long")


def section(runs: Runs) -> Section:
    """Tables and figures about training."""
    runs = _in_order(runs.named(*RECIPES))
    trained = without_timings(runs)
    shown = _gaps(trained) + _activity(trained) + holes(runs)
    return Section(shown, figures.figures(trained))


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    trained = without_timings(runs)
    return (
        gaps_measured.measured(trained)
        | activity_measured.measured(runs)
        | recipe_measured.measured(runs)
        | tanh_measured.measured(trained)
    )


def _in_order(runs: Runs) -> Runs:
    """R0 first; otherwise as the folders are."""
    found = sorted(runs.complete, key=lambda run: not run.name.startswith(RELEASED))
    return Runs(runs.profile, tuple(found), runs.incomplete)


def _gaps(runs: Runs) -> Html:
    gaps = curves.gaps(runs)
    if gaps.empty:
        return hole(
            "Training and validation: no complete run with validation images",
            commands.released(runs),
        )
    caption = (
        "Training and validation at the last epoch and at the lowest validation error: "
        f"means over seeds (range). {curves.protocol(runs)}. Gap: "
        "validation minus training"
    )
    return table(tables.shown(gaps), caption=caption)


def _activity(runs: Runs) -> Html:
    measured = activity.measured(runs)
    lines = [
        hole(f"{run.name}, seed {run.seed}: no {activity.FILE}", command)
        for run in runs.complete
        if not activity.exported(run)
        for command in [commands.export(runs, run)]
    ]
    missing = sum(lines, Html(""))
    if measured.empty:
        return missing
    caption = (
        "Units and gradients by layer, untrained → trained, means over seeds (range): "
        f"{curves.data_sets(runs)}; {activity.protocol(measured)}"
    )
    known = table(activity.shown(measured), caption=caption)
    return folded("Units and gradients by layer", known) + missing
