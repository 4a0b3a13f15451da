"""Training and validation errors of one run, and how far they part, from metrics.csv.

Errors are fractions, of the weights after an epoch, one view, without augmentation.
"""

import math

import numpy as np
import pandas as pd

from analysis.evidence.runs import epochs_to

EARLY = 5  # epochs


def last(metrics: pd.DataFrame) -> dict[str, float]:
    """Top-1 errors of the last epoch on training and validation images, and their gap.

    `early_loss` is the mean training loss of the first EARLY epochs. Without validation
    images the error on them and the gap are not numbers.
    """
    row = metrics.iloc[-1]
    trained = metrics[metrics["epoch"].between(1, EARLY)]
    return {
        "train_error": float(row["train_top1_error"]),
        "val_error": float(row["val_top1_error"]),
        "gap": float(row["val_top1_error"] - row["train_top1_error"]),
        "early_loss": float(trained["train_loss"].mean()),
    }


def common_loss(first: pd.DataFrame, second: pd.DataFrame) -> float:
    """The lowest training loss that both runs reach."""
    return max(float(metrics["train_loss"].min()) for metrics in (first, second))


def gap_at_loss(metrics: pd.DataFrame, loss: float) -> float:
    """Validation minus training top-1 error where the training loss first is `loss`.

    Interpolated between epochs; not a number where it never is.
    """
    epoch = epochs_to(metrics["epoch"], metrics["train_loss"], loss)
    if math.isinf(epoch):
        return math.nan
    gaps = metrics["val_top1_error"] - metrics["train_top1_error"]
    return float(np.interp(epoch, metrics["epoch"], gaps))
