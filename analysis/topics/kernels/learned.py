"""The first-layer kernels of the runs that Figure 3 compares, read and measured.

Runs are those of `RECIPES`. A setting is what `--set` changed, the same for all that are
compared.
"""

import zipfile
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.evidence.runs import ReportError, Run, Runs
from analysis.topics.kernels import spectra, towers

RELEASED = "released-145"
CONTROLS = ("R-dense", "R-nocomm")
RECIPES = (RELEASED, *CONTROLS)
SEEDS = {RELEASED: 5, "R-dense": 3, "R-nocomm": 3}  # the fewest that the claims take
FILES = ("kernels.npy", "kernels-by-epoch.npz")


@dataclass(frozen=True, eq=False)
class Learned:
    """One run's kernels, each array (C, 3, k, k); the first half of C is tower 1."""

    run: Run
    trained: np.ndarray  # of the exported weights
    epochs: np.ndarray  # (E,), the first is 0
    by_epoch: np.ndarray  # (E, C, 3, k, k), the last of the last epoch

    @property
    def recipe(self) -> str:
        return recipe(self.run)

    @property
    def setting(self) -> str:
        return setting(self.run)

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
        """kernel_measures.measure of the exported weights, one row a kernel."""
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


def recipe(run: Run) -> str:
    """The preset that a run is made from."""
    return run.name.partition("+")[0]


def setting(run: Run) -> str:
    """What the run changes in its preset: `field=value`, joined by `+`."""
    return run.name.partition("+")[2]


def chosen(runs: Runs) -> Runs:
    """The runs of `RECIPES`."""
    return runs.where(lambda run: recipe(run) in RECIPES)


def exported(run: Run) -> bool:
    """Whether the run is complete and has the files of `FILES`."""
    there = all((run.folder / name).exists() for name in FILES)
    return run.status == "complete" and there


def read(run: Run) -> Learned:
    """Raises ReportError naming the file that is not what export writes."""
    trained, by_epoch = (run.folder / name for name in FILES)
    path = trained
    try:
        weights = np.load(path)
        spectra.spectra(weights)
        path = by_epoch
        with np.load(path) as found:
            learned = Learned(run, weights, found["epochs"], found["kernels"])
        if learned.epochs[0] != 0:
            raise ValueError("no kernels before training")
        if learned.by_epoch.shape != (len(learned.epochs), *weights.shape):
            raise ValueError(f"kernels of shape {learned.by_epoch.shape}")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ReportError(
            f"{path}: not the kernels of a run ({error}); repeat: "
            f"repro export {run.folder}"
        ) from error
    return learned


def read_all(runs: Runs) -> list[Learned]:
    """Those exported, in the order of RECIPES, then by setting and seed."""
    found = [read(run) for run in chosen(runs).where(exported).complete]
    return sorted(
        found, key=lambda one: (RECIPES.index(one.recipe), one.setting, one.run.seed)
    )


def compared(learned: list[Learned]) -> str:
    """The setting of the comparison: none, or the one that most released runs share."""
    known = [one.setting for one in learned if one.recipe == RELEASED]
    if not known or "" in known:
        return ""
    return max(sorted(set(known)), key=known.count)


def commands(runs: Runs, learned: list[Learned]) -> dict[str, list[str]]:
    """For each recipe that lacks seeds or exported files, what would make them.

    A run that is trained still has to be exported.
    """
    known = compared(learned)
    same = runs.where(lambda run: setting(run) == known)
    found = {
        name: _exports(same, name) + _trainings(same, name, known) for name in RECIPES
    }
    return {name: lines for name, lines in found.items() if lines}


def _exports(runs: Runs, name: str) -> list[str]:
    folders = [
        f"{run.folder.parent.name}/{run.folder.name}"
        for run in runs.complete
        if recipe(run) == name and not exported(run)
    ]
    return [f"repro export reports/{runs.profile}/runs/{folder}" for folder in folders]


def _trainings(runs: Runs, name: str, known: str) -> list[str]:
    done = {run.seed for run in runs.complete if recipe(run) == name}
    wanted = [seed for seed in range(SEEDS[name]) if seed not in done]
    changes = "".join(f" --set {change}" for change in known.split("+") if change)
    train = f"repro train --profile {runs.profile} --recipe {name}{changes}"
    lacking = max(0, SEEDS[name] - len(done))
    return [f"{train} --seed {seed}" for seed in wanted[:lacking]]
