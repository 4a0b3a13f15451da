"""What dropout does at test measures of each claim, for the ledger."""

from analysis.claims.from_runs import measurements, of_test_images
from analysis.claims.measurement import Measured
from analysis.evidence.answers import is_exported, read_answers
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import Estimate
from analysis.topics.dropout import rules

MISTAKES = {"left on": rules.ON, "not halved": rules.FULL}


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements; nothing where nothing measures it."""
    answers = {"S4.2b": _closeness(runs), "X3": _mistakes(runs)}
    return {claim: tuple(found) for claim, found in answers.items() if found}


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
