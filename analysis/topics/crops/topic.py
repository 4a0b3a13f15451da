"""Crops: how many an image has, and how much they have in common (section 4.1)."""

from analysis.display.holes import missing
from analysis.display.sections import Section
from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Runs
from analysis.topics.crops import figures, overlap
from analysis.topics.crops.measured import measured

__all__ = ["measured", "section"]


def section(runs: Runs) -> Section:
    """The arithmetic of crops, and those of one image."""
    runs = runs.named(RELEASED)
    drawn = figures.of_one_image(runs)
    if not overlap.chosen(runs).complete:
        drawn += missing(runs, [overlap.FILE])
    return Section(overlap.sizes_table(), drawn)
