"""Drawings of first-layer kernels and of what is measured on them, each in words too.

Pictures of kernels are scaled and laid out as the released plotting code does
(`shownet.py`): subtract the smallest weight of the layer and divide by the largest of
what is left, so that kernels share their contrast; with --norm-filters every kernel
first gets zero mean and unit variance. 16 kernels a row, black lines one pixel wide.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from analysis.display import style
from analysis.display.sections import Panel
from analysis.statistics.numbers import per_cent
from analysis.topics.kernels import spectra, towers
from analysis.topics.kernels.learned import APART, DENSE, RELEASED, Learned

GPUS = {"GPU 1": style.BLUE, "GPU 2": style.ORANGE}
ONE_TOWER = {"all kernels": style.PURPLE}  # that both halves of the next layer read
RECIPES = {RELEASED: style.BLUE, DENSE: style.GREEN, APART: style.PURPLE}
ACROSS = 16  # kernels in a row
FOLLOWED = 3  # kernels of each half that are drawn by epoch
MARGIN = 1 / 3  # of a kernel, between a picture and its frame, or the next one
WIDTH, TITLE, SNAPSHOTS = 4.4, 0.3, 2.9  # inches: of kernels, heights


def kernels(one: Learned) -> list[Panel]:
    """The run's kernels: trained, standardised, initial, and by epoch."""
    return [
        _kernels(one, one.trained, "learned", "After training"),
        _kernels(one, one.trained, "standardised", "Each standardised", each=True),
        _kernels(one, one.initial, "initial", "Initial values"),
        _snapshots(one),
    ]


def control(one: Learned) -> Panel:
    """The trained kernels of another recipe's run."""
    return _kernels(one, one.trained, one.recipe, one.recipe)


def _kernels(
    one: Learned, kernels: np.ndarray, name: str, title: str, *, each: bool = False
) -> Panel:
    """`kernels` (C, 3, k, k) of a run, the less colourful half above."""

    def draw(ax: Axes) -> None:
        plot_kernels(one, kernels, ax, each=each).set_title(title)

    count, _, side, _ = kernels.shape
    measures = spectra.measure(kernels)
    alt = (
        f"{title}: {count} first-layer kernels of {side} by {side} pixels of "
        f"{_called(one)}; {measures['gabor_like'].sum()} Gabor-like, "
        f"{measures['colour_blob'].sum()} colour blobs, {_low(kernels)} of the "
        "spectral energy below half the Nyquist frequency"
    )
    if one.apart:
        halves = towers.halves(measures["colour_share"][one.order].to_numpy())
        above, below = (per_cent(half.mean()) for half in halves)
        alt += (
            f"; mean colour energy {above} % on GPU 1, above, {below} % on GPU 2, below"
        )
    size = (WIDTH, WIDTH * _aspect(one) + TITLE)
    return Panel(f"kernels-{name}", style.drawn(draw, size), f"{alt}.")


def _snapshots(one: Learned) -> Panel:
    def draw(ax: Axes) -> None:
        plot_snapshots(one, ax).set_title("As training goes")

    alt = (
        f"{2 * FOLLOWED} kernels of {_called(one)}, "
        f"after epochs {', '.join(map(str, one.epochs))}; over all kernels the spectral "
        "energy below half the Nyquist frequency goes from "
        f"{_low(one.by_epoch[0])} to {_low(one.by_epoch[-1])}."
    )
    return Panel("kernels-by-epoch", style.drawn(draw, (WIDTH, SNAPSHOTS)), alt)


def _called(one: Learned) -> str:
    return f"{one.run.name}, seed {one.run.seed}"


def _low(kernels: np.ndarray) -> str:
    shares = spectra.measure(kernels)["low_frequency_share"]  # zeros have none
    return f"{per_cent(shares.mean())} %"


def specialisation(one: Learned, epochs: pd.DataFrame) -> list[Panel]:
    """Three panels: kinds and random gaps of one run, the gaps of all `epochs`."""
    medians, split = one.measures.median(), one.split
    kinds = (
        f"Orientation index and colour energy of {len(one.trained)} kernels, "
        f"{_called(one)}: medians {medians['orientation_index']:.2f} and "
        f"{per_cent(medians['colour_share'])} % after training."
    )
    null = (
        f"Gap of mean colour energy between random halves: the {towers.LIMIT} of "
        f"{towers.DRAWS:,} splits is {per_cent(split.limit)} points; the two halves "
        f"of {_called(one)}: {per_cent(split.gap)} points, p {split.p:.4f}."
    )
    ends = [
        f"{recipe} seed {seed} {row['gap'] / row['limit']:.2f} after epoch "
        f"{row['epoch']:.0f}"
        for (recipe, seed), row in _runs(epochs).last().iterrows()
    ]
    gaps = f"Gap over the {towers.LIMIT} of random splits by epoch: "
    return [
        Panel("kernels-kinds", style.drawn(lambda ax: plot_kinds(one, ax)), kinds),
        Panel("kernels-null", style.drawn(lambda ax: plot_null(one, ax)), null),
        Panel(
            "kernels-gaps",
            style.drawn(lambda ax: plot_gaps(epochs, ax)),
            f"{gaps}{'; '.join(ends)}.",
        ),
    ]


def _runs(epochs: pd.DataFrame):
    return epochs.groupby(["recipe", "seed"], sort=False)


def scaled(kernels: np.ndarray, *, each: bool = False) -> np.ndarray:
    """Weights (N, 3, k, k) as intensities in [0, 1], scaled together.

    With `each`, every kernel is standardised over its own weights before; one whose
    weights are all equal becomes zeros.
    """
    weights = kernels.astype(float)
    if each:
        weights = weights - weights.mean(axis=(1, 2, 3), keepdims=True)
        spread = weights.std(axis=(1, 2, 3), keepdims=True)
        weights = np.divide(weights, spread, where=spread > 0, out=0 * weights)
    weights = weights - weights.min()
    return weights / (weights.max() or 1)


def columns(count: int, most: int = ACROSS) -> int:
    """How many kernels stand in a row: at most `most`, fewer if that fills rows."""
    whole = next(n for n in range(min(count, most), 0, -1) if count % n == 0)
    return whole if 2 * whole >= min(count, most) else most


def mosaic(intensities: np.ndarray, across: int) -> np.ndarray:
    """Pictures (N, 3, k, k) in [0, 1] in rows of `across`: RGBA, (height, width, 4).

    Black lines around each; cells without a kernel are transparent.
    """
    count, _, side, _ = intensities.shape
    rows, cell = -(-count // across), side + 1
    picture = np.zeros((rows * cell + 1, across * cell + 1, 4))
    for index, kernel in enumerate(intensities):
        row, column = divmod(index, across)
        top, left = row * cell, column * cell
        picture[top : top + cell + 1, left : left + cell + 1, 3] = 1
        inside = np.s_[top + 1 : top + cell, left + 1 : left + cell, :3]
        picture[inside] = kernel.transpose(1, 2, 0)
    return picture


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


def _aspect(one: Learned) -> float:
    """Height over width of what plot_kernels draws."""
    halves = 2 if one.apart else 1
    count = len(one.trained) // halves
    across = columns(count)
    rows = -(-count // across)
    return halves * (rows + 2 * MARGIN) / (across + 4 * MARGIN)


def plot_snapshots(one: Learned, ax: Axes) -> Axes:
    """A few kernels of each half by epoch, one row a kernel."""
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
    return GPUS if one.apart else ONE_TOWER


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
    ax.plot(limit, height, c=style.INK, lw=0.9, dashes=(6, 3), label=towers.LIMIT)
    ax.plot(gap, height, c=style.BLUE, lw=2, label="the two halves")
    ax.set(xlabel="gap of mean colour energy, points", ylabel="random splits")
    ax.set_title(f"p = {split.p:.4f}")
    ax.set(xlim=(0, None), ylim=(0, 1.4 * counts.max()))  # room for the legend
    ax.legend(loc="upper right")
    return ax


def plot_gaps(epochs: pd.DataFrame, ax: Axes) -> Axes:
    """Gap over the limit that random splits set, one line a run."""
    labelled = set()
    for (recipe, _), rows in _runs(epochs):
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
    ax.set(xlabel="epoch", ylabel=f"gap / {towers.LIMIT}")
    ax.set_title("Gap as training goes")
    ax.legend()
    return ax


def _ticks(epochs: pd.Series) -> list[int]:
    """The epochs to label: one that the last label would cover has none."""
    last = epochs.max()
    return [mark for mark in sorted(set(epochs)) if mark == last or mark < 0.6 * last]
