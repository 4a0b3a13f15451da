"""The topics of the page in their order, and the runs that each one reads."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from analysis.evidence import runs as results
from analysis.evidence.runs import ALL, PROFILES, Runs

LEDGER = (
    "ledger"  # reads every topic's runs, on the page over all those of all profiles
)

# The topics in the order of the page, each with the recipes whose runs it reads; the
# first decides which profile is shown.
TOPICS: dict[str, tuple[str, ...]] = {
    "activations": ("figure1-",),
    "architecture": ("released-145",),
    "kernels": ("released-145", "R-dense", "R-nocomm"),
    "errors": ("released-145", "paper-text", "caffe", "one-tower"),
    "predictions": ("released-145",),
    "neighbors": ("released-145",),
    "ablations": ("R-", "released-145"),
    "training": (
        *("released-145", "R-frac-", "R-noreg", "R-nodrop", "R-nolrn", "R-tanh"),
        "R-long",
    ),
    "plateau": ("plateau",),
    "speed": ("released-145",),
    "dropout": ("R-nodrop", "released-145", "R-long"),
    "crops": ("released-145",),
    "transfer": ("transfer-",),
    LEDGER: ("",),
}


def known(profile: str | None, reports: Path) -> dict[str, Runs]:
    """The runs of `profile`, or of all, by profile; the best evidence first.

    Raises ReportError for an unknown profile and for a run that cannot be read.
    """
    names = [profile] if profile else PROFILES
    return {name: results.load(name, reports) for name in names}


def choose(topic: str, found: Mapping[str, Runs]) -> Runs:
    """The runs of a topic: of the best profile that has some, for the ledger of all.

    Where no profile has runs of its first recipe, the one with most of the others.
    """
    if topic == LEDGER and len(found) > 1:
        complete = chain.from_iterable(runs.complete for runs in found.values())
        incomplete = chain.from_iterable(runs.incomplete for runs in found.values())
        return Runs(ALL, tuple(complete), tuple(incomplete))
    first, worst_first = TOPICS[topic][0], list(found.values())[::-1]
    most = max(worst_first, key=lambda runs: len(runs.named(*TOPICS[topic]).complete))
    best = next((runs for runs in found.values() if runs.named(first).complete), most)
    return best.named(*TOPICS[topic])
