"""Tables over the kernels of runs: by kernel, by run and by epoch."""

import numpy as np
import pandas as pd

from analysis.topics.kernels import spectra, towers
from analysis.topics.kernels.learned import Learned


def per_kernel(learned: list[Learned]) -> pd.DataFrame:
    """One row for each kernel of each run, trained and at the initial values."""
    frames = []
    for one in learned:
        states = {"trained": one.measures, "initial": one.initial_measures}
        for state, measures in states.items():
            count = len(measures)
            names = {
                "run": one.run.name,
                "seed": one.run.seed,
                "state": state,
                "kernel": np.arange(1, count + 1),
                "tower": np.where(np.arange(count) < count // 2, 1, 2),
            }
            frames.append(pd.DataFrame(names).join(measures.reset_index(drop=True)))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def per_run(learned: list[Learned]) -> pd.DataFrame:
    """One row a run: means of shares and counts of kinds, `initial_` before training."""
    rows = []
    for one in learned:
        row = {"recipe": one.recipe, "setting": one.setting, "seed": one.run.seed}
        row |= _totals(one.measures)
        initial = _totals(one.initial_measures)
        row |= {f"initial_{name}": value for name, value in initial.items()}
        row |= _split_row(one.split) | {"lower_tower": one.split.lower + 1}
        rows.append(row | {"learned": one})
    return pd.DataFrame(rows)


def _totals(measures: pd.DataFrame) -> dict[str, float]:
    return {
        "low_frequency_share": measures["low_frequency_share"].mean(),
        "colour_share": measures["colour_share"].mean(),
        "gabor_like": int(measures["gabor_like"].sum()),
        "colour_blobs": int(measures["colour_blob"].sum()),
    }


def _split_row(split: towers.Split) -> dict[str, float]:
    return {
        "lower_mean": min(split.means),
        "higher_mean": max(split.means),
        "gap": split.gap,
        "limit": split.limit,
        "p": split.p,
        "exceeds": split.exceeds,
    }


def per_epoch(learned: list[Learned]) -> pd.DataFrame:
    """One row for each run and kept epoch: the split of the towers as training goes."""
    columns = ["recipe", "setting", "seed", "epoch", "lower_mean", "higher_mean"]
    rows = []
    for one in learned:
        names = {"recipe": one.recipe, "setting": one.setting, "seed": one.run.seed}
        for epoch, kernels in zip(one.epochs, one.by_epoch, strict=True):
            split = towers.compare(spectra.colour_share(kernels))
            rows.append(names | {"epoch": int(epoch)} | _split_row(split))
    return pd.DataFrame(rows, columns=[*columns, "gap", "limit", "p", "exceeds"])


def weights(one: Learned) -> pd.DataFrame:
    """Every weight of the figure, one row a kernel, to four significant digits."""
    count, _, side, _ = one.trained.shape
    names = [f"{c}{y}.{x}" for c in "rgb" for y in range(side) for x in range(side)]
    digits = np.char.mod("%.4g", one.trained.reshape(count, -1))
    frame = pd.DataFrame(digits, columns=names)
    frame.insert(0, "kernel", np.arange(1, count + 1))
    return frame
