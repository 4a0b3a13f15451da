"""How much sooner a pre-trained network learns, for the ledger."""

import math

from analysis.claims import from_runs
from analysis.claims.measurement import Measured
from analysis.evidence.arms import WELCH_OF_LOG
from analysis.evidence.curves import images
from analysis.evidence.runs import Runs
from analysis.topics.transfer.pairs import LEVEL, Transfer, transfers

SPLITS = {"train": "training", "val": "validation"}


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements; claims that nothing measures lack."""
    answers = {
        "X1": [
            each
            for pair in transfers(runs)
            for split in SPLITS
            if (each := _sooner(pair, split))
        ],
    }
    return {claim: tuple(found) for claim, found in answers.items() if found}


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
