"""The first-layer kernels of the runs that Figure 3 compares, read and measured.

Runs are those of `RECIPES`. A setting is what `--set` changed; all that are compared
share it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.evidence import commands
from analysis.evidence.curves import RELEASED, setting
from analysis.evidence.exported import arrays, exported, unusable
from analysis.evidence.runs import Run, Runs
from analysis.topics.kernels import spectra, towers

DENSE, APART = "R-dense", "R-nocomm"
RECIPES = (RELEASED, DENSE, APART)
SEEDS = {RELEASED: 5, DENSE: 3, APART: 3}  # the fewest that the claims take
KERNELS, BY_EPOCH = "kernels.npy", "kernels-by-epoch.npz"


@dataclass(frozen=True, eq=False)
class Learned:
    """One run's kernels, each array (C, 3, k, k); the first half of C is tower 1."""

    run: Run
    trained: np.ndarray  # of the exported weights
    epochs: np.ndarray  # (E,), the first is 0
    by_epoch: np.ndarray  # (E, C, 3, k, k), the last of the last epoch

    @property
    def recipe(self) -> str:
        return setting(self.run)[0]

    @property
    def setting(self) -> str:
        return setting(self.run)[1]

    @property
    def initial(self) -> np.ndarray:
        """The kernels before training."""
        return self.by_epoch[0]

    @property
    def meets(self) -> str:
        """The first layer that reads both towers; empty where there is one tower."""
        network = self.run.record["recipe"]["network"]
        return min(network["joined"], default="never") if network["towers"] == 2 else ""

    @property
    def apart(self) -> bool:
        """Whether what reads the kernels reads only those of its own tower."""
        return self.meets not in ("", "conv2")

    @cached_property
    def measures(self) -> pd.DataFrame:
        """spectra.measure of the exported weights, one row a kernel."""
        return spectra.measure(self.trained)

    @cached_property
    def initial_measures(self) -> pd.DataFrame:
        """The same before training."""
        return spectra.measure(self.initial)

    @cached_property
    def split(self) -> towers.Split:
        """The two halves' colour shares against random halves."""
        return towers.compare(self.measures["colour_share"].to_numpy())

    @property
    def order(self) -> np.ndarray:
        """Kernels in the order of the figure: the less colourful half, GPU 1, first."""
        first, second = np.array_split(np.arange(len(self.trained)), 2)
        return np.r_[second, first] if self.split.lower else np.r_[first, second]


def chosen(runs: Runs) -> Runs:
    """The runs of `RECIPES`."""
    return runs.where(lambda run: setting(run)[0] in RECIPES)


def read(run: Run) -> Learned:
    """Raises ReportError naming the file that is not what export writes."""
    path, by_epoch = run.folder / KERNELS, run.folder / BY_EPOCH
    try:
        trained = np.load(path)
        spectra.spectra(trained)
    except (OSError, ValueError, EOFError) as error:
        raise unusable(path, str(error)) from error
    found = arrays(run.folder / BY_EPOCH, ("epochs", "kernels"))
    learned = Learned(run, trained, found["epochs"], found["kernels"])
    if learned.epochs[:1].tolist() != [0]:
        raise unusable(by_epoch, "no kernels before training")
    if learned.by_epoch.shape != (len(learned.epochs), *trained.shape):
        raise unusable(by_epoch, f"kernels of shape {learned.by_epoch.shape}")
    return learned


def read_all(runs: Runs) -> list[Learned]:
    """What exported runs learned, in the order of RECIPES, then by setting and seed."""
    found = [read(run) for run in exported(chosen(runs), (KERNELS, BY_EPOCH)).complete]
    return sorted(
        found, key=lambda one: (RECIPES.index(one.recipe), one.setting, one.run.seed)
    )


def compared(learned: list[Learned]) -> list[Learned]:
    """The runs that share the setting of the comparison."""
    known = compared_setting(learned)
    return [one for one in learned if one.setting == known]


def compared_setting(learned: list[Learned]) -> str:
    """The plain setting where a released run has it, else the one that most have."""
    known = [one.setting for one in learned if one.recipe == RELEASED]
    if not known or "" in known:
        return ""
    return max(sorted(set(known)), key=known.count)


def missing(runs: Runs, learned: list[Learned]) -> list[str]:
    """The commands that make the exported files and the seeds that recipes lack."""
    known = compared_setting(learned)
    held = {one.run.folder for one in learned}
    found = []
    for name in RECIPES:
        own = [run for run in runs.complete if setting(run) == (name, known)]
        found += [commands.export(runs, run) for run in own if run.folder not in held]
        found += commands.more_seeds(runs, name, known, SEEDS[name])
    return found
