"""What each ablation changes: differences of paired runs, variant minus reference."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.evidence import fit as fitted_errors
from analysis.evidence.answers import TOPS, Answers, groups, images_of, read_answers
from analysis.evidence.runs import Run, Runs
from analysis.statistics import images
from analysis.statistics.estimates import Estimate, over_seeds
from analysis.statistics.power import Spread, pooled_spread
from analysis.topics.ablations.comparisons import Comparison, Pairs, compared, pairs

VIEWS = 10  # the paper's errors, unless it says otherwise


@dataclass(frozen=True, eq=False)
class Measured:
    """A comparison under one condition, with what its runs answered."""

    pairs: Pairs
    variants: tuple[Answers, ...]
    references: tuple[Answers, ...]

    @property
    def comparison(self) -> Comparison:
        return self.pairs.comparison

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(run for pair in self.pairs.runs for run in pair)

    @property
    def images(self) -> str:
        """The test images in words."""
        return images_of(self.pairs.runs[0][1], self.references[0], "test")

    def error(self, side: str, top: int, views: int = VIEWS) -> float:
        """Mean test error over seeds; `side` is "variants" or "references"."""
        return float(np.mean([each.wrong[views, top] for each in getattr(self, side)]))

    def difference(self, top: int, views: int = VIEWS) -> Estimate:
        """Of the test errors, over seeds; of one seed over images."""
        return images.paired(*self._wrong(top, views))

    def gain(self, top: int, views: int = VIEWS) -> Estimate:
        """The difference the other way round: what the variant takes off the error."""
        return images.paired(*reversed(self._wrong(top, views)))

    def over_images(self, top: int, views: int = VIEWS) -> Estimate:
        """The same difference with the interval that sampling the images gives."""
        return images.paired_over_images(*self._wrong(top, views))

    def equivalent(self, margin: float, top: int = 1) -> bool | None:
        """Whether both one-sided 5 % tests put it within the margin; None of one seed.

        The same as a 90 % interval inside the margins.
        """
        first, second = self._wrong(top, VIEWS)
        each = first.mean(axis=1) - second.mean(axis=1)
        interval = over_seeds(each, images=first.shape[1], level=0.9)
        if interval.over != "seeds":
            return None
        return -margin < interval.low and interval.high < margin

    def _wrong(self, top: int, views: int) -> tuple[np.ndarray, np.ndarray]:
        return tuple(
            np.stack([each.wrong[views, top] for each in side])
            for side in (self.variants, self.references)
        )

    def fit(self, quantity: str) -> tuple[float, float]:
        """Means over seeds of `fitted_errors.last`, of the variant and the reference."""
        each = [[fitted[quantity] for fitted in pair] for pair in self._fitted]
        variant, reference = np.mean(each, axis=0)
        return float(variant), float(reference)

    def fit_difference(self, quantity: str) -> Estimate:
        """The difference of that quantity, over seeds."""
        each = [variant[quantity] - other[quantity] for variant, other in self._fitted]
        return over_seeds(each, images=len(self.references[0].labels))

    @cached_property
    def _fitted(self) -> list[list[dict[str, float]]]:
        return [
            [fitted_errors.last(run.metrics) for run in pair]
            for pair in self.pairs.runs
        ]

    def gap_difference_at_equal_loss(self) -> Estimate | None:
        """Of the train/validation gaps at the lowest loss both reach, seed by seed."""
        each = []
        for variant, reference in self.pairs.runs:
            loss = fitted_errors.common_loss(variant.metrics, reference.metrics)
            gaps = [
                fitted_errors.gap_at_loss(r.metrics, loss) for r in (variant, reference)
            ]
            each.append(gaps[0] - gaps[1])
        if any(map(math.isnan, each)):
            return None
        return over_seeds(each, images=len(self.references[0].labels))


def measured(
    runs: Runs, comparisons: Iterable[Comparison] | None = None
) -> list[Measured]:
    """The comparisons, by default all, under every condition with pairs of runs."""
    chosen = compared(runs) if comparisons is None else comparisons
    found = [each for one in chosen for each in pairs(runs, one)]
    used = {run.folder for each in found for pair in each.runs for run in pair}
    answers = {folder: read_answers(folder) for folder in sorted(used)}
    results = []
    for each in found:
        sides = zip(*each.runs, strict=True)
        known = [tuple(answers[run.folder] for run in side) for side in sides]
        results.append(Measured(each, *known))
    return results


def main_condition(results: list[Measured], runs: Runs) -> tuple[str, ...]:
    """The condition with most pairs, then the longest training; R0's own without any."""
    pairs_by: dict[tuple[str, ...], tuple[int, int]] = {}
    for each in results:
        count, _ = pairs_by.get(each.pairs.condition, (0, 0))
        pairs_by[each.pairs.condition] = (
            count + len(each.pairs.runs),
            each.pairs.epochs,
        )
    if pairs_by:
        return max(pairs_by, key=lambda condition: pairs_by[condition])
    known = [group for group in groups(runs) if group.name.startswith("released-145")]
    best = max(known, key=lambda group: (len(group.runs), group.epochs), default=None)
    return tuple(best.name.split("+")[1:]) if best else ()


def spread(runs: Runs, condition: tuple[str, ...], top: int = 1) -> Spread | None:
    """Of the ten-view test error over seeds, pooled over the recipes of a condition."""
    names = {
        arm.name(condition)
        for one in compared(runs)
        for arm in (one.variant, one.reference)
    }
    known = [group for group in groups(runs) if group.name in names]
    return pooled_spread(group.wrong(VIEWS, top).mean(axis=1) for group in known)


def frame(results: list[Measured]) -> pd.DataFrame:
    """Every difference as numbers (fractions), one row a comparison, views and top."""
    rows = []
    for each in results:
        row = {"change": each.comparison.change}
        row |= {"recipe": each.comparison.variant.name(each.pairs.condition)}
        row |= {"reference": each.comparison.reference.name(each.pairs.condition)}
        row |= {"seeds": " ".join(map(str, each.pairs.seeds)), "images": each.images}
        for views in (1, VIEWS):
            for top in TOPS:
                found = each.difference(top, views)
                row |= {"views": views, "top": top, "n": found.images}
                row |= {"difference": found.value, "low": found.low}
                rows.append(row | {"high": found.high, "interval": found.covers})
    return pd.DataFrame(rows)
