"""Figure 4, left: its tables as a reader sees them."""

import math
from fractions import Fraction

import pandas as pd

from analysis.display import holes, words
from analysis.display.sections import Html, table
from analysis.evidence.answers import PAPER_VIEWS, errors_over_seeds
from analysis.evidence.disturbed import FILE, NONE, SHIFT, images, rises, top1_errors
from analysis.evidence.exported import exported
from analysis.evidence.runs import Run, Runs
from analysis.statistics.estimates import over_seeds
from analysis.statistics.images import BOOTSTRAP
from analysis.statistics.numbers import mean_and_range
from analysis.topics.predictions import numbers


def errors_table(runs: Runs) -> Html:
    """The errors on the whole split that the shown images are a sample of."""
    errors = errors_over_seeds(runs)
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
    """How many wrong labels are of the true label's kind; empty without kinds."""
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
            "95 % interval": [row.limits_per_cent for row in found],
            "Test images": [f"{row.images:,}" for row in found],
        }
    )
    caption = (
        "Wrong labels among the five that are, like the true one, of an animal or of a "
        f"vehicle: {words.name(runs)}, test split, {PAPER_VIEWS} views; mean over the "
        "seeds (range). Chance draws from all wrong labels that the network gave. "
        f"{BOOTSTRAP} of images"
    )
    return table(shown, caption=caption)


def shifts_table(runs: Runs) -> Html:
    """The error by shift, and the runs without disturbed.csv with their command."""
    lacking = holes.missing(runs, [FILE])
    runs = exported(runs, [FILE])
    if not runs.complete:
        return lacking
    first = runs.complete[0]
    shares = sorted(top1_errors(first)[SHIFT].index)
    rows = [_shifted(runs, share) for share in (None, *shares)]
    caption = (
        f"Shifted test images: {words.name(runs)}, n = {images(first):,}, centre view; "
        "means over the seeds (range), differences and shares with Student's t intervals "
        "over seeds. A quarter of the images each goes up, down, left and right; what "
        "lies outside is filled with the mean image, so that larger shifts also cut "
        f"parts of the object off. The lead is chance, {100 * numbers.chance(first):.1f} %, "
        "minus the error"
    )
    return table(pd.DataFrame(rows), caption=caption) + lacking


def _shifted(runs: Runs, share: float | None) -> dict[str, str]:
    key = (NONE, 0.0) if share is None else (SHIFT, share)
    errors = mean_and_range(top1_errors(run)[key] for run in runs.complete)
    cells = {"Shift": "none", "Top-1 error": words.per_cent(errors, digits=2)}
    if share is None:
        return cells | {"Added, points": "", "Lead kept, %": ""}
    change = [rises(run)[key] for run in runs.complete]
    lead = numbers.lead_kept(runs, share)
    return cells | {
        "Shift": _share(runs.complete[0], share),
        "Added, points": over_seeds(change, images=0).points,
        "Lead kept, %": "" if math.isnan(lead.value) else lead.per_cent,
    }


def _share(run: Run, share: float) -> str:
    pixels = round(share * run.record["profile"]["side"])
    return f"{Fraction(share)} of the side, {pixels} px"
