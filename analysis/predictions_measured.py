"""What Figure 4's left measures of each claim, for the ledger."""

from analysis import evidence, figure4, figure4_runs, predicted, shifted
from analysis.estimates import signed
from analysis.measurement import Measured
from analysis.predicted import ALL_WRONG, SPLIT, VIEWS
from analysis.resampling import METHOD
from analysis.results import Run, Runs
from analysis.shown_images import thumbnails


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements; claims that nothing measures lack."""
    runs = figure4_runs.chosen(runs.named(figure4_runs.RECIPES), predicted.FILES)
    if not runs.complete:
        return {}
    answers = {"F4La": _layout(runs.complete[0]), "F4Lc": _kinds(runs)}
    answers["F4Lb"] = shifted.measured(runs)
    return {claim: found for claim, found in answers.items() if found}


def _layout(run: Run) -> tuple[Measured, ...]:
    """What the figure draws: the same on any data."""
    by_image = predicted.shown(run, thumbnails(run)).groupby("image").size()
    counts = {"images": len(by_image), "labels of each": int(by_image.min())}
    return evidence.counted(run, counts)


def _kinds(runs: Runs) -> tuple[Measured, ...]:
    """Wrong labels of the true label's kind; of CIFAR-10's classes only."""
    agreement = predicted.agreement(runs)
    return tuple(
        Measured(
            **evidence.limits(row.difference),
            unit="points",
            stated=(
                f"{signed(100 * row.difference.value)}: of {row.labels} "
                f"{figure4.per_cent(row.same)} are an animal, or a vehicle, like the "
                f"true label; by chance {figure4.per_cent(row.chance)}"
            ),
            seeds=(len(runs.complete),),
            images=row.difference.n,
            dataset=evidence.dataset(runs.complete[0]),
            split=SPLIT,
            protocol=f"{VIEWS[0]} views; {METHOD} of images, of the seeds' mean",
            runs=evidence.folders(runs.complete),
        )
        for row in agreement.itertuples()
        if row.labels == ALL_WRONG
    )
