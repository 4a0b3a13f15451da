"""Figure 4, right: test images and the training images that are nearest to them."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from analysis.display import holes, style, words
from analysis.display.sections import Html, Panel, Section, figure
from analysis.evidence.features import FEATURES, PIXELS, SPACES, Neighbors, neighbors
from analysis.evidence.runs import Runs
from analysis.evidence.thumbnails import Thumbnails, thumbnails
from analysis.topics.neighbors import retrieved, tables
from analysis.topics.neighbors.measured import measured
from analysis.topics.neighbors.retrieved import FILES

__all__ = ["measured", "section"]

SIZE = (3.6, 3.6)  # inches, of a panel of images
SIDE, GAP, LINE = 0.95, 0.15, 1.35  # of an image; after the first; from row to row
SAME = style.GREEN
COLOURS = {FEATURES: style.BLUE, PIXELS: style.ORANGE}
DASHES = {FEATURES: "-", PIXELS: (0, (4, 2))}


def plot(shown: pd.DataFrame, images: Thumbnails, ax: Axes) -> Axes:
    """Draw each test image and its nearest in a row; those of its class are framed."""
    ax.set_axis_off()
    width = 1 + GAP + shown["rank"].max()
    ax.set(xlim=(0, width), ylim=(-LINE * shown["query"].nunique(), 0), aspect="equal")
    for number, (query, own) in enumerate(shown.groupby("query", sort=False)):
        bottom = -LINE * (number + 1) + 0.04
        label = words.short(own["query_label"].iloc[0], 40)
        ax.text(0, bottom + 1.05, label, fontsize=7.5, fontweight="bold")
        _image(ax, images.image("test", query), 0, bottom)
        for each in own.itertuples():
            left = each.rank + GAP
            _image(ax, images.image("train", each.row), left, bottom)
            if each.same:
                _tick(ax, left, bottom)
    return ax


def _image(ax: Axes, image, left: float, bottom: float) -> None:
    """Draw an image in axes of its own: those of one are merged at screen resolution."""
    place = ax.inset_axes([left, bottom, SIDE, SIDE], transform=ax.transData)
    place.imshow(image, interpolation="none")
    place.set_axis_off()


def _tick(ax: Axes, left: float, bottom: float) -> None:
    frame = {"ec": SAME, "lw": 2, "zorder": 6}
    ax.add_patch(Rectangle((left, bottom), SIDE, SIDE, fc="none", **frame))
    ax.add_patch(Rectangle((left, bottom), 0.3, 0.3, fc=SAME, **frame))
    font = {"fontsize": 8, "fontweight": "bold", "ha": "center", "va": "center"}
    ax.text(left + 0.15, bottom + 0.15, "✓", color=style.PAPER, zorder=7, **font)


def plot_deciles(deciles: pd.DataFrame, chance: float, ax: Axes) -> Axes:
    """Draw class agreement by decile of the distance, with the intervals that exist."""
    for space, rows in deciles.groupby("space", sort=False):
        share = [each.value for each in rows["share"]]
        low = [each.low for each in rows["share"]]
        high = [each.high for each in rows["share"]]
        line = {"color": COLOURS[space], "ls": DASHES[space], "label": SPACES[space]}
        ax.plot(rows["decile"], share, marker="o", ms=3.5, **line)
        ax.fill_between(
            rows["decile"], low, high, color=COLOURS[space], alpha=0.2, lw=0
        )
    ax.axhline(chance, color=style.INK, lw=0.9, dashes=(6, 3), label="chance")
    ax.set(xlabel="decile of the distance, nearest first", ylabel="of the same class")
    ax.set(xticks=range(1, retrieved.DECILES + 1), ylim=(0, None))
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.legend()
    return ax


def section(runs: Runs) -> Section:
    """The tables and figures of neighbours, linear probe and binary codes."""
    return holes.answered(
        runs,
        FILES,
        _answer,
        caption="Five test images and the training images nearest to them.",
    )


def _answer(counted: Runs) -> tuple[Html, Html]:
    found = neighbors(counted)
    deciles, shown = retrieved.deciles(found), retrieved.shown(found)
    listed = (
        tables.precision_table(counted, found)
        + tables.outside_table(counted, found)
        + tables.probe_table(counted)
        + tables.codes_table(counted, found)
        + tables.deciles_table(counted, found, deciles)
        + tables.shown_table(counted, shown)
    )
    return listed, _pictures(counted, shown) + _deciles(counted, found, deciles)


def _pictures(runs: Runs, shown: pd.DataFrame) -> Html:
    first = Runs(runs.profile, runs.complete[:1])
    images = thumbnails(first.complete[0])
    panels = [_panel(space, shown[shown["space"] == space], images) for space in SPACES]
    caption = (
        f"{shown['query'].nunique()} test images, the first of each row, and the "
        f"{shown['rank'].max()} training images nearest to each, nearest first: left in "
        "the last hidden layer, right in pixels, Euclidean. Green frame and ✓: of the "
        f"test image's class. {words.name(first)}. The test images are the first of "
        "one random order of the test split, the same for every run. "
        f"Images: {images.source}."
    )
    data = {"neighbors-shown": shown}
    return figure(panels, caption=words.noted(runs, caption), data=data, runs=first)


def _panel(space: str, shown: pd.DataFrame, images: Thumbnails) -> Panel:
    def draw(ax: Axes) -> None:
        plot(shown, images, ax).set_title(f"nearest in: {SPACES[space]}")

    return Panel(f"neighbors-{space}", style.drawn(draw, SIZE), alternative(shown))


def alternative(shown: pd.DataFrame) -> str:
    """The panel in words: the classes of each row's images."""
    space = SPACES[shown["space"].iloc[0]]
    parts = []
    for _, own in shown.groupby("query", sort=False):
        labels = ", ".join(words.short(label) for label in own["label"])
        query = words.short(own["query_label"].iloc[0])
        parts.append(f"{query}: {labels}")
    return f"Nearest training images in {space} of each test image. {'; '.join(parts)}."


def _deciles(runs: Runs, found: Neighbors, deciles: pd.DataFrame) -> Html:
    def draw(ax: Axes) -> None:
        plot_deciles(deciles, found.chance, ax)

    ends = []
    for space, rows in deciles.groupby("space", sort=False):
        near, far = (rows["share"].iloc[place] for place in (0, -1))
        shares = f"{100 * near.value:.1f} % to {100 * far.value:.1f} %"
        ends.append(f"{SPACES[space]} from {shares}")
    alt = f"Share of the same class by decile of distance: {'; '.join(ends)}."
    panel = Panel("neighbors-deciles", style.drawn(draw), alt)
    caption = tables.deciles_caption(runs, found)
    data = {"neighbors-deciles": retrieved.flat(deciles)}
    return figure([panel], caption=words.noted(runs, caption), data=data, runs=runs)
