"""What dropout does at test, from dropout.csv: the x 0.5 rule, two mistakes, and means.

`rule` is one of RULES, on the same test images, one view; `masks` the number of thinned
networks behind it; errors are fractions, `kl` is in nats, `disagreement` the share of
images with another most probable class than the geometric mean's.
"""

from dataclasses import dataclass

import pandas as pd

from analysis.display import holes
from analysis.display.sections import Html, table
from analysis.display.words import per_cent
from analysis.evidence import exported
from analysis.evidence.exported import RECIPES
from analysis.evidence.runs import Run, Runs, names
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.numbers import counted, mean_and_range, spread

FILE = "dropout.csv"
COLUMNS = ("rule", "masks", "top1_error", "top5_error", "disagreement", "kl", "n")
TESTED, ON, FULL = names.TESTED, names.ON, names.FULL
GEOMETRIC, AGAIN, REMOVED = names.GEOMETRIC, names.AGAIN, names.REMOVED
RULES = {
    TESTED: "as tested: all units, outputs × 0.5",
    ON: "masks left on, one at a time",
    FULL: "all units, × 0.5 forgotten",
    names.ARITHMETIC: "arithmetic mean of thinned networks",
    GEOMETRIC: "geometric mean of thinned networks",
    AGAIN: "geometric mean of as many others",
    REMOVED: "half of the last hidden units removed, the rest doubled",
}


@dataclass(frozen=True)
class Removal:
    """What removing units adds to the top-1 error, in points, and on how many images."""

    points: float
    masks: int
    images: int


def added_by_removal(run: Run) -> Removal | None:
    """None where the run's file is not there or has no such row."""
    if not (run.folder / FILE).is_file():
        return None
    rows = _rows(run).set_index("rule")
    if REMOVED not in rows.index:
        return None
    removed, tested = rows.loc[REMOVED], rows.loc[TESTED]
    points = 100 * (removed["top1_error"] - tested["top1_error"])
    return Removal(float(points), int(removed["masks"]), int(removed["n"]))


def chosen(runs: Runs) -> Runs:
    """The seeds of R0 that have the file, of the name that has most."""
    return exported.chosen(runs.named(RECIPES), [FILE])


def rules(runs: Runs) -> pd.DataFrame:
    """The file's rows of all runs, one a rule and seed; empty without runs."""
    frames = [_rows(run).assign(seed=run.seed) for run in runs.complete]
    columns = [*COLUMNS, "seed"]
    return pd.concat(frames) if frames else pd.DataFrame(columns=columns)


def _rows(run: Run) -> pd.DataFrame:
    return exported.rows(run, FILE, COLUMNS)


def against_tested(found: pd.DataFrame, rule: str, column: str) -> Estimate | None:
    """`column` under the rule minus that as tested, over seeds.

    None where a seed lacks it.
    """
    each = [
        found[found["rule"] == name].set_index("seed")[column]
        for name in (rule, TESTED)
    ]
    differences = (each[0] - each[1]).dropna()
    if len(differences) < found["seed"].nunique() or differences.empty:
        return None
    return over_seeds(differences.to_list(), images=int(found["n"].iloc[0]))


def rules_table(runs: Runs) -> Html:
    """A table of the rules, or what is missing with its command."""
    used = chosen(runs)
    missing = holes.missing(runs.named(RECIPES), [FILE])
    if not used.complete:
        return missing
    found = rules(used)
    rows = [_cells(found, rule) for rule in RULES if (found["rule"] == rule).any()]
    masks = int(found["masks"].max())
    caption = (
        f"{used.complete[0].name}, {counted(len(used.complete), 'seed')}, "
        f"{used.complete[0].manifest['data']['dataset']}: top-1 error of "
        f"{int(found['n'].iloc[0]):,} test images, centre view; means over seeds (range), "
        "differences with Student's t intervals over seeds. Thinned networks: "
        f"{masks} masks of each image. Other label and divergence (KL): from the "
        "normalised geometric mean; that of as many other masks says how far chance "
        "alone takes it"
    )
    return table(pd.DataFrame(rows), caption=caption) + missing


def _cells(found: pd.DataFrame, rule: str) -> dict[str, str]:
    own = found[found["rule"] == rule]
    change = against_tested(found, rule, "top1_error")
    return {
        "At test": RULES[rule],
        "Top-1 error": per_cent(mean_and_range(own["top1_error"]), digits=2),
        "Minus as tested, points": change.points if change and rule != TESTED else "",
        "Other label": "" if rule == GEOMETRIC else _shares(own["disagreement"]),
        "Divergence, nats": "" if rule == GEOMETRIC else spread(own["kl"], _nats),
    }


def _shares(values: pd.Series) -> str:
    return per_cent(mean_and_range(values), digits=2) if values.notna().all() else ""


def _nats(value: float) -> str:
    return f"{value:.4f}"
