"""Two recipes whose runs differ in nothing else: the arms of a comparison in training."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis.claims import evidence
from analysis.claims.measurement import Measured
from analysis.evidence.curves import RELEASED, setting
from analysis.evidence.runs import Run, Runs
from analysis.topics.training import tables
from repro.runs.folder import epochs_to

WELCH = "Welch's t over seeds"
WELCH_OF_LOG = "geometric means; Welch's t over seeds, on the logarithms"


@dataclass(frozen=True)
class Arms:
    """Complete runs of two recipes under the same changes, trained on the same images."""

    first: Runs
    second: Runs

    @property
    def runs(self) -> tuple[Run, ...]:
        return self.first.complete + self.second.complete

    @property
    def changes(self) -> str:
        return setting(self.runs[0])[1]

    @property
    def names(self) -> tuple[str, str]:
        """Both recipes with their changes."""
        return tuple(
            tables.name(*setting(arm.complete[0])) for arm in (self.first, self.second)
        )

    def epochs_to(self, column: str, level: float) -> list[list[float]] | None:
        """Epochs of each arm's runs until `column` is at most `level`; infinite: never.

        None where a run was there before its first step: no ratio follows from it.
        """
        epochs = [
            [epochs_to(run.metrics["epoch"], run.metrics[column], level) for run in arm]
            for arm in (self.first.complete, self.second.complete)
        ]
        return epochs if all(epochs[0]) and all(epochs[1]) else None

    def described(self) -> dict[str, Any]:
        """Seeds, runs and the data set, as R0 had it: fields of Measured."""
        released = next(run for run in self.runs if setting(run)[0] == RELEASED)
        return {
            "seeds": (len(self.first.complete), len(self.second.complete)),
            "dataset": evidence.dataset(released),
            "runs": evidence.folders(self.runs),
        }


def arms(runs: Runs, first: str, second: str) -> list[Arms]:
    """Every set of changes under which both recipes have complete runs.

    One of the recipes is R0, so that the data set can be told.
    """
    sides: dict[tuple[str, str], dict[str, list[Run]]] = {}
    for run in runs.complete:
        recipe, changes = setting(run)
        images = run.manifest["data"]["sha256"]["images"]
        sides.setdefault((changes, images), {}).setdefault(recipe, []).append(run)
    return [
        Arms(*(Runs(runs.profile, tuple(own[name])) for name in (first, second)))
        for own in sides.values()
        if {first, second} <= own.keys()
    ]


def every(
    measure: Callable[[Arms], Measured | None], pairs: list[Arms]
) -> list[Measured]:
    """What is measured of each pair, where anything is."""
    return [found for pair in pairs if (found := measure(pair))]
