"""Two recipes whose runs differ in nothing else: the arms of a comparison in training."""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.evidence.curves import setting
from analysis.evidence.runs import Run, Runs, epochs_to

WELCH = "Welch's t over seeds"
WELCH_OF_LOG = "geometric means; Welch's t over seeds, on the logarithms"


@dataclass(frozen=True)
class Arm:
    """A recipe, and the fields that the comparison itself sets."""

    recipe: str
    settings: tuple[str, ...] = ()

    def name(self, condition: Iterable[str] = ()) -> str:
        """The name of the arm's runs under a condition; names sort the changed fields."""
        fields = {field_of(change): change for change in (*condition, *self.settings)}
        return "+".join([self.recipe, *(fields[field] for field in sorted(fields))])

    def condition(self, name: str) -> tuple[str, ...] | None:
        """What else a run of this name changes; None where the run is not of this arm."""
        recipe, *changes = name.split("+")
        if recipe != self.recipe or not set(self.settings) <= set(changes):
            return None
        return tuple(change for change in changes if change not in self.settings)


def field_of(change: str) -> str:
    """`epochs` of `epochs=5`."""
    return change.partition("=")[0]


R0 = Arm("released-145")


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
        return self.first.complete[0].name, self.second.complete[0].name

    def reach(
        self, column: str, level: float, *, by: str = "epoch"
    ) -> list[list[float]] | None:
        """Epochs, or steps, of each arm's runs until `column` is at most `level`.

        Infinite for a run that never is there. None where a run was there before its
        first step: no ratio follows from it.
        """
        found = [
            [epochs_to(run.metrics[by], run.metrics[column], level) for run in arm]
            for arm in (self.first.complete, self.second.complete)
        ]
        return found if all(map(all, found)) else None

    def protocol(self, then: str) -> str:
        """How metrics.csv was measured, and how the runs were compared."""
        return f"{self.runs[0].manifest['protocol']}; {then}"


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
