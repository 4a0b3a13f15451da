"""Training: learning curves, speed and cost, the plateau, units and gradients."""

from analysis import (
    benchmarks,
    costs,
    learning_curve_plots,
    learning_curves,
    overfitting,
    plateau,
    plateau_map,
    plateau_table,
    throughput,
    training_claims,
    training_commands,
    training_measured,
    unit_activity,
)
from analysis.learning_curves import RELEASED
from analysis.measurement import Measured
from analysis.results import Run, Runs
from analysis.sections import Html, Section, folded, holes, table

# R0, what its claims compare it with, and the starts.
RECIPES = (RELEASED, "R-frac-", "R-noreg", "R-nodrop", "R-nolrn", "R-tanh")
RECIPES += ("R-long", plateau.RECIPE)


def section(runs: Runs) -> Section:
    """Tables, figures and sentences about training."""
    runs = _in_order(runs.where(lambda run: run.name.startswith(RECIPES)))
    timed = runs.where(lambda run: not plateau.is_start(run))
    trained = training_claims.without_timings(timed)
    starts = plateau.starts(runs)
    cells = plateau.cells(starts, runs)
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
    return not (plateau.is_start(run) and run.status == "failed")


def _gaps(runs: Runs) -> Html:
    gaps = learning_curves.gaps(runs)
    if gaps.empty:
        return _hole(
            "Training and validation: no complete run with validation images",
            training_commands.released(runs),
        )
    caption = (
        "Training and validation at the last epoch and at the lowest validation error: "
        f"means over seeds (range). {learning_curves.protocol(runs)}. Gap: "
        "validation minus training"
    )
    return table(overfitting.shown(gaps), caption=caption)


def _speeds(runs: Runs) -> Html:
    speeds = throughput.speeds(runs)
    if speeds.empty:
        return _hole("Speed: not run", training_commands.released(runs))
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
            training_commands.export(runs, run),
        ).html
        for run in lacking
    ]
    if activity.empty:
        return Html("\n".join(lines))
    caption = (
        "Units and gradients by layer, untrained → trained, means over seeds (range): "
        f"{learning_curves.data_sets(runs)}; {unit_activity.protocol(activity)}"
    )
    known = table(unit_activity.shown(activity), caption=caption)
    return folded("Units and gradients by layer", known) + Html("\n".join(lines))


def _hole(what: str, command: str) -> Html:
    return Html(f'<p class="hole">{what}. <code>{command}</code></p>')
