"""Figure 4's runs, which of them count, and their exported files."""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.display.sections import Html, Section, figure, holes
from analysis.evidence.runs import ReportError, Run, Runs

RECIPES = "released-145"


def exported(runs: Runs, files: Iterable[str]) -> Runs:
    """The complete runs that hold all `files`."""
    held = [
        run
        for run in runs.complete
        if all((run.folder / name).exists() for name in files)
    ]
    return Runs(runs.profile, tuple(held))


def chosen(runs: Runs, files: Iterable[str]) -> Runs:
    """The runs behind the figure: all exported seeds of one name, the lowest first.

    Of several names the one with most such seeds, of equals the longest trained.
    """
    seeds: dict[str, list[Run]] = {}
    for run in exported(runs, files).complete:
        seeds.setdefault(run.name, []).append(run)
    best = max(seeds.values(), key=_standing, default=[])
    return Runs(runs.profile, tuple(sorted(best, key=lambda run: run.seed)))


def _standing(seeds: list[Run]) -> tuple[int, int]:
    return len(seeds), max(run.metrics["step"].max() for run in seeds)


def missing(runs: Runs, files: Sequence[str]) -> Html:
    """What has not run or is not exported, with the command that makes it."""
    if not runs.complete:
        folder = f"reports/{runs.profile}/runs/{RECIPES}/seed-0"
        command = (
            f"repro train --profile {runs.profile} --recipe {RECIPES} --seed 0 && "
            f"repro export {folder}"
        )
        return hole("Not run", command)
    held = {run.folder for run in exported(runs, files).complete}
    lines = [
        hole(
            f"{run.name}, seed {run.seed}: no {_lacking(run, files)}",
            export_command(runs, run),
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
    summary: Callable[[Runs], str],
) -> Section:
    """The section of one half: `answer` gives tables and figures of the runs chosen.

    Without such runs only holes, among them that of the figure with this caption.
    """
    runs = runs.named(RECIPES)
    counted = chosen(runs, files)
    gaps = missing(runs, files) + holes(runs)
    if not counted.complete:
        empty = figure([], caption=caption, data={}, runs=counted)
        return Section(gaps, empty, summary(counted))
    tables, figures = answer(counted)
    return Section(tables + gaps, figures, summary(counted))


def hole(what: str, command: str) -> Html:
    """A named hole and the command that fills it."""
    return Html(f'<p class="hole">{escape(what)}: <code>{escape(command)}</code></p>')


def export_command(runs: Runs, run: Run) -> str:
    """What makes the exported files that a run lacks."""
    folder = f"{run.folder.parent.name}/{run.folder.name}"
    return f"repro export reports/{runs.profile}/runs/{folder}"


def _lacking(run: Run, files: Iterable[str]) -> str:
    return ", ".join(name for name in files if not (run.folder / name).exists())


def arrays(run: Run, archive: str, names: Iterable[str]) -> dict[str, np.ndarray]:
    """The named arrays of an exported .npz; raises ReportError naming the file."""
    path = run.folder / archive
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in names}
    except KeyError as error:
        raise unusable(path, str(error.args[0])) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise unusable(path, str(error)) from error


def rows(run: Run, file: str, columns: Iterable[str]) -> pd.DataFrame:
    """The named columns of an exported .csv; raises ReportError naming the file."""
    path = run.folder / file
    try:
        return pd.read_csv(path)[list(columns)]
    except KeyError as error:
        raise unusable(path, str(error.args[0])) from error
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise unusable(path, str(error)) from error


def unusable(path: Path, reason: str) -> ReportError:
    """The error of an exported file that does not hold what it should."""
    return ReportError(f"{path}: not usable ({reason}); remove it and export again")
