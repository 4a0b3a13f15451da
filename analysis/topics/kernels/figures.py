"""Drawings of first-layer kernels and of what is measured on them."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from analysis.display import style
from analysis.topics.kernels import spectra, towers
from analysis.topics.kernels.learned import RELEASED, Learned
from analysis.topics.kernels.mosaic import columns, mosaic, scaled

TOWERS = {"GPU 1": style.BLUE, "GPU 2": style.ORANGE}
ONE_TOWER = style.PURPLE  # of kernels that both halves of the next layer read
RECIPES = {RELEASED: style.BLUE, "R-dense": style.GREEN, "R-nocomm": style.PURPLE}
FOLLOWED = 3  # kernels of each half that are drawn by epoch
MARGIN = 1 / 3  # of a kernel, between a picture and its frame, or the next one


def plot_kernels(
    one: Learned, kernels: np.ndarray, ax: Axes, *, each: bool = False
) -> Axes:
    """`kernels` (C, 3, k, k) of a run: GPU 1 framed above GPU 2, or all in one frame."""
    blocks = np.array_split(kernels[one.order], 2) if one.apart else [kernels]
    across = columns(len(blocks[0]))
    pictures = [mosaic(scaled(block, each=each), across) for block in blocks]
    cell = kernels.shape[-1] + 1
    _stack(pictures, _frames(one), MARGIN * cell, ax)
    ax.axis("off")
    return ax


def aspect(one: Learned) -> float:
    """Height over width of what plot_kernels draws."""
    halves = 2 if one.apart else 1
    count = len(one.trained) // halves
    across = columns(count)
    rows = -(-count // across)
    return halves * (rows + 2 * MARGIN) / (across + 4 * MARGIN)


def plot_snapshots(one: Learned, ax: Axes) -> Axes:
    """A few kernels of each half, a row each, by epoch; evenly spaced in the half."""
    blocks = []
    for half in np.array_split(one.order, 2):
        rows = half[np.linspace(0, len(half) - 1, FOLLOWED).round().astype(int)]
        blocks.append(one.by_epoch[:, rows].swapaxes(0, 1))
    blocks = blocks if one.apart else [np.concatenate(blocks)]
    across, side = len(one.epochs), one.trained.shape[-1]
    cell = side + 1
    pictures = [
        mosaic(scaled(block.reshape(-1, 3, side, side), each=True), across)
        for block in blocks
    ]
    _stack(pictures, _frames(one), MARGIN * cell, ax)
    centres = (np.arange(across) + 0.5) * cell
    ax.set_xticks(centres, [f"{epoch}" for epoch in one.epochs])
    ax.set_yticks([])
    ax.set_xlabel("epoch")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    return ax


def _frames(one: Learned) -> dict[str, str]:
    if not one.apart:
        return {"all kernels": ONE_TOWER}
    return TOWERS


def _stack(
    pictures: list[np.ndarray], frames: dict[str, str], margin: float, ax: Axes
) -> None:
    """Pictures below each other in one scale, each in a frame with its name beside."""
    top = 0
    for picture, (name, colour) in zip(pictures, frames.items(), strict=True):
        height, width, _ = picture.shape
        place = (0, width, top + height, top)
        ax.imshow(picture, extent=place, interpolation="none", zorder=2)
        box = {"fill": False, "edgecolor": colour, "linewidth": 2, "clip_on": False}
        corner = (-margin / 2, top - margin / 2)
        ax.add_patch(Rectangle(corner, width + margin, height + margin, **box))
        text = {"rotation": 90, "ha": "right", "va": "center", "color": colour}
        ax.text(-margin, top + height / 2, name, **text)
        top += height + 2 * margin
    ax.set(xlim=(-margin, width + margin), ylim=(top - margin, -margin), aspect="equal")


def plot_kinds(one: Learned, ax: Axes) -> Axes:
    """Each kernel by orientation index and colour energy, trained and initial."""
    if one.initial is not None:
        start = spectra.measure(one.initial)
        x, y = start["orientation_index"], start["colour_share"]
        ax.plot(
            x, y, "x", ms=3, mew=0.7, c=style.INK, alpha=0.5, label="initial values"
        )
    halves = np.array_split(one.order, 2) if one.apart else [one.order]
    marks = ("o", "^")
    for half, (name, colour), mark in zip(halves, _frames(one).items(), marks):
        rows = one.measures.iloc[half]
        x, y = rows["orientation_index"], rows["colour_share"]
        marked = {"ms": 4, "mec": colour, "mfc": "none", "clip_on": False}
        ax.plot(x, y, mark, **marked, label=name)
    ax.axvline(spectra.ORIENTED, c=style.INK, lw=0.9, dashes=(6, 3))
    ax.axhline(spectra.SHARE, c=style.INK, lw=0.9, dashes=(6, 3))
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="orientation index", ylabel="colour energy")
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.set_title("Kernels; dashed: our thresholds")
    ax.legend()
    return ax


def plot_null(one: Learned, ax: Axes) -> Axes:
    """The run's gap beside those of random splits, in percentage points."""
    values = one.measures["colour_share"].to_numpy()
    gaps = towers.random_gaps(values)
    split = one.split
    counts, *_ = ax.hist(100 * gaps, bins=40, color=style.FAINT, label="random splits")
    height = [0, counts.max()]
    limit, gap = ([100 * each] * 2 for each in (split.limit, split.gap))
    ax.plot(limit, height, c=style.INK, lw=0.9, dashes=(6, 3), label=_percentile())
    ax.plot(gap, height, c=style.BLUE, lw=2, label="the two halves")
    ax.set(xlabel="gap of mean colour energy, points", ylabel="random splits")
    ax.set_title(f"p = {split.p:.4f}")
    ax.set(xlim=(0, None), ylim=(0, 1.4 * counts.max()))  # room for the legend
    ax.legend(loc="upper right")
    return ax


def plot_gaps(epochs: pd.DataFrame, ax: Axes) -> Axes:
    """Gap over the percentile of its random splits, a line a run."""
    labelled = set()
    for (recipe, _), rows in epochs.groupby(["recipe", "seed"], sort=False):
        label = None if recipe in labelled else recipe
        labelled.add(recipe)
        ratio = rows["gap"] / rows["limit"]
        marked = {"marker": "o", "ms": 3, "c": RECIPES[recipe], "label": label}
        ax.plot(rows["epoch"], ratio, **marked)
    ax.axhline(1, c=style.INK, lw=0.9, dashes=(6, 3))
    ax.set_xscale("symlog", base=2, linthresh=1)
    marks = _ticks(epochs["epoch"])
    ax.set_xticks(marks, [f"{mark}" for mark in marks])
    ax.set_xticks([], minor=True)
    ax.set(xlim=(-0.2, 1.2 * max(marks)), ylim=(0, None))
    ax.set(xlabel="epoch", ylabel=f"gap / {_percentile()}")
    ax.set_title("Gap as training goes")
    ax.legend()
    return ax


def _ticks(epochs: pd.Series) -> list[int]:
    """The epochs, but those that the last one would be drawn over."""
    last = epochs.max()
    return [mark for mark in sorted(set(epochs)) if mark == last or mark < 0.6 * last]


def _percentile() -> str:
    return f"{100 * towers.PERCENTILE:.0f}th percentile"
