"""Named holes: what has not run or is not exported, each with the command that fills it."""

from collections.abc import Callable, Iterable, Sequence
from html import escape

from analysis.display.sections import Html, Section, figure, holes
from analysis.evidence import commands
from analysis.evidence.curves import RELEASED
from analysis.evidence.exported import chosen, exported
from analysis.evidence.runs import Run, Runs


def missing(runs: Runs, files: Sequence[str]) -> Html:
    """What has not run or is not exported, with the command that makes it."""
    if not runs.complete:
        return hole("Not run", commands.train(runs, RELEASED))
    held = {run.folder for run in exported(runs, files).complete}
    lines = [
        hole(
            f"{run.name}, seed {run.seed}: no {_lacking(run, files)}",
            commands.export(runs, run),
        )
        for run in runs.complete
        if run.folder not in held
    ]
    return sum(lines, Html(""))


def answered(
    runs: Runs,
    files: Sequence[str],
    answer: Callable[[Runs], tuple[Html, Html]],
    *,
    caption: str,
) -> Section:
    """The section of one half: `answer` gives tables and figures of the runs chosen.

    Without such runs only holes, among them that of the figure with this caption.
    """
    runs = runs.named(RELEASED)
    counted = chosen(runs, files)
    gaps = missing(runs, files) + holes(runs)
    if not counted.complete:
        empty = figure([], caption=caption, data={}, runs=counted)
        return Section(gaps, empty)
    tables, figures = answer(counted)
    return Section(tables + gaps, figures)


def hole(what: str, command: str) -> Html:
    """A named hole and the command that fills it."""
    return Html(f'<p class="hole">{escape(what)}: <code>{escape(command)}</code></p>')


def _lacking(run: Run, files: Iterable[str]) -> str:
    return ", ".join(name for name in files if not (run.folder / name).exists())
