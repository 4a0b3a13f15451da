"""How the tables and sentences about kernels are worded."""

import math

import pandas as pd

from analysis.claims.printed import Reported
from analysis.statistics import estimates
from analysis.statistics.images import exact_share
from analysis.topics.kernels import spectra, towers
from analysis.topics.kernels.learned import Learned

KERNELS = Reported(96, "figure 3")  # half of them on each GPU
SIDE = Reported(11, "figure 3")  # pixels
CHANCE = 1 - towers.PERCENTILE
INTERVAL = f"{100 * estimates.LEVEL:.0f} % exact interval"
WELCH = f"{100 * estimates.LEVEL:.0f} % interval"
NULL = f"the {100 * towers.PERCENTILE:.0f}th percentile"


def subject(learned: list[Learned]) -> str:
    """Data set, split, number of images and weights of these runs."""
    manifests = [one.run.manifest for one in learned]
    data = {
        f"{known['data']['dataset']} {known['data']['split']}" for known in manifests
    }
    images = sorted({known["splits"]["train"] for known in manifests})
    weights = {
        known.get("export", {}).get("weights", "exported") for known in manifests
    }
    counts = " or ".join(f"{total:,}" for total in images)
    return (
        f"{', '.join(sorted(data))}, {counts} images; weights "
        f"{' or '.join(sorted(weights))}"
    )


def percent(value: float) -> str:
    """A share in per cent; a dash where it is not known."""
    return number(100 * value, " %")


def points(value: float) -> str:
    """A difference of shares in percentage points."""
    return number(100 * value, " points")


def count(value: float) -> str:
    """A number of kernels; of a mean, one decimal."""
    return number(value).removesuffix(".0")


def number(value: float, unit: str = "") -> str:
    """One decimal and the unit, with a real minus sign; a dash where unknown."""
    text = "0.0" if f"{value:.1f}" == "-0.0" else f"{value:.1f}"
    return "–" if math.isnan(value) else text.replace("-", "\N{MINUS SIGN}") + unit


def seeds(total: int) -> str:
    """`1 seed`, `2 seeds`."""
    return f"{total} seed{'s' * (total != 1)}"


def spread(values: pd.Series, shown=percent) -> str:
    """The mean; where the values differ, their range too."""
    mean, low, high = map(shown, (values.mean(), values.min(), values.max()))
    if low == high:
        return mean
    return f"{mean} ({low.partition(' ')[0]} to {high})"


def shown_kernels(rows: pd.DataFrame) -> pd.DataFrame:
    """The table over runs: what kernels respond to, and did before training."""
    measures = {
        f"Energy below {spectra.LOW:g} cycles/pixel": (
            "low_frequency_share",
            percent,
        ),
        "Gabor-like": ("gabor_like", count),
        "Colour blobs": ("colour_blobs", count),
        "Colour energy": ("colour_share", percent),
    }
    table = []
    for row in rows.to_dict("records"):
        kernels, _, side, _ = row["learned"].trained.shape
        cells = {"Run": row["learned"].run.name, "Seed": f"{row['seed']}"}
        cells["Kernels"] = f"{kernels} of {side} × {side}"
        for title, (name, shown) in measures.items():
            cells[title] = f"{shown(row[name])} ({shown(row[f'initial_{name}'])})"
        table.append(cells)
    return pd.DataFrame(table)


def shown_towers(rows: pd.DataFrame) -> pd.DataFrame:
    """The table over runs: colour energy of the two halves against random halves."""
    table = [
        {
            "Run": row.learned.run.name,
            "Seed": f"{row.seed}",
            "Halves meet in": row.learned.meets or "one tower",
            "GPU 1": percent(row.lower_mean),
            "GPU 2": percent(row.higher_mean),
            "Gap": points(row.gap),
            NULL.removeprefix("the ").capitalize(): points(row.limit),
            "p": f"{row.p:.4f}",
            "GPU 1 is": f"half {row.lower_tower}",
        }
        for row in rows.itertuples()
    ]
    return pd.DataFrame(table)


def shown_recipes(rows: pd.DataFrame) -> pd.DataFrame:
    """The table over recipes: how many runs exceed what chance gives."""
    table = []
    for (name, setting), runs in rows.groupby(["recipe", "setting"], sort=False):
        low, high = exact_share(int(runs["exceeds"].sum()), len(runs))
        cells = {
            "Recipe": f"{name}{'+' * bool(setting)}{setting}",
            "Halves meet in": runs["learned"].iloc[0].meets or "one tower",
            "Runs above": f"{runs['exceeds'].sum()} of {len(runs)}",
            INTERVAL: f"{percent(low)} to {percent(high)}",
            "By chance": percent(CHANCE),
            "Gap": spread(runs["gap"], points),
        }
        table.append(cells)
    return pd.DataFrame(table)
