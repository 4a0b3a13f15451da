"""What an engine carries out: a run, runs in a row, and the average of runs.

Tasks are frozen values that can be pickled: an engine may send one to another machine.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from repro.experiments.session import Session
from repro.export.ensemble import ensemble_folder, write_ensemble
from repro.export.export import export
from repro.recipes.settings import run_name
from repro.trained.run import has_weights
from repro.training.metrics import Stop, never


class Task(Protocol):
    """A piece of work for one worker; its text names it in lines for the user."""

    @property
    def weights(self) -> Literal["stay", "returned", "needed"]:
        """Whether other tasks need the weights that it leaves, or it needs theirs."""

    def folders(self, session: Session) -> list[Path]:
        """The run folders that it reads and writes, as far as they are known."""

    def carry_out(self, session: Session) -> Any:
        """Do the task; what is done already is skipped. Raises ReproError."""


# Yields the tasks that may be done at once; is sent their results, then yields the next.
Plan = Generator[list[Task], list[Any], None]


def at_once(tasks: list[Task]) -> Plan:
    """The plan of tasks that do not need one another."""
    yield tasks


def next_stage(plan: Plan, results: list[Any] | None) -> list[Task]:
    """The next tasks of a plan, given the results of the last ones; none at its end."""
    try:
        return plan.send(results)
    except StopIteration:
        return []


@dataclass(frozen=True)
class Run:
    """One run of recipe `name` with `changes`, and what is exported of it."""

    name: str
    changes: dict[str, Any]
    seed: int
    exported: Literal["nothing", "comparison", "all"] = "nothing"
    stop: Stop = never
    weights: Literal["stay", "returned"] = "stay"

    def __str__(self) -> str:
        return f"{run_name(self.name, self.changes)} seed-{self.seed}"

    def folders(self, session: Session) -> list[Path]:
        return [session.folder(self.name, self.changes, self.seed)]

    def carry_out(self, session: Session) -> None:
        rows = session.run(self.name, self.changes, self.seed, stop=self.stop)
        if rows and self.exported != "nothing":
            [run] = self.folders(session)
            export(
                run,
                device=session.compute.device,
                comparison=self.exported == "comparison",
                ranks=session.compute.ranks,
                say=session.say,
            )


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

    def folders(self, session: Session) -> list[Path]:
        return [path for task in self.tasks for path in task.folders(session)]

    def carry_out(self, session: Session) -> list[Any]:
        return [task.carry_out(session) for task in self.tasks]


@dataclass(frozen=True)
class Average:
    """The ensemble of these seeds of one recipe, if all are done and have weights."""

    name: str
    seeds: tuple[int, ...]
    weights = "needed"

    def __str__(self) -> str:
        return f"{self.name}, {len(self.seeds)} seeds averaged"

    def folders(self, session: Session) -> list[Path]:
        members = [session.folder(self.name, {}, seed) for seed in self.seeds]
        return [*members, ensemble_folder(members)]

    def carry_out(self, session: Session) -> None:
        session.compute.ranks.by_first(lambda: self._write(session))

    def _write(self, session: Session) -> None:
        *members, _ = self.folders(session)
        if all(map(has_weights, members)):
            session.say(str(write_ensemble(members, device=session.compute.device)))
