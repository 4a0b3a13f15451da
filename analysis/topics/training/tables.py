"""Gap tables and sentences: how far validation lies above training, and when."""

import pandas as pd

from analysis.statistics.estimates import LEVEL
from analysis.statistics.numbers import per_cent, spread

WELCH = f"{100 * LEVEL:.0f} % interval (Welch's t)"
FRACTIONS = ("R-frac-0.25", "R-frac-0.5")
TUNED = ("batch_size=", "learning_rate=")


def two(value: float) -> str:
    """Two decimals, as nats are shown."""
    return f"{value:.2f}"


def shown(gaps: pd.DataFrame) -> pd.DataFrame:
    """The table over runs and moments; means over seeds with their range."""
    rows = []
    for (name, moment), found in gaps.groupby(["run", "moment"], sort=False):
        row = {"Run": name, "Seeds": f"{len(found)}", "At": moment}
        row["Epoch"] = spread(found["epoch"], lambda epoch: f"{epoch:.3g}")
        row["Training error, %"] = spread(found["train_top1_error"], per_cent)
        row["Validation error, %"] = spread(found["val_top1_error"], per_cent)
        row["Gap, points"] = spread(found["top1_gap"], per_cent)
        row["Training loss"] = spread(found["train_loss"], two)
        row["Validation loss"] = spread(found["val_loss"], two)
        row["Gap of losses"] = spread(found["loss_gap"], two)
        rows.append(row)
    return pd.DataFrame(rows)
