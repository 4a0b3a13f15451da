"""Networks whose predictions are averaged: reports/<profile>/ensembles/<name>/.

Each folder holds errors.csv and predictions.npz in the form of a run's, and
manifest.json with `members`: the averaged runs as `<run name>/seed-<k>`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.evidence.answers import (
    TOPS,
    VIEWS,
    Answers,
    Group,
    groups,
    read_answers,
)
from analysis.evidence.runs import ReportError, Run, Runs
from analysis.statistics.estimates import Estimate
from analysis.statistics.images import paired_over_images, share
from repro.runs.folder import RunError, read_json


@dataclass(frozen=True, eq=False)
class Ensemble:
    """The mean of several networks of one recipe, and those networks' own answers."""

    name: str
    answers: Answers
    members: Group

    def error(self, views: int, top: int) -> Estimate:
        """Its error, with an interval over images."""
        wrong = self.answers.wrong[views, top]
        return share(float(wrong.mean()), len(wrong))

    def gain(self, views: int, top: int) -> Estimate:
        """The members' mean error minus its own, paired over images.

        One ensemble is one draw of its members: the interval does not cover seeds.
        """
        own = self.answers.wrong[views, top]
        return paired_over_images(self.members.wrong(views, top), own[None])

    def rows(self) -> list[dict[str, object]]:
        """Errors and gains, one row for each number of views and each top."""
        return [
            {
                "ensemble": self.name,
                "images": self.members.images("test"),
                "networks": len(self.members.runs),
                "views": views,
                "top": top,
                "error": self.error(views, top),
                "members": float(self.members.wrong(views, top).mean()),
                "gain": self.gain(views, top),
            }
            for views in VIEWS
            for top in TOPS
        ]


def ensembles(runs: Runs) -> list[Ensemble]:
    """Those of the profile whose members are all among the exported runs of one name."""
    if not runs.complete:
        return []
    root = runs.complete[0].folder.parents[2] / "ensembles"
    known = groups(runs)
    found = [_read(path.parent, known) for path in sorted(root.glob("*/manifest.json"))]
    return [ensemble for ensemble in found if ensemble]


def _read(folder: Path, known: list[Group]) -> Ensemble | None:
    members = _members(folder / "manifest.json")
    for group in known:
        kept = [_label(run) in members for run in group.runs]
        if members and sum(kept) == len(members):
            chosen = Group(
                group.name,
                tuple(run for run, keep in zip(group.runs, kept, strict=True) if keep),
                tuple(a for a, keep in zip(group.answers, kept, strict=True) if keep),
            )
            return Ensemble(folder.name, _answers(folder, chosen), chosen)
    return None


def _members(manifest: Path) -> set[str]:
    try:
        return set(read_json(manifest)["members"])
    except RunError as error:
        raise ReportError(str(error)) from error
    except KeyError as error:
        raise ReportError(f"{manifest}: lacks {error}") from error


def _label(run: Run) -> str:
    return "/".join(run.folder.parts[-2:])


def _answers(folder: Path, members: Group) -> Answers:
    answers = read_answers(folder)
    if not np.array_equal(answers.labels, members.answers[0].labels):
        raise ReportError(f"{folder}: not the test images of its members")
    return answers
