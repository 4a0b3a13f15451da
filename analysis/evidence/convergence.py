"""Steps that two recipes need: to one training loss, and to their best validation."""

import math
from dataclasses import dataclass

from analysis.evidence import curves
from analysis.evidence.runs import Run, Runs
from analysis.statistics import estimates
from repro.runs.folder import epochs_to


@dataclass(frozen=True)
class Convergence:
    """Two arms under the same changes. `level` is in nats, `*_steps` one value a run.

    `level` is the lowest training loss that every run of both arms reaches; ratios are
    those of the mean steps, first arm over second.
    """

    level: float
    first_steps: tuple[float, ...]
    second_steps: tuple[float, ...]
    first_best: tuple[float, ...]
    second_best: tuple[float, ...]
    still_improving: int  # runs whose best validation error is that of the last epoch

    @property
    def to_level(self) -> estimates.Estimate:
        return _ratio(self.first_steps, self.second_steps)

    @property
    def to_best(self) -> estimates.Estimate:
        return _ratio(self.first_best, self.second_best)


def _ratio(first: tuple[float, ...], second: tuple[float, ...]) -> estimates.Estimate:
    if not (all(first) and all(second)):  # at the level, or best, before the first step
        return estimates.Estimate(
            math.nan, math.nan, math.nan, "nothing", bound="unknown"
        )
    return estimates.ratio_of_means(first, second)


def compare(first: Runs, second: Runs) -> Convergence | None:
    """None where an arm has no complete run with validation images."""
    gaps = [curves.gaps(arm) for arm in (first, second)]
    if any(frame.empty for frame in gaps):
        return None
    arms = (first.complete, second.complete)
    level = max(run.metrics["train_loss"].min() for arm in arms for run in arm)
    best = [frame[frame["moment"] == curves.MOMENTS[1]] for frame in gaps]
    return Convergence(
        level,
        *(tuple(steps_to(run, level) for run in arm) for arm in arms),
        *(tuple(frame["step"].astype(float)) for frame in best),
        still_improving=sum(
            int((rows["epoch"] == rows["epochs"]).sum()) for rows in best
        ),
    )


def steps_to(run: Run, level: float) -> float:
    """Steps until the training loss is at most `level`, interpolated between epochs."""
    return epochs_to(run.metrics["step"], run.metrics["train_loss"], level)
