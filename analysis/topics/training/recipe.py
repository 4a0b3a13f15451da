"""What the runs of released-145 recorded of their recipe, for the ledger.

A recipe is the same on any images: like arithmetic, it takes no data. A run
that changes a field (`--set field=value`) says nothing of the claims on that field.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

from analysis.claims import from_runs
from analysis.claims.measurement import Measured, number
from analysis.evidence import curves
from analysis.evidence.arms import field_of
from analysis.evidence.curves import RELEASED, setting
from analysis.evidence.runs import Run, Runs, names

PAPERS_DATA = "imagenet"
STEM_KERNEL = 11  # pixels of a side of the published first layer's

BIASED = ("conv2", "conv4", "conv5", "fc6", "fc7")  # section 5: biases of 1
UNBIASED = ("conv1", "conv3", "fc8")

PIXELS = {"pixels", "input_scale"}
EPOCHS = {"epochs", "train_share"}
DROPOUT = {"dropout", "dropout_kind"}
OPTIMISER = {"batch_size", "momentum", "weight_decay"}
OPTIMISER |= {"hidden_weight_decay", "output_weight_decay"}
STDS = {"stem_std", "std", "middle_std", "hidden_std", "output_std", "scheme"}
STDS |= {"width", "stem_kernel"}  # set by hand, they leave the deviations as they are
BIASES = {"positive_bias", "biased", "scheme"}
RATES = {"learning_rate", "bias_rate_factor", "schedule", "drop_epochs"}
RATES |= {"drop_factor", "stop_train_error"}

Values = dict[str, Iterable[float]]  # of a quantity, one or more that a run has


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Each claim on the recipe, with a measurement of every value that a run recorded."""
    trained = runs.where(_is_trained)
    answers = {
        "S2.6": _centred(_unchanged(trained, PIXELS)),
        "S4.2a": _settings(_unchanged(trained, DROPOUT), _dropout),
        "S5.1": _settings(_unchanged(trained, OPTIMISER), _optimiser),
        "S5.4": _settings(_unchanged(trained, STDS), _deviations),
        "S5.5": _settings(_unchanged(trained, BIASES), _biases),
        "S5.7": _settings(list(filter(_drops, _unchanged(trained, RATES))), _rates),
        "S5.8": _passes(_unchanged(trained, EPOCHS)),
    }
    return {claim: tuple(each) for claim, each in answers.items() if each}


def _is_trained(run: Run) -> bool:
    return setting(run)[0] == RELEASED and run.stop != names.IMPORTED


def _unchanged(runs: Runs, fields: set[str]) -> list[Run]:
    """The complete runs that change none of `fields`."""
    return [run for run in runs.complete if not _changed(run) & fields]


def _changed(run: Run) -> set[str]:
    return {*map(field_of, setting(run)[1].split("+"))}


def _recipe(run: Run, part: str) -> dict[str, Any]:
    return run.record["recipe"][part]


def _settings(runs: list[Run], read: Callable[[Run], Values]) -> list[Measured]:
    """What `read` finds in each run: every different value with the runs that have it."""
    found: dict[tuple[str, float], list[Run]] = {}
    for run in runs:
        for quantity, values in read(run).items():
            for value in dict.fromkeys(values):
                found.setdefault((quantity, value), []).append(run)
    return [
        _exact(float(value), having, quantity=quantity)
        for (quantity, value), having in found.items()
    ]


def _exact(
    value: float, runs: list[Run], *, quantity: str = "", stated: str = "", **where
) -> Measured:
    return Measured(
        value=value,
        quantity=quantity,
        stated=stated or f"{quantity} {number(value)}",
        exact=True,
        seeds=(len(runs),),
        runs=from_runs.folders(runs),
        **({"unit": ""} | where),
    )


def _centred(runs: list[Run]) -> list[Measured]:
    """Section 2: nothing but the mean image is taken from pixels of 0 to 255."""
    if not runs:
        return []
    inputs = [_recipe(run, "augmentation") for run in runs]
    raw = sum(
        each["pixels"] == "centred" and each["input_scale"] == 1 for each in inputs
    )
    share = 100 * raw / len(runs)
    return [_exact(share, runs, unit="%", stated=number(share, "%"))]


def _dropout(run: Run) -> Values:
    """A mask leaves the outputs as they are; at test all are scaled by what it keeps."""
    network = _recipe(run, "network")
    masked = network["dropout_kind"] == "mask"
    at_test = 1 - network["dropout"] if masked else 1.0
    return {"probability": [network["dropout"]], "factor at test": [at_test]}


def _optimiser(run: Run) -> Values:
    known = _recipe(run, "optimisation")
    decays = ("weight_decay", "hidden_weight_decay", "output_weight_decay")
    return {
        "batch": [known["batch_size"]],
        "momentum": [known["momentum"]],
        "weight decay": [known[name] for name in decays],
    }


def _deviations(run: Run) -> Values:
    """At the published widths: `repro.recipes.profiles` multiplies them for narrower ones."""
    known, network = _recipe(run, "initial_values"), _recipe(run, "network")
    if known["scheme"] != "gaussian":
        return {}
    wide, kernel = math.sqrt(network["width"]), network["stem_kernel"] / STEM_KERNEL

    def published(name: str, share: float = wide) -> float:
        return round(known[name] * share, 6)

    return {
        "conv1 and conv2": [published("stem_std", kernel), published("std")],
        "conv3 to conv5": [published("middle_std")],
        "connected layers": [published("hidden_std"), published("output_std")],
    }


def _biases(run: Run) -> Values:
    known = _recipe(run, "initial_values")
    if known["scheme"] != "gaussian":
        return {}
    value = {name: known["positive_bias"] for name in known["biased"]}
    return {
        "named layers": [value.get(name, 0.0) for name in BIASED],
        "other layers": [value.get(name, 0.0) for name in UNBIASED],
    }


def _drops(run: Run) -> bool:
    """Whether the run is long enough for every drop of its plan."""
    plan = _recipe(run, "optimisation")
    return all(epoch < plan["epochs"] for epoch in plan["drop_epochs"])


def _rates(run: Run) -> Values:
    """The plan's first rate and that of the biases; the drops that there were."""
    plan, drops = _recipe(run, "optimisation"), curves.drops(run)
    return {
        "first rate": [plan["learning_rate"]],
        "drops": [len(drops)],
        "divisor": [round(1 / share, 6) for _, share in drops],
        "biases over weights": [plan["bias_rate_factor"]],
    }


def _passes(runs: list[Run]) -> list[Measured]:
    """Of the runs on the paper's data: other profiles may state their own epochs."""
    found: dict[tuple[int, int, str], list[Run]] = {}
    for run in runs:
        if run.manifest["data"]["dataset"] == PAPERS_DATA:
            images = run.manifest["splits"]["train"]
            epochs = _recipe(run, "optimisation")["epochs"]
            key = epochs, images, from_runs.trained_on(run)
            found.setdefault(key, []).append(run)
    return [
        _exact(
            float(epochs),
            having,
            stated=f"{epochs} epochs",
            dataset=dataset,
            split="training images",
            images=images,
        )
        for (epochs, images, dataset), having in found.items()
    ]
