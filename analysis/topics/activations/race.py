"""Epochs until a training error is reached: the arithmetic behind Figure 1.

Runs are those of the recipes `figure1-<net>-<setting>`. Seed 0 searched each arm's
learning rate; the other seeds, at the chosen rate, are the result.
"""

import math
from typing import Any

import numpy as np
import pandas as pd

from analysis.claims.printed import FIGURE1_LEVEL
from analysis.evidence.runs import Run, Runs, epochs_to, names
from analysis.statistics import estimates

RECIPES = "figure1-"
SEARCH_SEED = names.SEARCH_SEED
REFERENCE = "relu"


def crossings(runs: Runs) -> pd.DataFrame:
    """One row a run: epochs until the level, infinite where it was never reached.

    Failed runs are kept: one that diverges has not reached the level either.
    """
    failed = tuple(run for run in runs.incomplete if run.status == "failed")
    rows = [_crossing(run) for run in (*runs.complete, *failed)]
    columns = ["condition", "activation", "learning_rate", "seed", "epochs"]
    columns += ["limit", "trained", "lowest_error", "outcome", "run"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(columns[:4], ignore_index=True)


def _crossing(run: Run) -> dict[str, Any]:
    recipe, metrics = run.record["recipe"], run.metrics
    errors = metrics["train_top1_error"]
    failed = run.status == "failed"
    reached = epochs_to(metrics["epoch"], errors, FIGURE1_LEVEL.value)
    return {
        "condition": condition(run),
        "activation": recipe["network"]["activation"],
        "learning_rate": recipe["optimisation"]["learning_rate"],
        "seed": run.seed,
        "epochs": math.inf if failed else reached,
        "limit": recipe["optimisation"]["epochs"],
        "trained": int(metrics["epoch"].max()),
        "lowest_error": errors.min(),
        "outcome": "diverged" if failed else run.stop,
        "run": run,
    }


def condition(run: Run) -> str:
    """The name of the run without what the experiment varies inside a condition."""
    name, *changes = run.name.removeprefix(RECIPES).split("+")
    plan = run.record["profile"].get("activations", {})
    inside = ("activation=", "learning_rate=", f"batch_size={plan.get('batch_size')}")
    return "+".join([name, *(c for c in changes if not c.startswith(inside))])


def declared(runs: Runs) -> dict[str, list[str]]:
    """The arms of every condition that the profile names or that has run."""
    plan = runs.declared.get("activations", {})
    core = [*plan.get("arms", ()), *plan.get("further_arms", ())]
    names = dict.fromkeys(plan.get("conditions", ()), core)
    names |= dict.fromkeys(plan.get("further_conditions", ()), plan.get("arms", ()))
    arms = {name.removeprefix(RECIPES): list(found) for name, found in names.items()}
    for row in crossings(runs).itertuples():
        known = arms.setdefault(row.condition, [])
        if row.activation not in known:
            known.append(row.activation)
    return arms


def waiting(runs: Runs, results: pd.DataFrame) -> list[str]:
    """The names of the experiments that run what is missing of the planned seeds."""
    if results.empty:
        return ["activations"]
    plan = runs.declared["activations"]
    planned = plan.get("seeds", 1)
    first = {
        (name.removeprefix(RECIPES), arm)
        for name in plan["conditions"]
        for arm in plan["arms"]
    }
    missing = results[results["seeds"] < planned]
    arms = set(zip(missing["condition"], missing["activation"], strict=True))
    names = {"activations": arms & first, "activations-further": arms - first}
    return [name for name, found in names.items() if found]


def results(runs: Runs) -> pd.DataFrame:
    """One row for each condition and arm, with or without seeds that count."""
    found = crossings(runs)
    rows = [
        _result(found, name, arm)
        for name, arms in declared(runs).items()
        for arm in arms
    ]
    columns = ["condition", "activation", "learning_rate", "seeds", "reached"]
    columns += ["searched", "epochs", "low", "high", "ratio"]
    return pd.DataFrame(rows, columns=columns)


def _result(crossings: pd.DataFrame, condition: str, arm: str) -> dict[str, Any]:
    sample = counted(crossings, condition, arm)
    own = _of(crossings, condition, arm)
    search = own[own["seed"] == SEARCH_SEED]
    row = {"condition": condition, "activation": arm, "seeds": len(sample)}
    row["searched"] = search["epochs"].min()  # not a number without a search
    row |= {"reached": 0, "ratio": None}
    if sample.empty:
        return row
    bounded = sample["epochs"].clip(upper=sample["limit"])
    reference = (condition, REFERENCE)
    ratio = (
        compare(crossings, (condition, arm), reference) if arm != REFERENCE else None
    )
    return row | {
        "learning_rate": sample["learning_rate"].iloc[0],
        "reached": int((sample["epochs"] < math.inf).sum()),
        "epochs": bounded.mean(),
        "low": bounded.min(),
        "high": bounded.max(),
        "ratio": ratio,
    }


def compare(
    crossings: pd.DataFrame, slow: tuple[str, str], fast: tuple[str, str]
) -> estimates.Estimate | None:
    """Epochs of one (condition, arm) over another's; None if one has no seeds."""
    above, below = counted(crossings, *slow), counted(crossings, *fast)
    if above.empty or below.empty:
        return None
    limits = (above["limit"].min(), below["limit"].min())
    return estimates.ratio_of_means(above["epochs"], below["epochs"], limits=limits)


def counted(crossings: pd.DataFrame, condition: str, arm: str) -> pd.DataFrame:
    """The seeds that count: trained at the fastest rate of the search, not in it.

    Without a search, those at the rate with most seeds.
    """
    found = _of(crossings, condition, arm)
    search = found[found["seed"] == SEARCH_SEED]
    rest = found[found["seed"] != SEARCH_SEED]
    if len(search):
        rate = search.sort_values(["epochs", "lowest_error"])["learning_rate"].iloc[0]
    elif len(rest):
        rate = rest["learning_rate"].value_counts().idxmax()
    else:
        return rest
    return rest[rest["learning_rate"] == rate]


def _of(crossings: pd.DataFrame, condition: str, arm: str) -> pd.DataFrame:
    own = (crossings["condition"] == condition) & (crossings["activation"] == arm)
    return crossings[own]


def grid(runs: Runs, results: pd.DataFrame) -> pd.DataFrame:
    """The search of the rates: one row for each rate tried, the chosen ones marked.

    `error_then` is the training error when the fastest rate of the arm got there.
    """
    keys = ["condition", "activation", "learning_rate"]
    found = crossings(runs)
    search = found[found["seed"] == SEARCH_SEED]
    chosen = results[results["seeds"] > 0][keys].assign(chosen=True)
    marked = search.merge(chosen, on=keys, how="left")
    marked["chosen"] = marked["chosen"].eq(True)
    fastest = marked.groupby(keys[:2])["epochs"].transform("min")
    marked["error_then"] = [
        _error_after(run.metrics, epoch)
        for run, epoch in zip(marked["run"], fastest, strict=True)
    ]
    shown = ["epochs", "trained", "error_then", "lowest_error", "outcome", "chosen"]
    return marked[keys + shown]


def _error_after(metrics: pd.DataFrame, epoch: float) -> float:
    """The training error after `epoch`, interpolated; the last one of a shorter run."""
    return float(np.interp(epoch, metrics["epoch"], metrics["train_top1_error"]))


def curves(runs: Runs, results: pd.DataFrame) -> pd.DataFrame:
    """Training error by epoch of every complete run that counts."""
    chosen = {
        (r.condition, r.activation): r.learning_rate for r in results.itertuples()
    }
    frames = []
    for run in runs.complete:
        key = (condition(run), run.record["recipe"]["network"]["activation"])
        rate = run.record["recipe"]["optimisation"]["learning_rate"]
        if run.seed != SEARCH_SEED and chosen.get(key) == rate:
            frame = run.metrics[["epoch", "train_top1_error"]]
            names = {"condition": key[0], "activation": key[1], "seed": run.seed}
            frames.append(frame.assign(**names))
    columns = ["condition", "activation", "seed", "epoch", "train_top1_error"]
    return pd.concat(frames)[columns] if frames else pd.DataFrame(columns=columns)
