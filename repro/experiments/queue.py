"""The queue of tasks, some of which wait until others are done."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from repro.experiments.tasks import Plan, Task, next_stage


@dataclass(eq=False)
class Stage:
    """The tasks of one plan that may be done at once, and their results so far."""

    plan: Plan
    tasks: list[Task]
    results: dict[int, Any] = field(default_factory=dict)  # by position in `tasks`
    failed: int = 0


@dataclass(frozen=True, eq=False)
class Turn:
    """One task in its stage."""

    stage: Stage
    position: int

    @property
    def task(self) -> Task:
        return self.stage.tasks[self.position]


class Queue:
    """The tasks of several plans, each waiting until what it needs is done.

    A plan in which a task has failed ends with the stage of that task.
    """

    def __init__(self, plans: Iterable[Plan]):
        self.waiting: deque[Turn] = deque()
        self.known = 0  # tasks, as far as the plans have told
        self.ended = 0
        for plan in plans:
            self.waiting.extend(self._turns(plan, None))

    def done(self, turn: Turn, result: Any) -> None:
        """Note the result; what can begin now goes before what waits."""
        turn.stage.results[turn.position] = result
        self._go_on(turn.stage)

    def failed(self, turn: Turn) -> None:
        """Note that the task has failed and has no result."""
        turn.stage.failed += 1
        self._go_on(turn.stage)

    def _go_on(self, stage: Stage) -> None:
        self.ended += 1
        if len(stage.results) + stage.failed < len(stage.tasks):
            return
        if stage.failed:
            stage.plan.close()
            return
        results = [stage.results[position] for position in range(len(stage.tasks))]
        self.waiting.extendleft(reversed(self._turns(stage.plan, results)))

    def _turns(self, plan: Plan, results: list[Any] | None) -> list[Turn]:
        stage = Stage(plan, next_stage(plan, results))
        self.known += len(stage.tasks)
        return [Turn(stage, position) for position in range(len(stage.tasks))]
