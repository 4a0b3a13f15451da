"""What Figure 1's runs measure of each claim, for the ledger."""

import math
from typing import Any

import pandas as pd

from analysis.claims import from_runs
from analysis.claims.measurement import Measured
from analysis.evidence.runs import Runs
from analysis.topics.activations import race
from analysis.topics.activations.tables import UNITS, label

Arm = tuple[str, str]  # condition, activation


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements, one a condition; a claim without any is left out."""
    runs = runs.named(race.RECIPES)
    found = race.crossings(runs)
    arms = race.declared(runs)
    tanh = _over_relu(found, arms, "tanh")
    modern = [each for name, each in tanh if name.endswith("-modern")]
    every = [each for _, each in tanh]
    answers = {
        "A7": [each for _, each in _over_relu(found, arms, "tanh", quantity="ReLU")],
        "F1a": every,
        "F1b": _rules(runs),
        "F1c": every,
        "S3.1a": [
            each
            for arm in ("tanh", "logistic")
            for _, each in _over_relu(found, arms, arm, quantity=arm)
        ],
        "S3.1c": [each for _, each in _over_relu(found, arms, "abs-tanh")],
        "X14": modern,
        "X22": _inputs(found, arms),
    }
    return {claim: tuple(each) for claim, each in answers.items() if each}


def _over_relu(
    found: pd.DataFrame, arms: dict[str, list[str]], arm: str, quantity: str = ""
) -> list[tuple[str, Measured]]:
    """For each condition where both have seeds: the epochs of `arm` over ReLU's."""
    pairs = [
        (name, _ratio(found, (name, arm), (name, race.REFERENCE), quantity=quantity))
        for name, known in arms.items()
        if arm in known
    ]
    return [(name, each) for name, each in pairs if each]


def _inputs(found: pd.DataFrame, arms: dict[str, list[str]]) -> list[Measured]:
    """Epochs on centred input over those on standardised input, all else equal."""
    ratios = [
        _ratio(found, (name, arm), (other, arm), quantity=UNITS[arm])
        for name in arms
        for other in arms
        for arm in ("relu", "tanh")
        if _only_the_input(name, other)
    ]
    return [each for each in ratios if each]


def _only_the_input(centred: str, standardised: str) -> bool:
    """Whether two conditions differ in their input and in nothing else."""
    pairs = (("original", "standardised"), ("torch-values", "modern"))
    nets = (centred.partition("-"), standardised.partition("-"))
    return nets[0][0] == nets[1][0] and (nets[0][2], nets[1][2]) in pairs


def _ratio(
    found: pd.DataFrame, slow: Arm, fast: Arm, *, quantity: str
) -> Measured | None:
    """Epochs of `slow` over `fast`; None if one has no seeds or both never arrive."""
    ratio = race.compare(found, slow, fast)
    if ratio is None or ratio.bound == "unknown":
        return None
    samples = [race.counted(found, *arm) for arm in (slow, fast)]
    runs = [run for sample in samples for run in sample["run"]]
    single = math.isnan(ratio.low) or math.isnan(ratio.high)  # one run an arm
    return Measured(
        value=ratio.value,
        low=math.nan if single else ratio.low,
        high=math.nan if single else ratio.high,
        unit="times",
        quantity=quantity,
        stated=f"{ratio.ratio}: {_compared(slow, fast)}",
        seeds=tuple(len(sample) for sample in samples),
        runs=from_runs.folders(runs),
        **from_runs.of_training_images(runs, runs[0].manifest["protocol"]),
    )


def _compared(slow: Arm, fast: Arm) -> str:
    """The two arms in words."""
    if slow[0] == fast[0]:
        return f"{UNITS[slow[1]]} over {UNITS[fast[1]]}, {label(slow[0])}"
    return f"{UNITS[slow[1]]}, {label(slow[0])} over {label(fast[0])}"


def _rules(runs: Runs) -> list[Measured]:
    """The share of the complete runs without weight decay and augmentation."""
    if not runs.complete:
        return []
    free = sum(_unregularised(run.record["recipe"]) for run in runs.complete)
    total = len(runs.complete)
    return [
        Measured(
            value=100 * free / total,
            unit="%",
            exact=True,
            stated=f"{free} of {total} runs",
            dataset=from_runs.trained_on(runs.complete[0]),
            split="training images",
            protocol=runs.complete[0].manifest["protocol"],
            runs=from_runs.folders(runs.complete),
        )
    ]


def _unregularised(recipe: dict[str, Any]) -> bool:
    """Whether nothing in the record decays weights or augments images."""
    decays = [v for k, v in recipe["optimisation"].items() if k.endswith("decay")]
    augmentation = recipe["augmentation"]
    return (
        not any(decays) and augmentation["crop"] == "whole" and not augmentation["flip"]
    )
