"""The topics of the page in their order, and the files that each one reads."""

from collections.abc import Mapping
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path

from analysis import results
from analysis.results import ALL, PROFILES, Run, Runs

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
        *("R-long", "plateau"),
    ),
    "transfer": ("transfer-", "released-145"),
    LEDGER: ("",),
}

# What a topic reads under reports/ beside runs; the ledger reads what any topic reads.
BESIDE = {
    "errors": ("{profile}/ensembles/*/*",),
    "training": ("bench/*.csv",),
}

# Of a run folder, what is too large to be committed; analysis reads none of it.
UNREAD = ("*.pt", "*.tmp", "features-*.npy", "kernels-epoch-*.npy", "*.lock")


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


def evidence(topic: str, runs: Runs, reports: Path) -> list[Path]:
    """The files that a topic may read, of its runs and beside them."""
    of_runs = chain.from_iterable(map(_read, runs.complete))
    records = [
        run.folder / name
        for run in runs.incomplete
        for name in ("recipe.json", "manifest.json")
    ]
    profile = "*" if runs.profile == ALL else runs.profile
    asked = BESIDE.values() if topic == LEDGER else [BESIDE.get(topic, ())]
    patterns = [each.format(profile=profile) for each in chain.from_iterable(asked)]
    beside = chain.from_iterable(map(reports.glob, patterns))
    return sorted({*of_runs, *records, *filter(Path.is_file, beside)})


def _read(run: Run) -> list[Path]:
    return [
        path
        for path in run.folder.iterdir()
        if not any(fnmatch(path.name, pattern) for pattern in UNREAD)
    ]
