"""What the runs of the 2012 network measure of each claim on errors, for the ledger.

Errors of trained networks have an interval over seeds alone: that over images does not
cover how much seeds differ. Where the same networks stand on both sides, as one view
and ten, it does not need to, and the interval over images serves for one of them.
"""

from collections.abc import Sequence

from scipy import stats

from analysis.claims.from_runs import folders, measurements, of_test_images
from analysis.claims.measurement import Measured
from analysis.evidence.answers import TOPS, Group, groups
from analysis.evidence.arms import R0
from analysis.evidence.ensembles import Ensemble, ensembles
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import LEVEL, Estimate, over_seeds
from analysis.statistics.numbers import counted
from analysis.topics.errors import half_splits, numbers
from analysis.topics.errors.numbers import (
    BASELINES,
    MEMBERS,
    baselines,
    main_group,
    released,
)

VIEWS = 10


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements on R0's runs; claims that nothing measures lack."""
    own = released(runs)
    main = main_group(groups(own))
    if main is None:
        return {}
    averages = _averages(own, main)
    top1, top5 = (_error(main, top) for top in TOPS)
    answers = {
        "A1": top1,
        "A2": top5,
        "A3": _over_earlier(main),
        "T1-3": [each for top in TOPS for each in _error(main, top, f"top-{top}")],
        "T2-2a": top1,
        "T2-2b": top5,
        "T2-3": [each for top in TOPS for each in _average(main, averages, top)],
        "S4.1e": _views(main),
        "S6.1": _splits(main),
        "S6.2": [each for top in TOPS for each in _averaging(main, averages, top)],
        "S6.5b": _halves(main),
        "X28": _over_baseline(main, ["HOG"]),
    }
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _where(main: Group, protocol: str = "ten views") -> dict[str, object]:
    condition = R0.condition(main.name)
    return of_test_images(main.runs[0], main.answers[0], condition, protocol)


def _error(main: Group, top: int, quantity: str = "") -> list[Measured]:
    wrong = main.wrong(VIEWS, top)
    estimate = over_seeds(wrong.mean(axis=1), images=wrong.shape[1])
    about = {"quantity": quantity, "unit": "%"} | _where(main)
    return measurements(estimate, [main.runs], f"{R0.recipe}, top-{top}", **about)


def _over_earlier(main: Group) -> list[Measured]:
    """A stand-in for what came before; none on ILSVRC, of which that is published."""
    if main.runs[0].manifest["data"]["dataset"] == "imagenet":
        return []
    return _over_baseline(main, BASELINES)


def _over_baseline(main: Group, vectors: Sequence[str]) -> list[Measured]:
    """Error of a softmax on the first of `vectors` that runs have, minus the network's.

    The vectors are the same for all seeds, so the spread is that of the networks.
    """
    rows = [baselines(run) for run in main.runs]
    name = next((each for each in vectors if any(each in row for row in rows)), None)
    known = [
        (run, row[name].top1_error - error, row[name])
        for run, error, row in zip(
            main.runs, main.wrong(1, 1).mean(axis=1), rows, strict=True
        )
        if name in row
    ]
    if not known:
        return []
    runs, differences, probed = zip(*known, strict=True)
    estimate = over_seeds(differences, images=int(probed[0].n))
    protocol = (
        f"one view, both; the softmax fitted to {probed[0].train_images:,} of "
        f"{runs[0].manifest['splits']['train']:,} training images"
    )
    about = _where(main, protocol) | {"images": estimate.images}
    words = f"one softmax on {name} minus {R0.recipe}, top-1"
    return measurements(estimate, [runs], words, quantity="top-1", **about)


def _views(main: Group) -> list[Measured]:
    return [
        each
        for row in numbers.view_gains([main]).itertuples()
        for each in measurements(
            row.gain,
            [main.runs],
            f"{R0.recipe}, top-{row.top}",
            quantity=f"top-{row.top}",
            **_where(main, "one view minus ten, same networks"),
        )
    ]


def _splits(main: Group) -> list[Measured]:
    """Held-out minus test images, with what sampling both allows."""
    found = numbers.split_differences(numbers.ours([main]))
    measured = []
    for row in found[found["views"] == VIEWS].itertuples():
        half = float(stats.norm.ppf((1 + LEVEL) / 2)) * row.standard_error
        limits = (row.difference - half, row.difference + half)
        estimate = Estimate(row.difference, *limits, "images", row.seeds, row.test_n)
        about = _where(main, "ten views; weights chosen on the held-out images")
        about["split"] = (
            f"{row.val_n:,} images held out of training and {row.test_n:,} "
            f"{about['split']}"
        )
        about |= {"images": None, "quantity": f"top-{row.top}"}
        words = f"{R0.recipe}, top-{row.top}"
        measured += measurements(estimate, [main.runs], words, **about)
    return measured


def _halves(main: Group) -> list[Measured]:
    wrong = main.wrong(VIEWS, 1)
    mistakes = [int(count) for count in wrong.sum(axis=1)]
    data = _where(main) | {"runs": folders(main.runs)}
    return half_splits.of_ours(mistakes, R0.recipe, **data)


def _averages(own: Runs, main: Group) -> list[Ensemble]:
    """Those of MEMBERS networks of the group, none of which is in two of them."""
    free = {run.folder for run in main.runs}
    kept = []
    for ensemble in ensembles(own):
        members = {run.folder for run in ensemble.members.runs}
        if len(members) == MEMBERS and members <= free:
            kept.append(ensemble)
            free -= members
    return kept


def _average(main: Group, averages: Sequence[Ensemble], top: int) -> list[Measured]:
    """Their error; one average is one draw of its members, and has no interval."""
    if not averages:
        return []
    errors = [ensemble.error(VIEWS, top) for ensemble in averages]
    estimate = over_seeds([each.value for each in errors], images=errors[0].images)
    about = {"quantity": f"top-{top}", "unit": "%"} | _where(main)
    return measurements(
        estimate, [_members(averages)], f"{_words(averages)}, top-{top}", **about
    )


def _averaging(main: Group, averages: Sequence[Ensemble], top: int) -> list[Measured]:
    """The members' mean error minus that of their average."""
    if not averages:
        return []
    gains = [ensemble.gain(VIEWS, top) for ensemble in averages]
    estimate = gains[0]
    if len(gains) > 1:
        each = [gain.value for gain in gains]
        estimate = over_seeds(each, images=estimate.images)
    about = {"quantity": f"top-{top}"} | _where(main)
    return measurements(
        estimate, [_members(averages)], f"{_words(averages)}, top-{top}", **about
    )


def _members(averages: Sequence[Ensemble]) -> list:
    return [run for ensemble in averages for run in ensemble.members.runs]


def _words(averages: Sequence[Ensemble]) -> str:
    return f"{counted(len(averages), 'average')} of {MEMBERS} networks {R0.recipe}"
