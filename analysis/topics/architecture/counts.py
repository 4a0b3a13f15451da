"""Arithmetic on a layer list: stages and sums.

A stage is a layer with weights and what follows it up to the next one.
"""

import pandas as pd

MARKS = {
    "CrossMapNorm": "normalisation",
    "SameMapNorm": "normalisation",
    "BatchNorm2d": "normalisation",
    "MaxPool2d": "pooling",
    "AdaptiveAvgPool2d": "average",
    "MaskDropout": "dropout",
    "Dropout": "dropout",
}
SUMMED = ("parameters", "neurons", "multiply_adds")


def lanes(layers: pd.DataFrame) -> int:
    """How many towers the network has: 2 where a layer sees its own half only."""
    return int(layers["towers"].max())


def stages(layers: pd.DataFrame) -> pd.DataFrame:
    """One row a layer with weights, in order.

    Of the list: name, kind, maps, side, window, stride and the counts. Added: `depth`,
    the maps that a kernel sees; `inputs`, the numbers that reach the layer, its padding
    aside; `sees` (`image`, `own` tower, `both` towers, or `all` where there is one
    tower); `after`, the MARKS that follow it; `weights`, parameters without biases.
    """
    layers = layers[layers["kind"] != "ZeroPad2d"].reset_index(drop=True)
    towers = lanes(layers)
    weighted = layers.index[layers["multiply_adds"] > 0]
    rows = []
    for number, index in enumerate(weighted):
        row, before = layers.loc[index], layers.loc[index - 1]
        until = weighted[number + 1] if number + 1 < len(weighted) else len(layers)
        kinds = layers.loc[index + 1 : until - 1, "kind"]
        rows.append(
            row.to_dict()
            | {
                "depth": before["maps"] // row["towers"],
                "inputs": before["maps"] * before["side"] ** 2,
                "sees": _sees(number, row["towers"], towers),
                "after": tuple(MARKS[kind] for kind in kinds if kind in MARKS),
                "weights": row["multiply_adds"] // row["side"] ** 2,
            }
        )
    return pd.DataFrame(rows)


def _sees(number: int, towers: int, lanes: int) -> str:
    if lanes == 1:
        return "all"
    if number == 0:
        return "image"
    return "own" if towers == lanes else "both"


def convolutional(stages: pd.DataFrame) -> pd.DataFrame:
    """The stages whose layer is a convolution."""
    return stages[stages["kind"].str.startswith("Conv")]


def connected(stages: pd.DataFrame) -> pd.DataFrame:
    """The stages whose layer is fully connected."""
    return stages[stages["kind"].str.endswith("Linear")]


def totals(layers: pd.DataFrame) -> dict[str, int]:
    """Parameters, neurons and multiply-adds of the whole network."""
    return {name: int(layers[name].sum()) for name in SUMMED}
