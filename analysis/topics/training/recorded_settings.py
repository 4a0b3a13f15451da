"""Section 5's settings as the runs recorded them: optimiser, rates, passes."""

import math
from typing import Any

from analysis.claims.printed import Reported
from analysis.evidence import curves
from analysis.evidence.runs import Run, Runs
from analysis.statistics.seeds import plural, seeds
from analysis.topics.speed.throughput import EPOCHS, IMAGES

BATCH = Reported(128, "section 5")
MOMENTUM = Reported(0.9, "section 5")
DECAY = Reported(0.0005, "section 5")
RATE = Reported(0.01, "section 5")
REDUCTIONS = Reported(3, "section 5")
FACTOR = Reported(10, "section 5")
LOGGED = (23, 51, 78)  # drops of the authors' run, layer-params-145-2010
LOGGED_EPOCHS = 93
DECAYS = ("weight_decay", "hidden_weight_decay", "output_weight_decay")


def _optimisation(run: Run) -> dict[str, Any]:
    return run.record["recipe"]["optimisation"]


def optimiser(runs: Runs) -> list[str]:
    """How many runs had the paper's batch, momentum and weight decay."""
    recipes = [_optimisation(run) for run in runs.complete]
    as_printed = sum(
        recipe["batch_size"] == BATCH.value
        and recipe["momentum"] == MOMENTUM.value
        and all(recipe[decay] == DECAY.value for decay in DECAYS)
        for recipe in recipes
    )
    known = {name: _distinct(recipes, name) for name in ("batch_size", "momentum")}
    decay = " or ".join(
        sorted({f"{recipe[decay]:g}" for recipe in recipes for decay in DECAYS})
    )
    return [
        (
            f"{as_printed} of {plural(len(recipes), 'run')} as printed; recorded: batch "
            f"{known['batch_size']}, momentum {known['momentum']}, weight decay {decay} "
            "in every layer with weights."
        )
    ]


def _distinct(recipes: list[dict[str, Any]], field: str) -> str:
    return " or ".join(sorted({f"{recipe[field]:g}" for recipe in recipes}))


def rates(runs: Runs) -> list[str]:
    """First rate and every drop: how many runs are as printed, then name by name."""
    groups: dict[str, list[Run]] = {}
    for run in runs.complete:
        groups.setdefault(run.name, []).append(run)
    as_printed = sum(map(_has_printed_rates, runs.complete))
    logged = ", ".join(map(str, LOGGED))
    return [
        (
            f"{as_printed} of {plural(len(runs.complete), 'run')} with rate "
            f"{RATE.value:g}, divided {REDUCTIONS.value} times by {FACTOR.value}."
        ),
        *(_rates(name, found) for name, found in groups.items()),
        (
            f"The authors' log drops after epochs {logged} of {LOGGED_EPOCHS}, that is "
            f"{_shares(LOGGED, LOGGED_EPOCHS)} of the training."
        ),
    ]


def _has_printed_rates(run: Run) -> bool:
    factors = [1 / share for _, share in curves.drops(run)]
    exact = all(math.isclose(factor, FACTOR.value) for factor in factors)
    first = _optimisation(run)["learning_rate"] == RATE.value
    return first and exact and len(factors) == REDUCTIONS.value


def _rates(name: str, runs: list[Run]) -> str:
    recipe = _optimisation(runs[0])
    seen = {tuple(curves.drops(run)) for run in runs}
    drops = " or ".join(sorted({_drops(found, recipe["epochs"]) for found in seen}))
    rule = {
        "fixed": "at epochs fixed beforehand",
        "plateau": "when the validation error has stopped improving",
    }.get(recipe["schedule"], f"schedule {recipe['schedule']}")
    parts = [f"{drops}, {rule}" if any(seen) else drops]
    if recipe["bias_rate_factor"] != 1:
        parts.append(f"biases at {recipe['bias_rate_factor']:g} times the first rate")
    if late := curves.late_phase(runs[0]):
        then = f", frozen after {late[1]}" if len(late) > 1 else ""
        parts.append(f"conv1 at {recipe['late_rate']:g} after epoch {late[0]}{then}")
    return f"{name} ({seeds(len(runs))}): {'; '.join(parts)}."


def _drops(drops: tuple[tuple[int, float], ...], epochs: int) -> str:
    if not drops:
        return "no drop"
    after = [epoch for epoch, _ in drops]
    factors = " and ".join(sorted({f"{1 / share:.3g}" for _, share in drops}))
    return (
        f"divided by {factors} after epochs {', '.join(map(str, after))} of {epochs} "
        f"({_shares(after, epochs)})"
    )


def _shares(events, epochs: int) -> str:
    return ", ".join(f"{100 * event / epochs:.0f} %" for event in events)


def passes(runs: Runs) -> list[str]:
    """Epochs times images of every name, beside the paper's."""
    paper = EPOCHS.value * IMAGES.value
    known = {
        run.name: (int(run.metrics["epoch"].max()), run.manifest["splits"]["train"])
        for run in runs.complete
    }
    return [
        f"{name}: {plural(epochs, 'epoch')} of {images:,} images, "
        f"{100 * epochs * images / paper:.3g} % of the paper's {paper / 1e6:.0f} million images seen."
        for name, (epochs, images) in known.items()
    ]
