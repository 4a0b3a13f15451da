"""What Figure 4's left measures of each claim, for the ledger."""

from analysis.claims import from_runs
from analysis.claims.measurement import Measured
from analysis.display import words
from analysis.evidence import exported
from analysis.evidence.answers import PAPER_VIEWS, SPLIT
from analysis.evidence.runs import Run, Runs
from analysis.evidence.thumbnails import thumbnails
from analysis.statistics.images import BOOTSTRAP
from analysis.statistics.numbers import signed
from analysis.topics.predictions import numbers, shifted
from analysis.topics.predictions.numbers import ALL_WRONG


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements; claims that nothing measures lack."""
    runs = exported.chosen(runs.named(exported.RECIPES), numbers.FILES)
    if not runs.complete:
        return {}
    answers = {"F4La": _layout(runs.complete[0]), "F4Lc": _kinds(runs)}
    answers["F4Lb"] = shifted.measured(runs)
    return {claim: found for claim, found in answers.items() if found}


def _layout(run: Run) -> tuple[Measured, ...]:
    """What the figure draws: the same on any data."""
    by_image = numbers.shown(run, thumbnails(run)).groupby("image").size()
    counts = {"images": len(by_image), "labels of each": int(by_image.min())}
    return from_runs.counted(run, counts)


def _kinds(runs: Runs) -> tuple[Measured, ...]:
    """Wrong labels of the true label's kind; of CIFAR-10's classes only."""
    agreement = numbers.agreement(runs)
    return tuple(
        Measured(
            **from_runs.limits(row.difference),
            unit="points",
            stated=(
                f"{signed(100 * row.difference.value)}: of {row.labels} "
                f"{words.per_cent(row.same)} are an animal, or a vehicle, like the "
                f"true label; by chance {words.per_cent(row.chance)}"
            ),
            seeds=(len(runs.complete),),
            images=row.difference.images,
            dataset=from_runs.trained_on(runs.complete[0]),
            split=SPLIT,
            protocol=f"{PAPER_VIEWS} views; {BOOTSTRAP} of images, of the seeds' mean",
            runs=from_runs.folders(runs.complete),
        )
        for row in agreement.itertuples()
        if row.labels == ALL_WRONG
    )
