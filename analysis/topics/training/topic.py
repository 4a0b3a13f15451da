"""Training: learning curves, speed and cost, the plateau, units and gradients."""

from analysis.claims.measurement import Measured
from analysis.display.sections import Html, Section, folded, holes, table
from analysis.evidence import commands, curves
from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Run, Runs
from analysis.topics.plateau import (
    figures as plateau_map,
)
from analysis.topics.plateau import (
    grid,
)
from analysis.topics.plateau import (
    tables as plateau_table,
)
from analysis.topics.speed import benchmarks, costs, throughput
from analysis.topics.training import (
    activity as unit_activity,
)
from analysis.topics.training import (
    figures as learning_curve_plots,
)
from analysis.topics.training import (
    measured as training_measured,
)
from analysis.topics.training import (
    tables as overfitting,
)
from analysis.topics.training import (
    training_claims,
)

# R0, what its claims compare it with, and the starts.
RECIPES = (RELEASED, "R-frac-", "R-noreg", "R-nodrop", "R-nolrn", "R-tanh")
RECIPES += ("R-long", grid.RECIPE)


def section(runs: Runs) -> Section:
    """Tables, figures and sentences about training."""
    runs = _in_order(runs.where(lambda run: run.name.startswith(RECIPES)))
    timed = runs.where(lambda run: not grid.is_start(run))
    trained = training_claims.without_timings(timed)
    starts = grid.starts(runs)
    cells = grid.cells(starts, runs)
    tables = (
        _gaps(trained)
        + _speeds(timed)
        + _costs(timed)
        + benchmarks.tables()
        + plateau_table.tables(runs, starts, cells)
        + _activity(trained)
        + holes(runs.where(_unfinished))
    )
    figures = learning_curve_plots.figures(trained) + plateau_map.diagram(
        runs, starts, cells
    )
    return Section(tables, figures, training_claims.summary(runs))


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    return training_measured.measured(runs)


def _in_order(runs: Runs) -> Runs:
    """R0 first; otherwise as the folders are."""
    found = sorted(runs.complete, key=lambda run: not run.name.startswith(RELEASED))
    return Runs(runs.profile, tuple(found), runs.incomplete)


def _unfinished(run: Run) -> bool:
    """A start that diverged has ended: it counts in the phase diagram."""
    return not (grid.is_start(run) and run.status == "failed")


def _gaps(runs: Runs) -> Html:
    gaps = curves.gaps(runs)
    if gaps.empty:
        return _hole(
            "Training and validation: no complete run with validation images",
            commands.released(runs),
        )
    caption = (
        "Training and validation at the last epoch and at the lowest validation error: "
        f"means over seeds (range). {curves.protocol(runs)}. Gap: "
        "validation minus training"
    )
    return table(overfitting.shown(gaps), caption=caption)


def _speeds(runs: Runs) -> Html:
    speeds = throughput.speeds(runs)
    if speeds.empty:
        return _hole("Speed: not run", commands.released(runs))
    caption = (
        "Speed of training, medians over epochs (range): measuring after an epoch not "
        "counted, data wait the share of the seconds spent waiting for images; "
        f"extrapolated days: {throughput.EPOCHS.value:g} passes over "
        f"{throughput.IMAGES.value:,.0f} images of the side under Input, in pixels, on "
        "the network of this width (the paper's: 1), at the median speed. No run took them"
    )
    return table(throughput.shown(speeds), caption=caption)


def _costs(runs: Runs) -> Html:
    speeds = costs.gpu_speeds(throughput.speeds(runs))
    return folded(
        "What the paper's training would cost on GPUs",
        table(costs.shown(speeds), caption=costs.caption()),
    )


def _activity(runs: Runs) -> Html:
    activity = unit_activity.measured(runs)
    lacking = [run for run in runs.complete if not unit_activity.exported(run)]
    lines = [
        _hole(
            f"{run.name}, seed {run.seed}: no {unit_activity.FILE}",
            commands.export(runs, run),
        ).html
        for run in lacking
    ]
    if activity.empty:
        return Html("\n".join(lines))
    caption = (
        "Units and gradients by layer, untrained → trained, means over seeds (range): "
        f"{curves.data_sets(runs)}; {unit_activity.protocol(activity)}"
    )
    known = table(unit_activity.shown(activity), caption=caption)
    return folded("Units and gradients by layer", known) + Html("\n".join(lines))


def _hole(what: str, command: str) -> Html:
    return Html(f'<p class="hole">{what}. <code>{command}</code></p>')
