"""Two classes learnt from the initial values and from a network of other classes.

Two runs make a pair: they have the same changes of fields, images and seed, and differ
in where all layers but the last start.
"""

import math
from dataclasses import dataclass

import numpy as np

from analysis.evidence import data_sets, fit
from analysis.evidence.answers import PAPER_VIEWS, Answers, is_exported, read_answers
from analysis.evidence.curves import setting
from analysis.evidence.runs import Run, Runs, epochs_to
from analysis.statistics import estimates, images
from analysis.statistics.estimates import Estimate, over_seeds

PREFIX = "transfer-"
SOURCE, SCRATCH, TUNED = (
    f"{PREFIX}{name}" for name in ("source", "scratch", "finetuned")
)
STARTS = {SCRATCH: "from scratch", TUNED: "pre-trained"}
ARMS = (*STARTS, SOURCE)
SPLITS = {"val": "validation", "train": "training"}  # of metrics.csv, in words
LEVEL = 0.25  # of the error: the level that the later notes' exercise is read at


@dataclass(frozen=True, eq=False)
class Transfer:
    """Pairs of complete runs of the same seeds, under the same changes."""

    changes: str
    scratch: tuple[Run, ...]
    tuned: tuple[Run, ...]
    source: tuple[Run, ...]  # what the tuned ones start from, as far as it is complete

    @property
    def arms(self) -> dict[str, tuple[Run, ...]]:
        """Recipe -> its runs, by seed."""
        return {SCRATCH: self.scratch, TUNED: self.tuned}

    @property
    def runs(self) -> tuple[Run, ...]:
        return self.scratch + self.tuned

    @property
    def dataset(self) -> str:
        """Its name with the classes that were learnt and what was changed."""
        return _data(self.scratch[0], self.changes)

    @property
    def pretrained_on(self) -> str:
        """The classes of the other network in words; empty where it is not here."""
        return _data(self.source[0], self.changes) if self.source else ""

    def last_epoch(self) -> int:
        """The last epoch of the longest run."""
        return max(int(run.metrics["epoch"].max()) for run in self.runs)

    def epochs(self, split: str) -> dict[str, list[float]]:
        """Recipe -> epochs to LEVEL by seed, infinite where it is not reached.

        `split` is "val" or "train"; interpolated between epochs.
        """
        return {
            name: [_epochs(run, split) for run in arm]
            for name, arm in self.arms.items()
        }

    def ratio(self, split: str) -> Estimate:
        """Epochs from scratch over those of the pre-trained."""
        scratch, tuned = self.epochs(split).values()
        if not (all(scratch) and all(tuned)):  # there before the first step
            return Estimate(math.nan, math.nan, math.nan, "nothing", bound="unknown")
        limits = (float(self.last_epoch()),) * 2
        return estimates.ratio_of_means(scratch, tuned, limits=limits)

    def last(self, split: str) -> dict[str, list[float]]:
        """Recipe -> error of the last epoch by seed."""
        name = f"{split}_error"
        return {
            recipe: [fit.last(run.metrics)[name] for run in arm]
            for recipe, arm in self.arms.items()
        }

    def last_difference(self, split: str) -> Estimate:
        """Error of the last epoch, from scratch minus pre-trained, over seeds."""
        scratch, tuned = map(np.array, self.last(split).values())
        images = self.scratch[0].manifest["splits"].get(split, 0)
        return over_seeds(scratch - tuned, images=images)

    def tested(self) -> dict[str, list[Answers]] | None:
        """Recipe -> what each seed answered; None where a run is not exported."""
        if not all(map(is_exported, self.runs)):
            return None
        return {
            n: [read_answers(run.folder) for run in arm] for n, arm in self.arms.items()
        }

    def test_difference(self) -> Estimate | None:
        """Test error, from scratch minus pre-trained, on the same images."""
        known = self.tested()
        if known is None:
            return None
        wrong = [
            np.stack([a.wrong[PAPER_VIEWS, 1] for a in arm]) for arm in known.values()
        ]
        return images.paired(*wrong)


def transfers(runs: Runs) -> list[Transfer]:
    """Every set of changes under which both have a complete run of the same seed."""
    found: dict[tuple[str, str], dict[str, dict[int, Run]]] = {}
    for run in runs.complete:
        recipe, changes = setting(run)
        key = changes, run.manifest["data"]["sha256"]["images"]
        found.setdefault(key, {}).setdefault(recipe, {})[run.seed] = run
    known = []
    for (changes, _), by_recipe in found.items():
        scratch, tuned, source = (by_recipe.get(name, {}) for name in ARMS)
        seeds = sorted(scratch.keys() & tuned.keys())
        arms = [tuple(arm[seed] for seed in seeds) for arm in (scratch, tuned)]
        own = tuple(source[seed] for seed in seeds if seed in source)
        if seeds:
            known.append(Transfer(changes, *arms, own))
    return known


def _data(run: Run, changes: str) -> str:
    name = run.manifest["data"]["dataset"]
    parts = [", ".join(run.record["recipe"].get("classes", [])), changes]
    known = "; ".join(filter(None, parts))
    return data_sets.find(name).name + f" ({known})" * bool(known)


def _epochs(run: Run, split: str) -> float:
    rows = run.metrics.dropna(subset=[f"{split}_top1_error"])
    return epochs_to(rows["epoch"], rows[f"{split}_top1_error"], LEVEL)
