"""Transfer: a network pre-trained on other classes against one from scratch."""

import math

from analysis.claims import from_runs
from analysis.claims.measurement import Measured
from analysis.display.holes import hole
from analysis.display.sections import Html, Section, holes
from analysis.evidence import commands
from analysis.evidence.arms import WELCH_OF_LOG
from analysis.evidence.curves import images
from analysis.evidence.runs import Runs
from analysis.topics.transfer.figures import figures
from analysis.topics.transfer.pairs import LEVEL, PREFIX, SPLITS, Transfer, transfers
from analysis.topics.transfer.tables import arms_table, differences_table


def section(runs: Runs) -> Section:
    """Tables and curves of both starts."""
    runs = runs.named(PREFIX)
    pairs = transfers(runs)
    return Section(_tables(runs, pairs) + holes(runs), figures(runs, pairs))


def _tables(runs: Runs, pairs: list[Transfer]) -> Html:
    if not pairs:
        return hole(
            "Pre-trained against from scratch: no pair of complete runs",
            commands.transfer(runs),
        )
    parts = [arms_table(pair) + differences_table(pair) for pair in pairs]
    return sum(parts, Html(""))


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """X1: how much sooner a pre-trained network learns; empty without a pair of runs."""
    found = [
        each
        for pair in transfers(runs)
        for split in ("train", "val")
        if (each := _sooner(pair, split))
    ]
    return {"X1": tuple(found)} if found else {}


def _sooner(pair: Transfer, split: str) -> Measured | None:
    """None where neither comes to the level, or one was there before its first step."""
    ratio = pair.ratio(split)
    if ratio.bound == "unknown":
        return None
    limits = (ratio.low, ratio.high)
    if any(map(math.isnan, limits)):  # one seed
        limits = (math.nan, math.nan)
    return Measured(
        value=ratio.value,
        low=limits[0],
        high=limits[1],
        unit="times",
        quantity=f"{SPLITS[split]} error",
        stated=f"{ratio.ratio}: from scratch over pre-trained, to {100 * LEVEL:g} % "
        f"{SPLITS[split]} error",
        seeds=(len(pair.scratch), len(pair.tuned)),
        images=images(pair.scratch[0], split),
        dataset=pair.dataset,
        split=f"{SPLITS[split]} images",
        protocol=f"{pair.scratch[0].manifest['protocol']}; {WELCH_OF_LOG}",
        runs=from_runs.folders(pair.runs),
    )
