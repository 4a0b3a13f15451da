"""What figure 2 shows: columns, their lanes, what reaches them, all in words too.

Which lanes meet is read from the list's `towers`, never typed.
"""

import math

import pandas as pd

from analysis.topics.architecture import counts

LANE = 1.0  # tower 1 lies above, tower 2 below, what is not split between them
SEES = {
    "": "",
    "image": ", sees the image",
    "own": ", sees its own GPU",
    "both": ", sees both GPUs",
    "all": "",
}


def columns(layers: pd.DataFrame) -> pd.DataFrame:
    """What is drawn, one row a column: the input, then every stage.

    `boxes` is one for the input and for the classes, else one a tower.
    """
    table = counts.stages(layers)
    image = layers.iloc[[0]][["name", "maps", "side"]]
    image = image.assign(sees="", after=[()])
    table = pd.concat([image, table], ignore_index=True)
    table["boxes"] = counts.lanes(layers)
    table.loc[[0, len(table) - 1], "boxes"] = 1
    return table


def arrows(source: pd.Series, row: pd.Series) -> list[tuple[float, float, bool]]:
    """From which lane to which a stage sees its source, and whether GPUs meet there."""
    pairs = [(start, end) for start in lanes(source) for end in lanes(row)]
    if row["sees"] == "own" and len(lanes(row)) > 1:
        pairs = [(start, end) for start, end in pairs if start == end]
    return [
        (start, end, row["sees"] == "both" and start != end) for start, end in pairs
    ]


def lanes(row: pd.Series) -> tuple[float, ...]:
    """How high the boxes of a column lie, tower 1 first."""
    return (LANE, -LANE) if row["boxes"] == 2 else (0.0,)


def size(row: pd.Series) -> str:
    """What one tower holds: 55×55×48, or 2,048 of a connected layer."""
    held = int(row["maps"] // row["boxes"])
    return f"{row['side']}×{row['side']}\n×{held}" if row["side"] > 1 else f"{held:,}"


def kernel(row: pd.Series) -> str:
    """What a kernel of the column sees, in two lines."""
    if not row["sees"]:
        return "kernels:"
    if math.isnan(row["window"]):
        return f"{row['depth']:,.0f}\ninputs"
    window = f"{row['window']:g}"
    return f"{window}×{window}×{row['depth']:g}\nstride {row['stride']:g}"


def described(rows: pd.DataFrame) -> str:
    """The columns in words."""
    return "; ".join(_described(row) for _, row in rows.iterrows()) + "."


def _described(row: pd.Series) -> str:
    held, side = int(row["maps"] // row["boxes"]), row["side"]
    what = f"{held} maps of {side}×{side}" if side > 1 else f"{held:,} units"
    where = f" on each of {row['boxes']} GPUs" if row["boxes"] > 1 else ""
    seen = SEES[row["sees"]]
    if row["sees"] and not math.isnan(row["window"]):
        seen = f", kernels {kernel(row)}{seen}".replace("\n", ", ")
    after = "".join(f", then {mark}" for mark in dict.fromkeys(row["after"]))
    return f"{row['name']}: {what}{where}{seen}{after}"
