"""Dropout at test, from dropout.csv: the x 0.5 rule, two mistakes, and means.

Every `rule` is one of RULES, on the same test images, one view; `masks` is the number of
thinned networks behind it. Errors are fractions, `kl` is in nats, and `disagreement` is
the share of images with another most probable class than that of the geometric mean.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.claims import from_runs
from analysis.claims.from_runs import described, measurements, of_test_images
from analysis.claims.measurement import Measured
from analysis.display import holes
from analysis.display.sections import Html, table
from analysis.display.words import per_cent
from analysis.evidence import exported
from analysis.evidence.answers import is_exported, read_answers
from analysis.evidence.arms import R0, arms
from analysis.evidence.curves import RELEASED, without_timings
from analysis.evidence.runs import Run, Runs, names
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.numbers import counted, mean_and_range, signed, spread

NO_DROPOUT = "R-nodrop"
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
    REMOVED: f"{REMOVED}, the rest doubled",
}
MISTAKES = {"left on": ON, "not halved": FULL}  # by the claim's names


@dataclass(frozen=True)
class Removal:
    """What removing units adds to the top-1 error, in points, and on how many images."""

    points: float
    masks: int
    images: int


def added_by_removal(run: Run) -> Removal | None:
    """None where the run has no file, or the file no such row."""
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
    return exported.chosen(runs.named(RELEASED), [FILE])


def rules(runs: Runs) -> pd.DataFrame:
    """The file's rows of all runs, one a rule and seed; empty without runs."""
    frames = [_rows(run).assign(seed=run.seed) for run in runs.complete]
    columns = [*COLUMNS, "seed"]
    return pd.concat(frames) if frames else pd.DataFrame(columns=columns)


def _rows(run: Run) -> pd.DataFrame:
    return exported.rows(run.folder / FILE, COLUMNS)


def against_tested(found: pd.DataFrame, rule: str, column: str) -> Estimate | None:
    """`column` minus that as tested, over seeds; None where a seed has no value."""
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
    missing = holes.missing(runs.named(RELEASED), [FILE])
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


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Each claim on dropout at test, with its measurements."""
    answers = {
        "S4.2b": _closeness(runs),
        "S4.2g": _removed(without_timings(runs)),
        "X3": _mistakes(runs),
    }
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _mistakes(runs: Runs) -> list[Measured]:
    return [
        each
        for name, rule in MISTAKES.items()
        for each in _of_rule(
            runs, rule, "top1_error", f"{RULES[rule]}, minus as tested", name
        )
    ]


def _closeness(runs: Runs) -> list[Measured]:
    """The halved network minus what chance alone does: against_tested with its sign."""
    words = (
        "labels other than the geometric mean's, halved minus mean of as many others"
    )
    return _of_rule(runs, AGAIN, "disagreement", words, turned=True)


def _of_rule(
    runs: Runs,
    rule: str,
    column: str,
    words: str,
    quantity: str = "",
    turned: bool = False,
) -> list[Measured]:
    used = chosen(runs).where(is_exported)
    if not used.complete:
        return []
    change = against_tested(rules(used), rule, column)
    first = used.complete[0]
    condition = first.name.split("+")[1:]
    data = of_test_images(first, read_answers(first.folder), condition)
    data |= {"images": change.images if change else 0}
    data |= {"protocol": "one view; Student's t over seeds"}
    found = _turned(change) if change and turned else change
    return measurements(found, [used.complete], words, quantity=quantity, **data)


def _turned(change: Estimate) -> Estimate:
    """The difference the other way round."""
    return replace(change, value=-change.value, low=-change.high, high=-change.low)


def _removed(runs: Runs) -> list[Measured]:
    """What the removal adds to the error: without dropout minus with it."""
    held = runs.where(lambda run: added_by_removal(run) is not None)
    found = []
    for pair in arms(held, NO_DROPOUT, R0.recipe):
        sides = [{r.seed: r for r in arm.complete} for arm in (pair.first, pair.second)]
        seeds = sorted(sides[0].keys() & sides[1].keys())
        if not seeds:
            continue
        rows = [[added_by_removal(s[seed]) for seed in seeds] for s in sides]
        added = [np.array([row.points for row in side]) for side in rows]
        estimate = over_seeds(added[0] - added[1], images=rows[0][0].images)
        shown = " and ".join(signed(float(side.mean())) for side in added)
        kept = [side[seed] for side in sides for seed in seeds]
        found.append(
            Measured(
                **from_runs.limits(estimate, factor=1),
                unit="points",
                stated=f"{signed(estimate.value)} points: {' minus '.join(pair.names)}, "
                f"{shown} of top-1 error",
                split="test images",
                images=estimate.images,
                protocol=f"one view; means over {rows[0][0].masks} random halves, what "
                "is left doubled",
                **described(pair)
                | {"seeds": (len(seeds),) * 2, "runs": from_runs.folders(kept)},
            )
        )
    return found
