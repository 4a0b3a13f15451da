"""The plateau: from which initial values the loss leaves ln(classes)."""

from analysis.display.sections import Section, holes
from analysis.evidence.runs import Run, Runs
from analysis.topics.plateau import figures, grid, tables


def section(runs: Runs) -> Section:
    """The grid as a table and as a phase diagram."""
    runs = runs.named(grid.RECIPE)
    starts = grid.starts(runs)
    cells = grid.cells(starts, runs)
    shown = tables.tables(runs, starts, cells) + holes(runs.where(_unfinished))
    return Section(shown, figures.diagram(runs, starts, cells))


def _unfinished(run: Run) -> bool:
    """A start that diverged has ended: it counts in the phase diagram."""
    return run.status != "failed"
