"""What an engine carries out: a run, runs in a row, and what comes after them.

Frozen values that can be pickled: an engine may hand one to another machine.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from repro.experiments.session import Laboratory
from repro.export.ensemble import ensemble_folder
from repro.recipes.settings import run_name
from repro.training.metrics import Row
from repro.training.plateau import Stop


class Task(Protocol):
    """A piece of work for one worker; its text names it in lines for the user."""

    @property
    def weights(self) -> Literal["stay", "returned", "needed"]:
        """Whether others need the weights that it leaves, or it those of others."""

    def folders(self, laboratory: Laboratory) -> list[Path]:
        """The run folders that it reads and writes, as far as they are known."""

    def carry_out(self, laboratory: Laboratory) -> Any:
        """Do it; what is done already is skipped. Raises ReproError."""


# Yields the tasks that may be done at once; is sent their results, then yields the next.
Plan = Generator[list[Task], list[Any], None]


def at_once(tasks: list[Task]) -> Plan:
    """The plan of tasks that do not need one another."""
    yield tasks


def never(rows: list[Row]) -> None:
    """A run goes on to its last epoch."""


@dataclass(frozen=True)
class Job:
    """One run: recipe `name` with `changes`, and what is exported of it."""

    name: str
    changes: dict[str, Any]
    seed: int
    exported: Literal["nothing", "comparison", "all"] = "nothing"
    stop: Stop = never
    weights: Literal["stay", "returned"] = "stay"

    def __str__(self) -> str:
        return f"{run_name(self.name, self.changes)} seed-{self.seed}"

    def folders(self, laboratory: Laboratory) -> list[Path]:
        return [laboratory.folder(self.name, self.changes, self.seed)]

    def carry_out(self, laboratory: Laboratory) -> None:
        run = (self.name, self.changes, self.seed)
        if self.exported == "nothing":
            laboratory.run(*run, stop=self.stop)
        else:
            comparison = self.exported == "comparison"
            laboratory.run_and_export(*run, comparison=comparison, stop=self.stop)


@dataclass(frozen=True)
class Chain:
    """Tasks in a row on one worker: each finds what those before it have left."""

    tasks: tuple[Task, ...]

    def __str__(self) -> str:
        return ", then ".join(map(str, self.tasks))

    @property
    def weights(self) -> Literal["stay", "returned"]:
        returned = any(task.weights == "returned" for task in self.tasks)
        return "returned" if returned else "stay"

    def folders(self, laboratory: Laboratory) -> list[Path]:
        return [path for task in self.tasks for path in task.folders(laboratory)]

    def carry_out(self, laboratory: Laboratory) -> list[Any]:
        return [task.carry_out(laboratory) for task in self.tasks]


@dataclass(frozen=True)
class Average:
    """The ensemble of these seeds of one recipe."""

    name: str
    seeds: tuple[int, ...]
    weights = "needed"

    def __str__(self) -> str:
        return f"{self.name}, {len(self.seeds)} seeds averaged"

    def folders(self, laboratory: Laboratory) -> list[Path]:
        members = [laboratory.folder(self.name, {}, seed) for seed in self.seeds]
        return [*members, ensemble_folder(members)]

    def carry_out(self, laboratory: Laboratory) -> None:
        laboratory.average(self.name, self.seeds)
