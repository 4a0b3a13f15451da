"""Run folders, loaded for a topic. Only complete runs in their own folder are evidence."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.evidence.data_sets import PROFILES
from repro.errors import ReproError
from repro.runs import folder as folders
from repro.runs import names  # noqa: F401 - for the topics, which may not import it

if TYPE_CHECKING:
    import pandas as pd

# What the rest of analysis needs of run folders; only this package reads them.
ROOT = folders.ROOT  # of the checkout
epochs_to, reports_root = folders.epochs_to, folders.reports_root
ALL = "all"  # in place of a profile: the runs of every profile


class ReportError(ReproError):
    """What stops a report; the text is one line that says what to do."""


@dataclass(frozen=True)
class Run:
    """One run folder."""

    folder: Path
    record: dict[str, Any]  # recipe.json
    manifest: dict[str, Any]  # manifest.json

    @property
    def name(self) -> str:
        return self.record["name"]

    @property
    def seed(self) -> int:
        return self.record["seed"]

    @property
    def status(self) -> str:
        """The manifest's, or that the folder is not this run's: a copy is no new seed."""
        own = (self.name, f"seed-{self.seed}")
        if self.folder.parts[-2:] != own:
            here = "/".join(self.folder.parts[-2:])
            return f"left out: it lies in {here}, not in {'/'.join(own)}"
        return self.manifest["status"]

    @property
    def stop(self) -> str:
        """Why the run ended."""
        return self.manifest.get("stop") or ""

    @cached_property
    def metrics(self) -> "pd.DataFrame":
        """metrics.csv: one row an epoch, row 0 before training."""
        return folders.read_metrics(self.folder)


@dataclass(frozen=True)
class Runs:
    """The runs of one profile, in the order of their folders."""

    profile: str
    complete: tuple[Run, ...]
    incomplete: tuple[Run, ...] = ()

    def where(self, keep: Callable[[Run], bool]) -> "Runs":
        """The runs that `keep` holds for."""
        complete = tuple(filter(keep, self.complete))
        return Runs(self.profile, complete, tuple(filter(keep, self.incomplete)))

    def named(self, *prefixes: str) -> "Runs":
        """The runs of recipes whose name starts with one of the `prefixes`."""
        return self.where(lambda run: run.name.startswith(prefixes))

    @property
    def declared(self) -> dict[str, Any]:
        """The profile as its newest run recorded it; empty without runs."""
        known = [*self.complete, *self.incomplete]
        known.sort(key=lambda run: run.manifest["started"])
        return known[-1].record["profile"] if known else {}

    @property
    def note(self) -> str:
        """What a reader must know about every figure of this profile."""
        return self.declared.get("note", "")


def load(profile: str, reports: Path | None = None) -> Runs:
    """The runs under `reports`/`profile`; no runs is not an error, no profile is."""
    if profile not in PROFILES:
        raise ReportError(f"unknown profile {profile!r}; known: {', '.join(PROFILES)}")
    found = folders.find_runs(reports or folders.reports_root(), profile)
    loaded = [_load_run(folder) for folder in found]
    complete = tuple(run for run in loaded if run.status == "complete")
    incomplete = tuple(run for run in loaded if run.status != "complete")
    return Runs(profile, complete, incomplete)


def read_table(path: Path, columns: list[str]) -> "pd.DataFrame":
    """These columns of a .csv file; raises ReportError where it lacks some."""
    import pandas as pd  # here, so that a page that is up to date is known at once

    try:
        frame = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise ReportError(f"{path}: not readable ({error})") from error
    if missing := [name for name in columns if name not in frame]:
        raise ReportError(f"{path}: columns missing: {', '.join(missing)}")
    return frame[columns]


def _load_run(folder: Path) -> Run:
    try:
        record = folders.read_json(folder / "recipe.json")
        return Run(folder, record, folders.read_json(folder / "manifest.json"))
    except folders.RunError as error:
        raise ReportError(str(error)) from error
