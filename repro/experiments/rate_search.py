"""Figure 1: the search for each arm's fastest rate, and the runs that count."""

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro.experiments.session import Session
from repro.experiments.tasks import Plan, Run
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import Activations
from repro.recipes.recipe import RecipeError
from repro.recipes.settings import override
from repro.runs import folder
from repro.runs.names import SEARCH_SEED
from repro.training.metrics import Row

TARGET = 0.25  # training error of Figure 1's caption

LAP = 4  # epochs after which the rates of a search are compared
BEHIND = 0.05  # training error by which a rate must then trail to drop out

# fields that the experiment sets in its runs
CHOSEN = {"learning_rate", "activation", "stop_train_error", "hold_out"}


def activations(session: Session) -> list[Plan]:
    """Figure 1: each arm at its fastest rate, condition by condition."""
    plan = session.profile.activations
    return _measured(session, itertools.product(plan.conditions, plan.arms))


def activations_further(session: Session) -> list[Plan]:
    """Figure 1 for other conditions and other nets, then for other saturating units."""
    plan = session.profile.activations
    other = itertools.product(plan.further_conditions, plan.arms)
    further = itertools.product(plan.conditions, plan.further_arms)
    return _measured(session, itertools.chain(other, further))


def _measured(session: Session, arms: Iterable[tuple[str, str]]) -> list[Plan]:
    """A plan for every arm; raises RecipeError where `--set` has what they choose."""
    if fixed := CHOSEN & session.changes.keys():
        raise RecipeError(
            f"--set {', '.join(sorted(fixed))}: chosen by the experiment itself; "
            "use `repro train` for single runs"
        )
    plan = session.profile.activations
    return [_counted(plan, Search(plan, *arm)) for arm in arms]


@dataclass(frozen=True)
class Search:
    """The search for one arm's fastest rate.

    It is one task: when a run is stopped depends on how far the others have come.
    """

    plan: Activations
    condition: str
    arm: str
    weights = "stay"

    def __str__(self) -> str:
        return f"{self.condition} {self.arm}: fastest rate"

    def folders(self, session: Session) -> list[Path]:
        """All runs of the search that are there, whatever their arm."""
        made = session.reports / session.profile.name / "runs"
        return sorted(made.glob(f"{self.condition}+*/seed-{SEARCH_SEED}"))

    def carry_out(self, session: Session) -> float:
        return fastest_rate(session, self.plan, self.condition, self.arm)


def _counted(plan: Activations, search: Search) -> Plan:
    """The search, then the runs that count, with its rate and other seeds."""
    [rate] = yield [search]
    changes = _changes(plan, search.arm, rate)
    seeds = range(1, plan.seeds + 1)
    yield [Run(search.condition, changes, seed) for seed in seeds]


def fastest_rate(
    session: Session, plan: Activations, condition: str, arm: str
) -> float:
    """The rate that reaches the target in the fewest epochs.

    The rates of the plan race, `LAP` epochs at a time. One that is beaten drops out; as
    long as the winner is the lowest or the highest tried, the race goes on with the
    rate beyond it.

    A search that was stopped goes through its laps again. What it compares in a lap are
    rows up to that lap alone, however far a run has come, so that it decides as before.
    """
    start = find_recipe(condition).optimisation.learning_rate
    tried: dict[float, list[Row]] = {}
    entering = list(plan.rate_steps)
    while entering:
        tried |= _race(session, plan, (condition, arm), entering, tried)
        entering = beyond({step: _epochs(rows) for step, rows in tried.items()})
    best = min(tried, key=lambda step: _merit(tried[step]))
    session.say(
        f"{condition} {arm}: fastest rate {start * best:g}, "
        f"{_epochs(tried[best]):.2f} epochs to {100 * TARGET:.0f} % training error"
    )
    return start * best


def _race(
    session: Session,
    plan: Activations,
    arm: tuple[str, str],
    entering: list[float],
    tried: dict[float, list[Row]],
) -> dict[float, list[Row]]:
    """Train the entering steps of the rate, lap by lap, until none has more to run."""
    condition, activation = arm
    recipe = override(find_recipe(condition), session.changes).optimisation
    rows: dict[float, list[Row]] = {step: [] for step in entering}
    for lap in range(LAP, recipe.epochs + LAP, LAP):
        for step in entering:
            others = [*(tried | rows).values()]
            rows[step] = session.run(
                condition,
                _changes(plan, activation, recipe.learning_rate * step),
                SEARCH_SEED,
                stop=lambda so_far, others=others: beaten(so_far, others),
                pause=lap,
            )
        entering = [step for step in entering if _runs_on(rows[step], lap)]
    return rows


def _runs_on(rows: list[Row], lap: int) -> bool:
    """Whether a run has ended neither by itself nor by being beaten."""
    return bool(rows) and rows[-1]["epoch"] == lap and _epochs(rows) == math.inf


def beyond(epochs: dict[float, float]) -> list[float]:
    """The next step to try when the best one is at an edge of those tried.

    Where no rate has reached the target the search ends with what was planned.
    """
    best = min(epochs, key=epochs.get)
    if math.isinf(epochs[best]) or len(epochs) < 3:
        return []
    if best == max(epochs):
        return [best * 2]
    return [best / 2] if best == min(epochs) else []


def beaten(rows: list[Row], others: list[list[Row]]) -> str | None:
    """The reason to end a run of the search.

    Another rate had reached the target by now, or was, when this one ends a lap, more
    than `BEHIND` below it at the same epoch.
    """
    epoch = int(rows[-1]["epoch"])
    needed = min(map(_epochs, others), default=math.inf)
    if epoch >= needed and math.isinf(_epochs(rows)):
        return f"beaten: another rate needed {needed:.2f} epochs"
    if epoch == 0 or epoch % LAP:
        return None
    errors = [r[epoch]["train_top1_error"] for r in others if len(r) > epoch]
    gap = rows[-1]["train_top1_error"] - min(errors, default=math.inf)
    if gap > BEHIND:
        return f"beaten: {100 * gap:.1f} points behind another rate"
    return None


def _epochs(rows: list[Row]) -> float:
    errors = [row["train_top1_error"] for row in rows]
    return folder.epochs_to([row["epoch"] for row in rows], errors, TARGET)


def _merit(rows: list[Row]) -> tuple[float, float]:
    """Fewest epochs to the target first, then the lowest error reached."""
    errors = [row["train_top1_error"] for row in rows]
    return _epochs(rows), min(errors, default=math.inf)


def _changes(plan: Activations, arm: str, rate: float) -> dict[str, Any]:
    changes: dict[str, Any] = {"learning_rate": rate}
    if arm != "relu":
        changes["activation"] = arm
    if plan.batch_size:
        changes["batch_size"] = plan.batch_size
    return changes
