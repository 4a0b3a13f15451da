"""What `repro export` wrote into run folders: who has it, which runs count, reading."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.evidence.runs import ReportError, Run, Runs


def holds(run: Run, files: Iterable[str]) -> bool:
    """Whether the run's folder has all `files`."""
    return all((run.folder / name).is_file() for name in files)


def exported(runs: Runs, files: Iterable[str]) -> Runs:
    """The complete runs that hold all `files`."""
    held = tuple(run for run in runs.complete if holds(run, files))
    return Runs(runs.profile, held)


def chosen(runs: Runs, files: Iterable[str]) -> Runs:
    """The exported seeds of one name, the lowest first.

    Of several names the one with most such seeds counts, of equals the longest trained.
    """
    seeds: dict[str, list[Run]] = {}
    for run in exported(runs, files).complete:
        seeds.setdefault(run.name, []).append(run)
    best = max(seeds.values(), key=_standing, default=[])
    return Runs(runs.profile, tuple(sorted(best, key=lambda run: run.seed)))


def _standing(seeds: list[Run]) -> tuple[int, int]:
    return len(seeds), max(run.metrics["step"].max() for run in seeds)


def arrays(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """The named arrays of an exported .npz; raises ReportError naming the file."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in names}
    except KeyError as error:
        raise unusable(path, str(error.args[0])) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise unusable(path, str(error)) from error


def rows(path: Path, columns: Iterable[str]) -> pd.DataFrame:
    """The named columns of an exported .csv; raises ReportError naming the file."""
    try:
        return pd.read_csv(path)[list(columns)]
    except KeyError as error:
        raise unusable(path, str(error.args[0])) from error
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise unusable(path, str(error)) from error


def unusable(path: Path, reason: str) -> ReportError:
    """The error of an exported file that does not hold what it should."""
    return ReportError(f"{path}: not usable ({reason}); remove it and export again")
