"""Training: learning curves, the gap to validation, units and gradients."""

import pandas as pd

from analysis.claims.measurement import Measured
from analysis.display.holes import hole
from analysis.display.sections import Html, Section, folded, holes, table
from analysis.evidence import commands, curves
from analysis.evidence.curves import RELEASED, without_timings
from analysis.evidence.runs import Runs
from analysis.statistics.numbers import per_cent, spread
from analysis.topics.training import activity, compared, figures, recipe

# R0, and what its claims compare it with.
RECIPES = (RELEASED, "R-frac-", "R-noreg", "R-nodrop", "R-nolrn", "R-tanh", "R-long")


def section(runs: Runs) -> Section:
    """The tables and figures about training."""
    runs = _in_order(runs.named(*RECIPES))
    trained = without_timings(runs)
    shown = _gaps(trained) + _activity(trained) + holes(runs)
    return Section(shown, figures.figures(trained))


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    trained = without_timings(runs)
    return compared.measured(trained) | activity.measured(runs) | recipe.measured(runs)


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
    return table(gaps_table(gaps), caption=caption)


def gaps_table(gaps: pd.DataFrame) -> pd.DataFrame:
    """`curves.gaps` by run and moment, as means over seeds with their range."""
    rows = []
    two = "{:.2f}".format
    for (name, moment), found in gaps.groupby(["run", "moment"], sort=False):
        row = {"Run": name, "Seeds": f"{len(found)}", "At": moment}
        row["Epoch"] = spread(found["epoch"], "{:.3g}".format)
        row["Training error, %"] = spread(found["train_top1_error"], per_cent)
        row["Validation error, %"] = spread(found["val_top1_error"], per_cent)
        row["Gap, points"] = spread(found["top1_gap"], per_cent)
        row["Training loss"] = spread(found["train_loss"], two)
        row["Validation loss"] = spread(found["val_loss"], two)
        row["Gap of losses"] = spread(found["loss_gap"], two)
        rows.append(row)
    return pd.DataFrame(rows)


def _activity(runs: Runs) -> Html:
    layers = activity.by_layer(runs)
    lines = [
        hole(
            f"{run.name}, seed {run.seed}: no {activity.FILE}",
            commands.export(runs, run),
        )
        for run in runs.complete
        if not activity.exported(run)
    ]
    missing = sum(lines, Html(""))
    if layers.empty:
        return missing
    caption = (
        "Units and gradients by layer, untrained → trained, means over seeds (range): "
        f"{curves.data_sets(runs)}; {activity.protocol(layers)}"
    )
    known = table(activity.shown(layers), caption=caption)
    return folded("Units and gradients by layer", known) + missing
