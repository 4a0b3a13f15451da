"""Dropout: what it costs and is worth in training, and the rule at test."""

from analysis.claims.measurement import Measured
from analysis.display.sections import Html, Section, holes
from analysis.evidence.arms import R0, arms
from analysis.evidence.curves import without_timings
from analysis.evidence.runs import Runs
from analysis.topics.dropout import averaged, in_training, rules
from analysis.topics.dropout.averaged import LONGER, WITHOUT

RECIPES = (R0.recipe, WITHOUT.recipe, LONGER.recipe)


def section(runs: Runs) -> Section:
    """The rules at test as a table; nothing is drawn."""
    runs = runs.named(*RECIPES)
    return Section(rules.rules_table(runs) + holes(runs), Html(""))


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    trained = without_timings(runs)
    pairs = arms(trained, R0.recipe, WITHOUT.recipe)
    answers = {
        "S4.2e": in_training.iterations(pairs),
        "S4.2f": averaged.averages(trained) + in_training.cost(pairs),
    }
    known = {claim: tuple(found) for claim, found in answers.items() if found}
    return known | rules.measured(runs)
