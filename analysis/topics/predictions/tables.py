"""Figure 4, left, in words: its tables as a reader sees them, and each claim."""

import pandas as pd

from analysis.display import words
from analysis.display.sections import Html, table
from analysis.evidence.exported import RECIPES
from analysis.evidence.runs import Runs
from analysis.evidence.thumbnails import thumbnails
from analysis.statistics.resampling import METHOD
from analysis.topics.predictions import numbers, shifted
from analysis.topics.predictions.numbers import VIEWS

CLAIMS = {
    "F4La": "Eight test images, each with its five most probable labels; the bars are "
    "probabilities.",
    "F4Lb": "Objects off the centre are recognised.",
    "F4Lc": "Most of the five labels are reasonable.",
    "F4Ld": "In some failures it is the photograph that is ambiguous.",
}
NO_DISTANCES = (
    "Not measured: it takes the classes' distances in WordNet, which are not part of "
    "this project. CIFAR-10's classes have kinds, animal and vehicle: `repro train "
    f"--profile cifar10 --recipe {RECIPES} --seed 0`, then `repro export "
    f"reports/cifar10/runs/{RECIPES}/seed-0`."
)


def errors_table(runs: Runs) -> Html:
    """The errors on the whole split that the shown images are a sample of."""
    errors = numbers.errors(runs)
    shown = pd.DataFrame(
        {
            "Views": errors["views"].map(str),
            "Test images": errors["n"].map("{:,}".format),
            "Top-1 error": errors["top1_error"].map(words.per_cent),
            "Top-5 error": errors["top5_error"].map(words.per_cent),
            "First label right": errors["right"].map(words.per_cent),
            "Its mean probability": errors["first"].map(words.per_cent),
            "Weights": errors["weights"],
        }
    )
    protocols = "; ".join(f"{row.views}: {row.protocol}" for row in errors.itertuples())
    caption = (
        f"The whole test split behind the images shown: {words.name(runs)}; mean over "
        "the seeds (range). Of a calibrated network the mean probability of the first "
        f"label is the share of images where it is right. Views: {protocols}"
    )
    return table(shown, caption=caption)


def agreement_table(runs: Runs) -> Html:
    """Wrong labels of the true label's kind; nothing where classes have no kinds."""
    agreement = numbers.agreement(runs)
    if agreement.empty:
        return Html("")
    found = agreement["difference"]
    shown = pd.DataFrame(
        {
            "Labels": agreement["labels"],
            "Of the same kind": agreement["same"].map(words.per_cent),
            "By chance": agreement["chance"].map(words.per_cent),
            "Difference": [f"{100 * row.value:.1f} pp" for row in found],
            "95 % interval": [row.interval for row in found],
            "Test images": [f"{row.n:,}" for row in found],
        }
    )
    caption = (
        "Wrong labels among the five that are, like the true one, of an animal or of a "
        f"vehicle: {words.name(runs)}, test split, {VIEWS[0]} views; mean over the "
        "seeds (range). Chance draws from all wrong labels that the network gave. "
        f"{METHOD} of images"
    )
    return table(shown, caption=caption)


def summary(runs: Runs) -> str:
    """What the runs say of each claim, as a Markdown list; none where none counts."""
    if not runs.complete:
        return words.bullets(CLAIMS, {claim: [] for claim in CLAIMS})
    answers = {
        "F4La": _images(runs),
        "F4Lb": shifted.sentences(runs),
        "F4Lc": _kinds(runs),
        "F4Ld": _failures(runs),
    }
    return f"{words.heading(runs)}{words.bullets(CLAIMS, answers)}"


def _images(runs: Runs) -> list[str]:
    run = runs.complete[0]
    places = numbers.places(numbers.shown(run, thumbnails(run)))
    first = sum(place == 1 for place in places.values())
    among = sum(place is not None for place in places.values())
    error = numbers.errors(runs).iloc[0]
    top1, top5 = (words.per_cent(error[name]) for name in ("top1_error", "top5_error"))
    shown = (
        f"{words.name(runs)}: of the {len(places)} images shown (seed {run.seed}, test "
        f"split, {VIEWS[0]} views) the true label comes first in {first} and is among "
        f"the five in {among}; in the paper {words.RIGHT_FIRST.value:g} and "
        f"{words.RIGHT_IN_FIVE.value:g} of 8, of ILSVRC-2010."
    )
    whole = (
        f"They stand for {error['n']:,} test images with top-1 error {top1} and top-5 "
        f"error {top5} ({VIEWS[0]} views, {_seeds(runs)})."
    )
    return [shown, whole]


def _kinds(runs: Runs) -> list[str]:
    agreement = numbers.agreement(runs)
    sentences = [
        f"{words.name(runs)}, test split, {VIEWS[0]} views, n = "
        f"{row.difference.n:,}: of {row.labels} {words.per_cent(row.same)} are of the "
        f"true label's kind, animal or vehicle; by chance {words.per_cent(row.chance)}"
        f"{_interval(row.difference)}."
        for row in agreement.itertuples()
    ]
    return sentences or [NO_DISTANCES]


def _interval(found) -> str:
    known = found.interval
    return f", difference {100 * found.value:.1f} pp ({known}; {METHOD})" * bool(known)


def _failures(runs: Runs) -> list[str]:
    shares = [numbers.second_chance(run) for run in runs.complete]
    mistakes = [count for _, count in shares]
    known = [share for share, count in shares if count]
    sentences = [
        "Not decided by a number: it takes people who say what a photograph shows."
    ]
    if known:
        counts = ", ".join(f"{count:,}" for count in mistakes)
        sentences.append(
            f"{words.name(runs)}, test split, {VIEWS[0]} views: where the first label is "
            f"wrong (n = {counts} images), the true one is among the other four in "
            f"{words.per_cent(words.over_seeds(known))}."
        )
    return sentences


def _seeds(runs: Runs) -> str:
    return f"{len(runs.complete)} seed{'s' * (len(runs.complete) > 1)}"
