"""What pre-training, dropout at test and crops measure of each claim, for the ledger."""

import math

from analysis.claims import evidence
from analysis.claims.from_runs import measurements, of_test_images
from analysis.claims.measurement import Measured
from analysis.evidence.answers import is_exported, read_answers
from analysis.evidence.arms import WELCH_OF_LOG
from analysis.evidence.curves import images
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import Estimate
from analysis.topics.crops import overlap
from analysis.topics.dropout import rules
from analysis.topics.transfer.pairs import LEVEL, Transfer, transfers

SPLITS = {"train": "training", "val": "validation"}
MISTAKES = {"left on": rules.ON, "not halved": rules.FULL}


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements; claims that nothing measures lack."""
    answers = {
        "S4.2b": _closeness(runs),
        "X1": [
            each
            for pair in transfers(runs)
            for split in SPLITS
            if (each := _sooner(pair, split))
        ],
        "X3": _mistakes(runs),
        "X15": _alike(runs),
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
        stated=f"{ratio.estimate}: from scratch over pre-trained, to {100 * LEVEL:g} % "
        f"{SPLITS[split]} error",
        seeds=(len(pair.scratch), len(pair.tuned)),
        images=images(pair.scratch[0], split),
        dataset=pair.dataset,
        split=f"{SPLITS[split]} images",
        protocol=f"{pair.scratch[0].manifest['protocol']}; {WELCH_OF_LOG}",
        runs=evidence.folders(pair.runs),
    )


def _mistakes(runs: Runs) -> list[Measured]:
    return [
        each
        for name, rule in MISTAKES.items()
        for each in _of_rule(
            runs, rule, "top1_error", f"{rules.RULES[rule]}, minus as tested", name
        )
    ]


def _closeness(runs: Runs) -> list[Measured]:
    """Halved minus what chance alone does: the other way round than against halved."""
    words = (
        "labels other than the geometric mean's, halved minus mean of as many others"
    )
    return _of_rule(runs, rules.AGAIN, "disagreement", words, sign=-1)


def _of_rule(
    runs: Runs, rule: str, column: str, words: str, quantity: str = "", sign: int = 1
) -> list[Measured]:
    used = rules.chosen(runs).where(is_exported)
    if not used.complete:
        return []
    change = rules.against_tested(rules.rules(used), rule, column)
    first = used.complete[0]
    condition = first.name.split("+")[1:]
    data = of_test_images(first, read_answers(first.folder), condition)
    data |= {"images": change.images if change else 0}
    data |= {"protocol": "one view; Student's t over seeds"}
    turned = change and _turned(change, sign)
    return measurements(turned, [used.complete], words, quantity=quantity, **data)


def _turned(change: Estimate, sign: int) -> Estimate:
    limits = sorted((sign * change.low, sign * change.high))
    return Estimate(
        sign * change.value, *limits, change.over, change.seeds, change.images
    )


def _alike(runs: Runs) -> list[Measured]:
    used = overlap.chosen(runs)
    found = overlap.similarity(used.complete[0]) if used.complete else None
    if found is None:
        return []
    return [
        Measured(
            value=found.value,
            low=found.low,
            high=found.high,
            unit="",
            stated=f"{found.value:.2f}: correlation of pixels {found.same:.2f} of one "
            f"image, {found.other:.2f} of two",
            images=found.images,
            dataset=evidence.dataset(used.complete[0]),
            split="test images",
            protocol=f"{overlap.VIEWS} training views of each thumbnail; Student's "
            "t over images",
            runs=evidence.folders(used.complete),
        )
    ]
