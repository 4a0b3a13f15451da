"""Figure 4, left: test images and the five labels that the network gives them."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.display import holes, style, words
from analysis.display.sections import Html, Panel, Section, figure
from analysis.evidence.answers import PAPER_VIEWS, SPLIT
from analysis.evidence.runs import Runs
from analysis.evidence.thumbnails import Thumbnails, thumbnails
from analysis.topics.predictions import numbers, tables
from analysis.topics.predictions.measured import measured

__all__ = ["measured", "section"]

COLUMNS, ROWS = 2, 2  # of a panel: two panels are the paper's 4 x 2, stacked on a phone
SIZE = (3.6, 5.2)  # inches
TRUE, OTHER = style.ORANGE, style.BLUE


def plot(labels: pd.DataFrame, images: Thumbnails, ax: Axes) -> Axes:
    """Draw at most four images above their labels, with a bar for each probability."""
    ax.set_axis_off()
    for number, (row, own) in enumerate(labels.groupby("image", sort=False)):
        down, across = divmod(number, COLUMNS)
        left, bottom = 0.53 * across, 1 - (down + 1) / ROWS
        picture = ax.inset_axes([left, bottom + 0.25, 0.47, 0.2])
        picture.imshow(images.image(SPLIT, row), interpolation="none")
        picture.set_anchor("W")
        picture.set_axis_off()
        true = words.short(own["true_label"].iloc[0])
        picture.set_title(true, fontweight="bold", fontsize=8, pad=3, x=0)
        bars(own, ax.inset_axes([left, bottom, 0.47, 0.24]))
    return ax


def bars(labels: pd.DataFrame, ax: Axes) -> Axes:
    """Draw one image's labels above bars from 0 to 1, the true one bold and ticked."""
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(5, 0))
    for row in labels.itertuples():
        top, tick = row.rank - 1, "✓ " if row.right else ""
        font = {"fontsize": 7.5, "fontweight": "bold" if row.right else "normal"}
        text = tick + words.short(row.label, 20 - 3 * row.right)
        ax.text(0, top + 0.4, text, va="center", **font)
        ax.text(1, top + 0.4, _share(row.probability), va="center", ha="right", **font)
        for width, colour in ((1, style.FAINT), (row.probability, _colour(row.right))):
            ax.add_patch(Rectangle((0, top + 0.7), width, 0.2, fc=colour, ec="none"))
    return ax


def _share(probability: float) -> str:
    whole = f"{100 * probability:.0f}"
    return "<1 %" if whole == "0" else f"{whole} %"


def _colour(right: bool) -> str:
    return TRUE if right else OTHER


def section(runs: Runs) -> Section:
    """The tables and the figure of predictions."""
    return holes.answered(
        runs,
        numbers.FILES,
        _answer,
        caption="Eight test images with their five most probable labels.",
    )


def _answer(counted: Runs) -> tuple[Html, Html]:
    listed = tables.errors_table(counted) + tables.agreement_table(counted)
    return listed + tables.shifts_table(counted), _figure(counted)


def _figure(runs: Runs) -> Html:
    run = runs.complete[0]
    images = thumbnails(run)
    labels = numbers.shown(run, images)
    rows = labels["image"].unique()
    step = COLUMNS * ROWS
    panels = [
        _panel(f"predictions-{start // step + 1}", shown, images)
        for start in range(0, len(rows), step)
        for shown in [labels[labels["image"].isin(rows[start : start + step])]]
    ]
    first = Runs(runs.profile, (run,))
    caption = (
        f"{len(rows)} test images, the true label above each, and their most probable "
        "labels with their probabilities; a full bar is 100 %. Orange, bold and ✓: the "
        f"true label. {words.name(first)}, test split, {PAPER_VIEWS} views. The images are "
        f"the first {len(rows)} of one random order of the split, the same for every "
        f"run. Images: {images.source}."
    )
    data = {"predictions-labels": labels}
    return figure(panels, caption=words.noted(runs, caption), data=data, runs=first)


def _panel(name: str, labels: pd.DataFrame, images: Thumbnails) -> Panel:
    def draw(ax: Axes) -> None:
        plot(labels, images, ax)

    return Panel(name, style.drawn(draw, SIZE), alternative(labels))


def alternative(labels: pd.DataFrame) -> str:
    """The panel in words: each image's labels with their probabilities."""
    parts = []
    for _, own in labels.groupby("image", sort=False):
        each = [
            f"{words.short(row.label)} {_share(row.probability)}"
            + " (true)" * row.right
            for row in own.itertuples()
        ]
        true = words.short(own["true_label"].iloc[0])
        parts.append(f"Test image of {true}: {', '.join(each)}.")
    return " ".join(parts)
