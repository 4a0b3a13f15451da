"""What 90 epochs of ImageNet take on so many GPUs: measured speed, stated assumptions."""

from dataclasses import dataclass

import pandas as pd

from analysis.claims.printed import Reported
from analysis.topics.speed import throughput

SIDE = 224  # pixels of the paper's input, section 3.5
IMAGES = Reported(1_281_167, "ILSVRC-2012, training images")
COUNTS = (1, 8, 64)  # GPUs


@dataclass(frozen=True)
class Assumptions:
    """What is not measured; change it to what you pay and have."""

    dollars: float = 2.0  # for one GPU and one hour
    efficiency: float = 0.8  # of n GPUs' speed to n times the speed measured on fewer


ASSUMED = Assumptions()


def gpu_speeds(speeds: pd.DataFrame) -> dict[int, float]:
    """GPUs to the median images/s over epochs, of the whole network at 224 pixels.

    `speeds` is `throughput.speeds`; of several kinds of GPU the fastest counts.
    """
    whole = speeds[(speeds["side"] == SIDE) & (speeds["width"] == 1)]
    found: dict[int, float] = {}
    for (gpus, _), epochs in whole[whole["gpus"] > 0].groupby(["gpus", "hardware"]):
        median = float(epochs["images_per_second"].median())
        found[int(gpus)] = max(found.get(int(gpus), 0.0), median)
    return found


def costs(
    measured: dict[int, float], assumed: Assumptions = ASSUMED
) -> list[dict[str, float | int | None]]:
    """One row a count of GPUs: images/s, hours and dollars of the paper's epochs.

    `measured_on` is the largest count measured that is not above `gpus`. Where it is
    below, the speed is the measured one times the ratio of GPUs and the efficiency.
    Where there is none, all numbers are None.
    """
    rows = []
    for gpus in COUNTS:
        on = max((count for count in measured if count <= gpus), default=None)
        row = dict.fromkeys(("images_per_second", "hours", "dollars"))
        if on:
            grown = 1.0 if on == gpus else gpus / on * assumed.efficiency
            rate = measured[on] * grown
            hours = throughput.EPOCHS.value * IMAGES.value / rate / 3600
            dollars = hours * gpus * assumed.dollars
            row = {"images_per_second": rate, "hours": hours, "dollars": dollars}
        rows.append({"gpus": gpus, "measured_on": on, **row})
    return rows


def shown(measured: dict[int, float], assumed: Assumptions = ASSUMED) -> pd.DataFrame:
    """The rows as a reader sees them."""
    return pd.DataFrame(
        {
            "GPUs": f"{row['gpus']}",
            "Images/s": _number(row["images_per_second"], ",.0f"),
            "Speed": _origin(row),
            "Hours": _number(row["hours"], ",.3g"),
            "US dollars": _number(row["dollars"], ",.0f"),
        }
        for row in costs(measured, assumed)
    )


def caption(assumed: Assumptions = ASSUMED) -> str:
    """The assumptions in words."""
    return (
        f"{throughput.EPOCHS.value:g} epochs of {IMAGES.value:,} images (ImageNet), "
        f"predicted, not trained; assumed: {assumed.dollars:g} US dollars a GPU and "
        f"hour, {100 * assumed.efficiency:g} % efficiency from the count measured to a "
        "larger one; without evaluation and export"
    )


def _origin(row: dict) -> str:
    if row["measured_on"] is None:
        return "not measured"
    if row["measured_on"] == row["gpus"]:
        return "measured"
    return f"from {row['measured_on']} GPU{'s' * (row['measured_on'] > 1)}, assumed"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
