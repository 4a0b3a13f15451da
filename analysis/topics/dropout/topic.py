"""Dropout: what it costs and is worth in training, and the rule at test."""

from analysis.claims.measurement import Measured
from analysis.display.sections import Html, Section, holes
from analysis.evidence.runs import Runs
from analysis.topics.dropout import at_test, rules
from analysis.topics.dropout import measured as in_training

RECIPES = ("released-145", "R-nodrop", "R-long")


def section(runs: Runs) -> Section:
    """The rules at test; nothing is drawn."""
    runs = runs.named(*RECIPES)
    return Section(rules.rules_table(runs) + holes(runs), Html(""))


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    return in_training.measured(runs) | at_test.measured(runs)
