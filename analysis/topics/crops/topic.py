"""Crops: how many an image has, and how much they have in common (section 4.1)."""

from analysis.claims.measurement import Measured
from analysis.display.holes import missing
from analysis.display.sections import Section
from analysis.evidence.runs import Runs
from analysis.topics.crops import figures, overlap
from analysis.topics.crops import measured as crops_measured

RECIPES = ("released-145",)


def section(runs: Runs) -> Section:
    """The arithmetic of crops, and one image's."""
    runs = runs.named(*RECIPES)
    drawn = figures.figures(runs)
    if not overlap.chosen(runs).complete:
        drawn += missing(runs, [overlap.FILE])
    return Section(overlap.sizes_table(), drawn)


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    return crops_measured.measured(runs)
