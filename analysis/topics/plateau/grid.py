"""From which initial values the 2012 network leaves ln(classes), and how soon.

The runs of the recipe `plateau`: the released one at a constant rate, over a grid of
input scale, initial standard deviation of conv3 to conv5, and positive bias. A run
ends as soon as an epoch's mean loss is at most SHARE of ln(classes).
"""

import itertools
import math
from typing import Any

import pandas as pd

from analysis.evidence.runs import Run, Runs, names

RECIPE = "plateau"
AXES = tuple(names.PLATEAU_FIELDS.values())
PLAN = tuple(names.PLATEAU_FIELDS)  # the profile's names of them
LEFT, SHARE = names.LEFT_PLATEAU, names.PLATEAU_SHARE


def starts(runs: Runs) -> pd.DataFrame:
    """One row for each run of the recipe that has ended.

    `outcome` is left, stayed or diverged (a loss that is no number; such runs are kept).
    `steps` of a run that left are counted at the end of the epoch that showed it, so
    they are exact to `epoch_steps`; a run that stayed has all steps that it was given.
    `signal` is the pre-flight, not a number where the run has none.
    """
    runs = runs.named(RECIPE)
    failed = [run for run in runs.incomplete if run.status == "failed"]
    ended = [*runs.complete, *failed]
    known = {_data(run): _classes(run) for run in ended if _classes(run)}
    rows = [_start(run, known.get(_data(run))) for run in ended]
    columns = ["changes", *AXES, "seed", "outcome", "steps", "epoch_steps", "signal"]
    columns += ["classes", "run"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["changes", *AXES, "seed"], ignore_index=True)


def _data(run: Run) -> str:
    return run.manifest["data"]["sha256"]["labels"]


def _classes(run: Run) -> int | None:
    found = LEFT.match(run.stop)
    return int(found[1]) if found else run.record["profile"].get("classes") or None


def _start(run: Run, classes: int | None) -> dict[str, Any]:
    recipe, metrics = run.record["recipe"], run.metrics
    signal = run.manifest.get("preflight")
    return {
        "changes": "+".join(_further(run)),
        "input_scale": recipe["augmentation"]["input_scale"],
        "middle_std": recipe["initial_values"]["middle_std"],
        "positive_bias": recipe["initial_values"]["positive_bias"],
        "seed": run.seed,
        "outcome": _outcome(run, classes),
        "steps": int(metrics["step"].iloc[-1]),
        "epoch_steps": metrics["step"].iloc[1] if len(metrics) > 1 else math.nan,
        "signal": math.nan if signal is None else signal,
        "classes": classes,
        "run": run,
    }


def _further(run: Run) -> list[str]:
    """What was changed beside the axes of the grid."""
    changes = run.name.split("+")[1:]
    return [change for change in changes if change.split("=")[0] not in AXES]


def _outcome(run: Run, classes: int | None) -> str:
    if run.status == "failed":
        return "diverged"
    if LEFT.match(run.stop):
        return "left"
    # A run that nobody watched ends as "all epochs done".
    last = run.metrics["running_loss"].iloc[-1]
    return "left" if classes and last <= SHARE * math.log(classes) else "stayed"


def cells(starts: pd.DataFrame, runs: Runs) -> pd.DataFrame:
    """One row a cell of the grid, with the cells of the profile's plan that have not run.

    `low` to `high` are the steps of the runs that left, `given` the most steps of a run
    that stayed, `signals` the pre-flight values and `planned` the seeds of the plan.
    """
    plan = runs.declared.get(RECIPE, {})
    grid = itertools.product([main(starts)], *(plan.get(name, ()) for name in PLAN))
    keys = dict.fromkeys(grid, plan.get("seeds", 0))
    groups = {key: rows for key, rows in starts.groupby(["changes", *AXES])}
    rows = [
        _cell(key, groups.get(key, starts[:0]), keys.get(key, 0))
        for key in sorted({**keys, **groups})
    ]
    columns = ["changes", *AXES, "seeds", "left", "diverged", "low", "high", "given"]
    return pd.DataFrame(rows, columns=[*columns, "signals", "planned"])


def main(starts: pd.DataFrame) -> str:
    """The changes under which most of the grid ran; none before it has."""
    return "" if starts.empty else starts["changes"].value_counts().idxmax()


def _cell(key: tuple, found: pd.DataFrame, planned: int) -> dict[str, Any]:
    left = found[found["outcome"] == "left"]
    return {
        **dict(zip(("changes", *AXES), key, strict=True)),
        "seeds": len(found),
        "left": len(left),
        "diverged": int((found["outcome"] == "diverged").sum()),
        "low": left["steps"].min(),
        "high": left["steps"].max(),
        "given": found.loc[found["outcome"] == "stayed", "steps"].max(),
        "signals": tuple(found["signal"].dropna()),
        "planned": planned,
    }


def waiting(cells: pd.DataFrame) -> int:
    """How many runs of the plan are missing."""
    return int((cells["planned"] - cells["seeds"]).clip(lower=0).sum())
