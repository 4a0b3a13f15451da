"""Figure 2, drawn from a layer list: one column a stage, one lane a tower.

Two panels side by side make the whole, so that each is readable on a phone. Which lanes
meet is read from the list's `towers`, never typed; each panel is told in words too.
"""

import math
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle

from analysis.display import style
from analysis.display.sections import Panel
from analysis.topics.architecture import counts

SIZE = (3.6, 3.7)  # inches
TEXT = 8  # points; 7.3 where two panels share 680 pixels
MARKS = {  # letter, colour
    "normalisation": ("N", style.BLUE),
    "pooling": ("P", style.GREEN),
    "average": ("A", style.GREEN),
    "dropout": ("D", style.PURPLE),
}
EXCHANGE = style.ORANGE
LANE = 1.0  # tower 1 lies above, tower 2 below, what is not split between them
SEES = {
    "": "",
    "image": ", sees the image",
    "own": ", sees its own GPU",
    "both": ", sees both GPUs",
    "all": "",
}
BEHIND = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.5}  # over arrows

# In columns across and half the distance of the lanes up.
HEAD, LABEL, FOOT = 1.72, 0.78, -2.4
MARK = 0.033  # times the columns of a panel: as wide as a letter


class Scale(NamedTuple):
    """Maps and side of the largest layer drawn; the width of a mark in this panel."""

    maps: int
    side: int
    mark: float


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
    """The arrows to a stage: from lane, to lane, and whether the GPUs meet there."""
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


def panels(layers: pd.DataFrame, name: str, title: str) -> list[Panel]:
    """The two halves of the drawing; `title` says of what network."""
    table = columns(layers)
    middle = len(table) // 2
    return [
        _panel(table, range(middle), f"{name}-first", title),
        _panel(table, range(middle, len(table)), f"{name}-second", title),
    ]


def _panel(table: pd.DataFrame, shown: range, name: str, title: str) -> Panel:
    rows = table.iloc[shown]
    ends = f"{rows['name'].iloc[0]} to {rows['name'].iloc[-1]}"
    svg = style.drawn(lambda ax: plot(table, shown, ax), SIZE)
    return Panel(name, svg, f"{title}, {ends}. {described(rows)}")


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


def plot(table: pd.DataFrame, shown: range, ax: Axes) -> Axes:
    """The columns `shown` of `table`, with what reaches them from the left."""
    scale = _scale(table, len(shown))
    for index in shown:
        row, x = table.loc[index], index - shown[0]
        _column(ax, row, x, scale)
        if index:
            source = table.loc[index - 1]
            start = x - 1 + _reach(source, scale) if x else -0.5
            end = x - _extent(row, scale)[0] / 2
            for low, high, meets in arrows(source, row):
                _arrow(ax, (start, low), (end, high), meets)
        if index == shown[-1] < len(table) - 1:  # it goes on in the other panel
            for y in lanes(row):
                ax.plot([x, x + 0.5], [y, y], color=style.INK, linewidth=0.9, zorder=2)
    if table["boxes"].max() == 2:
        for number, y in enumerate((LANE, -LANE), start=1):
            ax.text(-0.66, y, f"GPU {number}", rotation=90, **_centred(), weight="bold")
    ax.legend(handles=_legend(table.loc[shown]), loc="lower center", ncols=2)
    ax.set(xlim=(-0.78, len(shown) - 0.4), ylim=(FOOT - 0.95, HEAD + 0.15))
    ax.set_axis_off()
    return ax


def _scale(table: pd.DataFrame, columns: int) -> Scale:
    largest = table.iloc[1:].query("side > 1")[["maps", "side"]].max()
    return Scale(*largest, mark=MARK * columns)


def _extent(row: pd.Series, scale: Scale) -> tuple[float, float]:
    """Width and height of a box: they rise with maps and pixels, by the square root."""
    if row["side"] == 1:
        return 0.1, 0.8
    maps, side = (min(1, row[key] / getattr(scale, key)) for key in ("maps", "side"))
    return 0.08 + 0.28 * math.sqrt(maps), 0.25 + 0.75 * math.sqrt(side)


def _reach(row: pd.Series, scale: Scale) -> float:
    """How far a column extends to the right of its middle."""
    return _extent(row, scale)[0] / 2 + scale.mark * len(row["after"])


def _column(ax: Axes, row: pd.Series, x: float, scale: Scale) -> None:
    width, height = _extent(row, scale)
    for y in lanes(row):
        corner = (x - width / 2, y - height / 2)
        face = {"facecolor": style.FAINT, "edgecolor": style.INK, "linewidth": 0.8}
        ax.add_patch(Rectangle(corner, width, height, zorder=3, **face))
        ax.text(x, y - LABEL, size(row), **_centred(), bbox=BEHIND)
        for number, mark in enumerate(row["after"]):
            _mark(ax, mark, (x + width / 2 + number * scale.mark, y), scale.mark)
    ax.text(x, HEAD, row["name"], **_centred(), weight="bold")
    ax.text(x, FOOT, kernel(row), **_centred())


def _centred() -> dict[str, object]:
    return {"ha": "center", "va": "center", "size": TEXT, "zorder": 5}


def _mark(ax: Axes, mark: str, place: tuple[float, float], width: float) -> None:
    (letter, colour), (x, y) = MARKS[mark], place
    bar = Rectangle((x, y - 0.2), width, 0.4, zorder=4)
    bar.set(facecolor=colour, edgecolor=style.PAPER, linewidth=0.6)
    ax.add_patch(bar)
    ax.text(x + width / 2, y, letter, color=style.PAPER, **_centred(), weight="bold")


def _arrow(ax: Axes, start: tuple, end: tuple, meets: bool) -> None:
    colour = EXCHANGE if meets else style.INK
    look = {"arrowstyle": "-|>", "mutation_scale": 7, "shrinkA": 0, "shrinkB": 0}
    look |= {"color": colour, "linewidth": 1.1 if meets else 0.9, "zorder": 2}
    ax.add_patch(FancyArrowPatch(start, end, **look))


def _legend(rows: pd.DataFrame) -> list[Patch | Line2D]:
    found = dict.fromkeys(mark for marks in rows["after"] for mark in marks)
    handles: list[Patch | Line2D] = [
        Patch(facecolor=MARKS[mark][1], label=f"{MARKS[mark][0]}: {mark}")
        for mark in found
    ]
    if (rows["sees"] == "both").any():
        label = "where the GPUs meet"
        handles.append(Line2D([], [], color=EXCHANGE, label=label))
    return handles
