"""Tables over the kernels of runs, for readers and to download."""

from itertools import groupby

import numpy as np
import pandas as pd

from analysis.evidence.curves import data
from analysis.statistics import estimates
from analysis.statistics.images import exact_share
from analysis.statistics.numbers import per_cent, spread
from analysis.topics.kernels import spectra, towers
from analysis.topics.kernels.learned import Learned

INTERVAL = f"{100 * estimates.LEVEL:.0f} % exact interval"


def subject(learned: list[Learned]) -> str:
    """Data set, split, number of images and weights of these runs."""
    manifests = [one.run.manifest for one in learned]
    sources = {data(one.run) for one in learned}
    images = sorted({known["splits"]["train"] for known in manifests})
    weights = {
        known.get("export", {}).get("weights", "exported") for known in manifests
    }
    counts = " or ".join(f"{total:,}" for total in images)
    return (
        f"{', '.join(sorted(sources))}, {counts} images; weights "
        f"{' or '.join(sorted(weights))}"
    )


def responses(learned: list[Learned]) -> pd.DataFrame:
    """One row a run: what kernels respond to and, in brackets, did before training."""
    rows = []
    for one in learned:
        kernels, _, side, _ = one.trained.shape
        cells = {"Run": one.run.name, "Seed": f"{one.run.seed}"}
        cells["Kernels"] = f"{kernels} of {side} × {side}"
        before = _totals(one.initial_measures)
        for title, after in _totals(one.measures).items():
            cells[title] = f"{after} ({before[title]})"
        rows.append(cells)
    return pd.DataFrame(rows)


def _totals(measures: pd.DataFrame) -> dict[str, str]:
    """Means of the shares, counts of the kinds."""
    low, colour = (
        f"{per_cent(measures[name].mean())} %"
        for name in ("low_frequency_share", "colour_share")
    )
    return {
        f"Energy below {spectra.LOW:g} cycles/pixel": low,
        "Gabor-like": f"{measures['gabor_like'].sum()}",
        "Colour blobs": f"{measures['colour_blob'].sum()}",
        "Colour energy": colour,
    }


def halves(learned: list[Learned]) -> pd.DataFrame:
    """One row a run: colour energy of the two halves against random halves."""
    rows = [
        {
            "Run": one.run.name,
            "Seed": f"{one.run.seed}",
            "Halves meet in": one.meets or "one tower",
            "GPU 1": f"{per_cent(min(one.split.means))} %",
            "GPU 2": f"{per_cent(max(one.split.means))} %",
            "Gap": f"{per_cent(one.split.gap)} points",
            towers.LIMIT: f"{per_cent(one.split.limit)} points",
            "p": f"{one.split.p:.4f}",
            "GPU 1 is": f"half {one.split.lower + 1}",
        }
        for one in learned
    ]
    return pd.DataFrame(rows)


def recipes(learned: list[Learned]) -> pd.DataFrame:
    """One row a recipe: how many runs have a gap beyond what chance gives."""
    rows = []
    for name, group in groupby(learned, key=lambda one: one.run.name):
        own = list(group)
        above = sum(one.split.exceeds for one in own)
        low, high = exact_share(above, len(own))
        cells = {
            "Recipe": name,
            "Halves meet in": own[0].meets or "one tower",
            "Runs above": f"{above} of {len(own)}",
            INTERVAL: f"{per_cent(low)} % to {per_cent(high)} %",
            "By chance": f"{per_cent(1 - towers.PERCENTILE)} %",
            "Gap": spread([one.split.gap for one in own], per_cent) + " points",
        }
        rows.append(cells)
    return pd.DataFrame(rows)


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


def per_epoch(learned: list[Learned]) -> pd.DataFrame:
    """One row for each run and kept epoch: the split of the towers as training goes."""
    columns = ["recipe", "setting", "seed", "epoch", "lower_mean", "higher_mean"]
    columns += ["gap", "limit", "p", "exceeds"]
    rows = []
    for one in learned:
        for epoch, kernels in zip(one.epochs, one.by_epoch, strict=True):
            split = towers.compare(spectra.colour_share(kernels))
            row = (one.recipe, one.setting, one.run.seed, int(epoch))
            row += (min(split.means), max(split.means))
            rows.append((*row, split.gap, split.limit, split.p, split.exceeds))
    return pd.DataFrame(rows, columns=columns)


def weights(one: Learned) -> pd.DataFrame:
    """Every weight of the figure, one row a kernel, to four significant digits."""
    count, _, side, _ = one.trained.shape
    names = [f"{c}{y}.{x}" for c in "rgb" for y in range(side) for x in range(side)]
    digits = np.char.mod("%.4g", one.trained.reshape(count, -1))
    frame = pd.DataFrame(digits, columns=names)
    frame.insert(0, "kernel", np.arange(1, count + 1))
    return frame
