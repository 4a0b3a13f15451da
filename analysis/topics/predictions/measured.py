"""What Figure 4's left measures of each claim."""

from analysis.claims import from_runs
from analysis.claims.measurement import Measured
from analysis.display import words
from analysis.evidence import disturbed, exported
from analysis.evidence.answers import PAPER_VIEWS, SPLIT, read_answers
from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Run, Runs
from analysis.evidence.thumbnails import thumbnails
from analysis.statistics.images import BOOTSTRAP
from analysis.statistics.numbers import signed
from analysis.topics.predictions import numbers
from analysis.topics.predictions.numbers import ALL_WRONG

# The shifts that the claim is decided by, as shares of the side, and its names of them.
SHIFTS = {0.125: "an eighth of the side", 0.25: "a quarter of the side"}


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim id -> its measurements; claims that nothing measures are left out."""
    runs = exported.chosen(runs.named(RELEASED), numbers.FILES)
    if not runs.complete:
        return {}
    answers = {
        "F4La": _layout(runs.complete[0]),
        "F4Lb": _shifted(runs),
        "F4Lc": _kinds(runs),
    }
    return {claim: found for claim, found in answers.items() if found}


def _layout(run: Run) -> tuple[Measured, ...]:
    """F4La: how many images and labels the figure draws."""
    by_image = numbers.shown(run, thumbnails(run)).groupby("image").size()
    counts = {"images": len(by_image), "labels of each": int(by_image.min())}
    return from_runs.counted(run, counts)


def _shifted(runs: Runs) -> tuple[Measured, ...]:
    """F4Lb: how much of its lead over chance a network keeps on shifted images."""
    runs = exported.exported(runs, [disturbed.FILE])
    if not runs.complete:
        return ()
    first = runs.complete[0]
    data = from_runs.of_test_images(
        first,
        read_answers(first.folder),
        first.name.split("+")[1:],
        "centre view; Student's t over seeds",
    )
    data["images"] = disturbed.images(first)
    return tuple(
        each
        for share, name in SHIFTS.items()
        for each in from_runs.measurements(
            numbers.lead_kept(runs, share),
            [runs.complete],
            f"of the lead over chance kept, moved by {name}",
            quantity=name,
            unit="%",
            **data,
        )
    )


def _kinds(runs: Runs) -> tuple[Measured, ...]:
    """F4Lc: wrong labels of the true label's kind, which CIFAR-10's classes have."""
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
