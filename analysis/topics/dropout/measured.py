"""What dropout is worth beside several networks, and to single units, for the ledger.

S4.2f: two networks without dropout are averaged, every pair of seeds. A network is in
several pairs: intervals are of a jackknife over seeds, which leaves out all that one
seed is in, on both sides.
"""

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from analysis.claims import from_runs
from analysis.claims.from_runs import described, measurements, of_test_images
from analysis.claims.measurement import Measured
from analysis.evidence import convergence, curves
from analysis.evidence.answers import Group, data_hashes, groups
from analysis.evidence.arms import R0, WELCH_OF_LOG, Arm, Arms, arms
from analysis.evidence.curves import images, without_timings
from analysis.evidence.runs import Run, Runs
from analysis.statistics import estimates
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.numbers import counted, per_cent, signed
from analysis.topics.dropout import averaged as averaged_predictions
from analysis.topics.dropout import rules

TO_LEVEL, TO_BEST = "to one training loss", "to the best validation error"
WITHOUT, LONGER = Arm("R-nodrop"), Arm("R-long")
AVERAGED = 2  # networks
EQUAL, COST = "equal epochs", "cost"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements; nothing where an arm has nothing to compare."""
    runs = without_timings(runs)
    pairs = arms(runs, R0.recipe, WITHOUT.recipe)
    answers = {
        "S4.2e": [each for pair in pairs for each in _iterations(pair)],
        "S4.2f": [*averages(runs), *(each for p in pairs if (each := _cost(p)))],
        "S4.2g": _removed(runs),
    }
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _iterations(pair: Arms) -> list[Measured]:
    """Steps of R0 over those without dropout, by both definitions."""
    found = convergence.compare(pair.first, pair.second)
    if found is None:
        return []
    last = f"; {counted(found.still_improving, 'run')} had it in the last epoch"
    best = "lowest validation error" + last * bool(found.still_improving)
    level = f"training loss {found.level:.2f}, the lowest that every run reaches"
    measurements = [
        _steps(pair, found.to_level, TO_LEVEL, level),
        _steps(pair, found.to_best, TO_BEST, best),
    ]
    return [each for each in measurements if each]


def _steps(pair: Arms, ratio: Estimate, quantity: str, what: str) -> Measured | None:
    """None where a run was there before its first step."""
    if math.isnan(ratio.value):
        return None
    split = "train" if quantity == TO_LEVEL else "val"
    return Measured(
        **from_runs.limits(ratio, factor=1),
        unit="times",
        quantity=quantity,
        stated=f"{ratio.value:.2f}: {' over '.join(pair.names)}; {what}",
        images=curves.images(pair.first.complete[0], split),
        split=f"{curves.SPLITS[split]} images",
        protocol=_protocol(pair, WELCH_OF_LOG),
        **described(pair),
    )


def _protocol(pair: Arms, then: str) -> str:
    return f"{pair.runs[0].manifest['protocol']}; {then}"


def averages(runs: Runs) -> list[Measured]:
    """Averages of two networks minus one trained for as long, under every condition."""
    known = groups(runs)
    found = []
    for group in known:
        condition = WITHOUT.condition(group.name)
        if condition is None:
            continue
        for other in known:
            if other.name == LONGER.name(condition) and _same_data(group, other):
                found += _averages(group, other, condition)
    return found


def _same_data(group: Group, other: Group) -> bool:
    return data_hashes(group.runs[0]) == data_hashes(other.runs[0])


def _averages(
    without: Group, single: Group, condition: Sequence[str]
) -> list[Measured]:
    seeds = sorted({*without.seeds} & {*single.seeds})
    epochs = AVERAGED * without.epochs
    if len(seeds) < AVERAGED or single.epochs != epochs:
        return []
    sides = [
        {run.seed: run for run in group.runs if run.seed in seeds}
        for group in (without, single)
    ]
    estimate = _jackknifed(*sides)
    pairs = counted(math.comb(len(seeds), AVERAGED), "pair")
    trained = f"{epochs} epochs in all against {single.epochs}"
    protocol = "ten views; jackknife over seeds, which both arms and the pairs share"
    answers = without.answers[0]
    return measurements(
        estimate,
        [list(side.values()) for side in sides],
        f"{without.name}, {AVERAGED} networks averaged ({pairs}), minus one "
        f"{single.name}; {trained}",
        quantity=EQUAL,
        **of_test_images(single.runs[0], answers, condition, protocol),
    )


def _jackknifed(without: dict[int, Run], single: dict[int, Run]) -> Estimate:
    """Mean error of all pairs' averages minus that of the single networks, top-1."""
    pairs = {
        pair: averaged_predictions.wrong(*(without[seed].folder for seed in pair))
        for pair in combinations(sorted(without), AVERAGED)
    }
    averaged = {pair: float(wrong.mean()) for pair, wrong in pairs.items()}
    alone = {seed: _error(run) for seed, run in single.items()}

    def difference(left_out: int | None = None) -> float:
        kept = [error for pair, error in averaged.items() if left_out not in pair]
        others = [error for seed, error in alone.items() if seed != left_out]
        return float(np.mean(kept) - np.mean(others))

    count = len(next(iter(pairs.values())))
    if len(without) <= AVERAGED:  # without a seed there is no pair
        value, nan = difference(), math.nan
        return Estimate(value, nan, nan, "nothing", len(without), count)
    return jackknife(difference(), [difference(seed) for seed in without], images=count)


def _error(run: Run) -> float:
    return float(averaged_predictions.wrong(run.folder, run.folder).mean())


def jackknife(value: float, without: Sequence[float], *, images: int) -> Estimate:
    """`value` with Student's t interval of its pseudo-values; `without` each seed.

    Tukey (1958). For a mean it is the usual interval.
    """
    count = len(without)
    pseudo = [count * value - (count - 1) * each for each in without]
    return over_seeds(pseudo, images=images)


def _cost(pair: Arms) -> Measured | None:
    """Epochs of R0 over those without dropout, to one validation error.

    None where an arm has no validation images or is there before its first step.
    """
    lowest = [run.metrics["val_top1_error"].min() for run in pair.runs]
    level = max(lowest)  # that every run reaches
    if any(map(math.isnan, lowest)):
        return None
    epochs = pair.epochs_to("val_top1_error", level)
    if epochs is None:
        return None
    ratio = estimates.ratio_of_means(*epochs)
    means = " and ".join(f"{np.mean(arm):.1f}" for arm in epochs)
    return Measured(
        **from_runs.limits(ratio, factor=1),
        unit="times",
        quantity=COST,
        stated=f"{ratio.value:.2f}: {' over '.join(pair.names)}, {means} epochs to "
        f"{per_cent(level)} % validation error, the lowest that every run reaches",
        images=images(pair.first.complete[0], "val"),
        split="validation images",
        protocol=f"{pair.runs[0].manifest['protocol']}; {WELCH_OF_LOG}",
        **described(pair),
    )


def _removed(runs: Runs) -> list[Measured]:
    """What removing half of the last hidden units adds: without dropout minus with it."""
    exported = runs.where(lambda run: rules.added_by_removal(run) is not None)
    found = []
    for pair in arms(exported, WITHOUT.recipe, R0.recipe):
        sides = [{r.seed: r for r in arm.complete} for arm in (pair.first, pair.second)]
        seeds = sorted(sides[0].keys() & sides[1].keys())
        if not seeds:
            continue
        rows = [[rules.added_by_removal(s[seed]) for seed in seeds] for s in sides]
        added = [np.array([row.points for row in side]) for side in rows]
        estimate = over_seeds(added[0] - added[1], images=rows[0][0].images)
        shown = " and ".join(signed(float(side.mean())) for side in added)
        kept = [side[seed] for side in sides for seed in seeds]
        found.append(
            Measured(
                value=estimate.value,
                low=estimate.low,
                high=estimate.high,
                unit="points",
                stated=f"{signed(estimate.value)} points: {' minus '.join(pair.names)}, "
                f"{shown} of top-1 error",
                split="test images",
                images=estimate.images,
                protocol=f"one view; means over {rows[0][0].masks} random halves, what "
                "is left doubled",
                **described(pair)
                | {"seeds": (len(seeds),) * 2, "runs": from_runs.folders(kept)},
            )
        )
    return found
