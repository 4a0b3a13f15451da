"""What each ablation changes: differences of paired runs, variant minus reference."""

import math
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Self

import numpy as np
import pandas as pd

from analysis.evidence import fit
from analysis.evidence.answers import TOPS, Answers, groups, images_of, read_answers
from analysis.evidence.arms import R0
from analysis.evidence.runs import Run, Runs
from analysis.statistics import images
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.power import Spread, pooled_spread
from analysis.topics.ablations.comparisons import Comparison, Pair, compared, pairs

VIEWS = 10  # the paper's errors, unless it says otherwise


@dataclass(frozen=True, eq=False)
class Effect:
    """A comparison under one condition, with the answers of its runs."""

    comparison: Comparison
    condition: tuple[str, ...]
    pairs: list[Pair]
    answers: list[tuple[Answers, Answers]]  # of each pair

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(run for pair in self.pairs for run in pair)

    @property
    def seeds(self) -> list[int]:
        return [variant.seed for variant, _ in self.pairs]

    @property
    def images(self) -> str:
        """The test images, in words."""
        return images_of(self.pairs[0][1], self.answers[0][1], "test")

    def difference(self, top: int, views: int = VIEWS) -> Estimate:
        """Of the test errors. The interval of several seeds is over them, else images."""
        return images.paired(*self._wrong(top, views))

    def gain(self, top: int, views: int = VIEWS) -> Estimate:
        """The difference the other way round: what the variant takes off the error."""
        return images.paired(*reversed(self._wrong(top, views)))

    def over_images(self, top: int, views: int = VIEWS) -> Estimate:
        """The same difference with the interval that sampling the images gives."""
        return images.paired_over_images(*self._wrong(top, views))

    def only(self, seeds: Container[int]) -> Self:
        """The effect of some of its seeds."""
        kept = [place for place, seed in enumerate(self.seeds) if seed in seeds]
        pairs, answers = (
            [each[k] for k in kept] for each in (self.pairs, self.answers)
        )
        return replace(self, pairs=pairs, answers=answers)

    def wrong(self, side: int, top: int = 1, views: int = VIEWS) -> np.ndarray:
        """(S, N) mistakes of the variant (0) or of the reference (1)."""
        return np.stack([each[side].wrong[views, top] for each in self.answers])

    def _wrong(self, top: int, views: int) -> list[np.ndarray]:
        return [self.wrong(side, top, views) for side in (0, 1)]

    def fit(self, quantity: str) -> tuple[float, float]:
        """A value of `fit.last`, of the variant and of the reference: means over seeds."""
        each = [[fitted[quantity] for fitted in pair] for pair in self._fitted]
        variant, reference = np.mean(each, axis=0)
        return float(variant), float(reference)

    def fit_difference(self, quantity: str) -> Estimate:
        """The difference of that quantity, over seeds."""
        each = [variant[quantity] - other[quantity] for variant, other in self._fitted]
        return over_seeds(each, images=len(self.answers[0][1].labels))

    @cached_property
    def _fitted(self) -> list[list[dict[str, float]]]:
        return [[fit.last(run.metrics) for run in pair] for pair in self.pairs]

    def gap_difference_at_equal_loss(self) -> Estimate | None:
        """The difference of the gaps to validation at the lowest loss that both reach.

        None where a run has no validation images.
        """
        each = []
        for variant, reference in self.pairs:
            loss = fit.common_loss(variant.metrics, reference.metrics)
            gaps = [fit.gap_at_loss(r.metrics, loss) for r in (variant, reference)]
            each.append(gaps[0] - gaps[1])
        if any(map(math.isnan, each)):
            return None
        return over_seeds(each, images=len(self.answers[0][1].labels))


def effects(runs: Runs) -> list[Effect]:
    """Every comparison under every condition with pairs of runs."""
    read = cache(read_answers)  # a run is in several pairs
    return [
        Effect(
            one, condition, found, [(read(v.folder), read(r.folder)) for v, r in found]
        )
        for one in compared(runs)
        for condition, found in pairs(runs, one).items()
    ]


def main_condition(results: list[Effect], runs: Runs) -> tuple[str, ...]:
    """The condition with most pairs and, of equals, the longest training.

    Without pairs it is the condition of the runs of R0.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    epochs: dict[tuple[str, ...], int] = {}
    for each in results:
        counts[each.condition] += len(each.pairs)
        epochs[each.condition] = each.pairs[0][1].record["recipe"]["optimisation"][
            "epochs"
        ]
    if counts:
        return max(counts, key=lambda condition: (counts[condition], epochs[condition]))
    known = [group for group in groups(runs) if group.name.startswith(R0.recipe)]
    best = max(known, key=lambda group: (len(group.runs), group.epochs), default=None)
    return tuple(best.name.split("+")[1:]) if best else ()


def spread(runs: Runs, condition: tuple[str, ...]) -> Spread | None:
    """Of top-1 ten-view errors over seeds, pooled over the recipes of a condition."""
    names = {
        arm.name(condition)
        for one in compared(runs)
        for arm in (one.variant, one.reference)
    }
    known = [group for group in groups(runs) if group.name in names]
    return pooled_spread(group.wrong(VIEWS, 1).mean(axis=1) for group in known)


def frame(results: list[Effect]) -> pd.DataFrame:
    """Every difference as numbers (fractions), one row a comparison, views and top."""
    rows = []
    for each in results:
        row = {"change": each.comparison.change}
        row |= {"recipe": each.comparison.variant.name(each.condition)}
        row |= {"reference": each.comparison.reference.name(each.condition)}
        row |= {"seeds": " ".join(map(str, each.seeds)), "images": each.images}
        for views in (1, VIEWS):
            for top in TOPS:
                found = each.difference(top, views)
                row |= {"views": views, "top": top, "n": found.images}
                row |= {"difference": found.value, "low": found.low}
                rows.append(row | {"high": found.high, "interval": found.covers})
    return pd.DataFrame(rows)
