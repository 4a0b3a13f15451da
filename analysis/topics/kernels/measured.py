"""What the first-layer kernels of the runs measure of each claim, for the ledger."""

import math
from collections.abc import Callable

import numpy as np

from analysis.claims import from_runs
from analysis.claims.measurement import Measured
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import difference, over_seeds
from analysis.statistics.images import exact_share
from analysis.statistics.numbers import counted, per_cent
from analysis.topics.kernels import towers
from analysis.topics.kernels.learned import (
    APART,
    DENSE,
    RELEASED,
    Learned,
    compared,
    read_all,
)

KINDS = {"frequency and orientation": "gabor_like", "coloured blobs": "colour_blob"}


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements, from the runs of the setting that is compared.

    A run without its exported kernels does not count; a claim without one is left out.
    """
    same = compared(read_all(runs))
    released, dense, apart = (
        [one for one in same if one.recipe == name] for name in (RELEASED, DENSE, APART)
    )
    answers = {
        "F3a": _kinds(released),
        "F3b": _differing(released),
        "F3c": _differing(released),
        "F3d": [
            *_against(released, dense, DENSE),
            *_against(released, dense, f"{DENSE}, beyond random halves", _beyond),
            *_against(apart, released, APART),
        ],
        "X17": _differing(released),
    }
    return {claim: tuple(each) for claim, each in answers.items() if each}


def _kinds(learned: list[Learned]) -> list[Measured]:
    """The share of each kind of kernel after training minus before, run by run."""
    return [_kind(learned, quantity) for quantity in KINDS if learned]


def _kind(learned: list[Learned], quantity: str) -> Measured:
    name = KINDS[quantity]
    after = np.array([one.measures[name].mean() for one in learned])
    before = np.array([one.initial_measures[name].mean() for one in learned])
    change = over_seeds(after - before, images=0)
    count, _, side, _ = learned[0].trained.shape
    return Measured(
        **from_runs.limits(change),
        unit="points",
        quantity=quantity,
        stated=f"{quantity}: {per_cent(change.value)} points, from "
        f"{per_cent(before.mean())} % to {per_cent(after.mean())} % of {count} kernels "
        f"of {side} × {side}",
        seeds=(len(learned),),
        **_where(learned),
    )


def _differing(learned: list[Learned]) -> list[Measured]:
    """How many runs have halves that differ in colour more than random halves do."""
    if not learned:
        return []
    above, total = sum(one.split.exceeds for one in learned), len(learned)
    low, high = exact_share(above, total)
    known = [one.split.p for one in learned if not math.isnan(one.split.p)]
    chances = f"; p {', '.join(f'{p:.2g}' for p in known)}" if known else ""
    return [
        Measured(
            value=100 * above / total,
            low=100 * low,
            high=100 * high,
            unit="%",
            stated=f"{per_cent(above / total)} %: {above} of {counted(total, 'run')}"
            + chances,
            seeds=(total,),
            **_where(learned, f"; {towers.DRAWS:,} random halves"),
        )
    ]


def _gap(one: Learned) -> float:
    return one.split.gap


def _beyond(one: Learned) -> float:
    """The gap minus the mean gap of random halves of the same kernels."""
    gaps = towers.random_gaps(one.measures["colour_share"].to_numpy())
    return one.split.gap - float(gaps.mean())


def _against(
    first: list[Learned],
    second: list[Learned],
    quantity: str,
    measure: Callable[[Learned], float] = _gap,
) -> list[Measured]:
    """The gap between halves in the runs of `first`, minus that in those of `second`.

    Kernels of zeros alone have no gap.
    """
    arms = [
        [one for one in arm if not math.isnan(one.split.gap)] for arm in (first, second)
    ]
    if not all(arms):
        return []
    gaps = [[measure(one) for one in arm] for arm in arms]
    found = difference(*gaps)
    means = ", ".join(
        f"{arm[0].run.name} {per_cent(np.mean(gap))} points"
        for arm, gap in zip(arms, gaps, strict=True)
    )
    more = f"; {towers.DRAWS:,} random halves" * (measure is _beyond)
    return [
        Measured(
            **from_runs.limits(found),
            unit="points",
            quantity=quantity,
            stated=f"{per_cent(found.value)} points: {means}",
            seeds=tuple(map(len, arms)),
            **_where([one for arm in arms for one in arm], more),
        )
    ]


def _where(learned: list[Learned], more: str = "") -> dict[str, object]:
    """On which images the kernels were learned, and which weights they are."""
    runs = [one.run for one in learned]
    weights = {run.manifest.get("export", {}).get("weights", "") for run in runs}
    known = " or ".join(sorted(filter(None, weights))) or "exported weights"
    return {
        **from_runs.of_training_images(runs, f"kernels of {known}{more}"),
        "runs": from_runs.folders(runs),
    }
