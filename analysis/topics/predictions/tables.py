"""Figure 4, left: its tables as a reader sees them."""

import pandas as pd

from analysis.display import words
from analysis.display.sections import Html, table
from analysis.evidence import answers
from analysis.evidence.answers import PAPER_VIEWS
from analysis.evidence.runs import Runs
from analysis.statistics.images import BOOTSTRAP
from analysis.topics.predictions import numbers


def errors_table(runs: Runs) -> Html:
    """The errors on the whole split that the shown images are a sample of."""
    errors = answers.errors(runs)
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
