"""What the runs of the 2012 network measure of each claim on errors.

Errors of trained networks have an interval over seeds alone, because one over images
does not cover how much seeds differ. A comparison of the same networks with one view and
with ten does not need to cover that: of one seed it has an interval over images.
"""

import math
from collections.abc import Sequence

from analysis.claims.from_runs import folders, measurements, of_test_images
from analysis.claims.measurement import Measured
from analysis.evidence.answers import PAPER_VIEWS, TOPS, Group, groups
from analysis.evidence.arms import R0
from analysis.evidence.curves import setting
from analysis.evidence.ensembles import Ensemble, ensembles
from analysis.evidence.features import HOG, PIXELS
from analysis.evidence.runs import Run, Runs
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.images import Z
from analysis.statistics.numbers import counted
from analysis.topics.errors import numbers
from analysis.topics.errors.numbers import MEMBERS, baselines, main_group


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim id -> what R0's runs measure of it, of claims that they measure at all."""
    own = runs.where(lambda run: setting(run)[0] == R0.recipe)
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
        "X28": _over_baseline(main, [HOG]),
    }
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _where(main: Group, protocol: str = "ten views") -> dict[str, object]:
    condition = R0.condition(main.name)
    return of_test_images(main.runs[0], main.answers[0], condition, protocol)


def _error(main: Group, top: int, quantity: str = "") -> list[Measured]:
    wrong = main.wrong(PAPER_VIEWS, top)
    estimate = over_seeds(wrong.mean(axis=1), images=wrong.shape[1])
    about = {"quantity": quantity, "unit": "%"} | _where(main)
    return measurements(estimate, [main.runs], f"{R0.recipe}, top-{top}", **about)


def _over_earlier(main: Group) -> list[Measured]:
    """A3: a softmax stands in for the earlier methods that the paper quotes on ILSVRC."""
    if main.runs[0].manifest["data"]["dataset"] == "imagenet":
        return []
    return _over_baseline(main, [HOG, PIXELS])


def _over_baseline(main: Group, kinds: Sequence[str]) -> list[Measured]:
    """Error of a softmax on the first of `kinds` that runs have, minus the network's.

    The vectors are the same for all seeds, so the spread is that of the networks.
    """
    found = baselines(main)
    kind = next((each for each in kinds if each in set(found["kind"])), None)
    if kind is None:
        return []
    probed = found[found["kind"] == kind].set_index("seed")
    errors = dict(zip(main.seeds, main.wrong(1, 1).mean(axis=1), strict=True))
    runs = [run for run in main.runs if run.seed in probed.index]
    differences = [probed.at[run.seed, "top1_error"] - errors[run.seed] for run in runs]
    first = probed.loc[runs[0].seed]
    estimate = over_seeds(differences, images=int(first["n"]))
    protocol = (
        f"one view, both; the softmax fitted to {first['train_images']:,} of "
        f"{runs[0].manifest['splits']['train']:,} training images"
    )
    about = _where(main, protocol) | {"images": estimate.images}
    words = f"one softmax on {kind} minus {R0.recipe}, top-1"
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
    """S6.1: the error on held-out images minus that on test images.

    The interval is what sampling both sets of images allows."""
    found = numbers.split_differences(numbers.ours([main]))
    measured = []
    for row in found.itertuples():
        if row.views != PAPER_VIEWS:
            continue
        half = Z * row.standard_error
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
    """S6.5b: by how much the errors on two random halves of our test images differ.

    The paper trains on a random half of ImageNet and tests on the other. Our networks
    are the same for both halves, so that sampling alone makes a difference; another half
    to train on would take other networks.
    """
    wrong = main.wrong(PAPER_VIEWS, 1)
    seeds, images = wrong.shape
    widest = 100 * half_limit(wrong.sum() / seeds, images)
    protocol = (
        "ten views; another random half to test on, the network not trained again"
    )
    where = _where(main, protocol) | {"images": images // 2}
    return [
        Measured(
            value=0.0,
            low=-widest,
            high=widest,
            unit="points",
            quantity="test half",
            stated=f"±{widest:.2f} points: two random halves of {images:,} images, "
            f"{R0.recipe}, {counted(seeds, 'network')}",
            seeds=(seeds,),
            runs=folders(main.runs),
            **where,
        )
    ]


def half_limit(mistakes: float, images: int) -> float:
    """What 95 of 100 pairs of random halves differ by at most, as a fraction.

    Each half is drawn anew from `images`, `mistakes` of which are wrong. The mistakes in
    a half are hypergeometric; the difference of two halves is taken as normal.
    """
    error, half = mistakes / images, images // 2
    variance = error * (1 - error) / half * (images - half) / (images - 1)
    return Z * math.sqrt(2 * variance)


def _averages(own: Runs, main: Group) -> list[Ensemble]:
    """The averages of MEMBERS networks of the group that share no network."""
    free = {run.folder for run in main.runs}
    kept = []
    for ensemble in ensembles(own):
        members = {run.folder for run in ensemble.members.runs}
        if len(members) == MEMBERS and members <= free:
            kept.append(ensemble)
            free -= members
    return kept


def _average(main: Group, averages: Sequence[Ensemble], top: int) -> list[Measured]:
    """The error of the averages. One average is one draw of its members: no interval."""
    if not averages:
        return []
    errors = [ensemble.error(PAPER_VIEWS, top) for ensemble in averages]
    estimate = over_seeds([each.value for each in errors], images=errors[0].images)
    about = {"quantity": f"top-{top}", "unit": "%"} | _where(main)
    return measurements(
        estimate, [_members(averages)], f"{_words(averages)}, top-{top}", **about
    )


def _averaging(main: Group, averages: Sequence[Ensemble], top: int) -> list[Measured]:
    """The mean error of the members minus the error of their average."""
    if not averages:
        return []
    gains = [ensemble.gain(PAPER_VIEWS, top) for ensemble in averages]
    estimate = gains[0]
    if len(gains) > 1:
        each = [gain.value for gain in gains]
        estimate = over_seeds(each, images=estimate.images)
    about = {"quantity": f"top-{top}"} | _where(main)
    return measurements(
        estimate, [_members(averages)], f"{_words(averages)}, top-{top}", **about
    )


def _members(averages: Sequence[Ensemble]) -> list[Run]:
    return [run for ensemble in averages for run in ensemble.members.runs]


def _words(averages: Sequence[Ensemble]) -> str:
    return f"{counted(len(averages), 'average')} of {MEMBERS} networks {R0.recipe}"
