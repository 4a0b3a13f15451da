"""The drawings of Figure 3 and of the towers, each with what it shows in words."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.display import style
from analysis.display.sections import Panel
from analysis.topics.kernels import figures, spectra
from analysis.topics.kernels import towers as tower_split
from analysis.topics.kernels.learned import Learned
from analysis.topics.kernels.words import NULL, percent, points

WIDTH = 4.4  # inches, of a drawing of kernels
TITLE = 0.3  # inches
SNAPSHOTS = 2.9  # inches, height


def figure3(one: Learned) -> list[Panel]:
    """The run's kernels: trained, standardised, initial, and by epoch."""
    return [
        mosaic(one, one.trained, "learned", "After training"),
        mosaic(one, one.trained, "standardised", "Each standardised", each=True),
        mosaic(one, one.initial, "initial", "Initial values"),
        _snapshots(one),
    ]


def control(one: Learned) -> Panel:
    """The trained kernels of another recipe's run."""
    return mosaic(one, one.trained, one.recipe, one.recipe)


def towers(one: Learned, epochs: pd.DataFrame) -> list[Panel]:
    """Kinds and null of one run; the gap of all runs in the rows of `epochs`."""
    return [
        _panel("kinds", lambda ax: figures.plot_kinds(one, ax), _kinds_alt(one)),
        _panel("null", lambda ax: figures.plot_null(one, ax), _null_alt(one)),
        _panel("gaps", lambda ax: figures.plot_gaps(epochs, ax), _gaps_alt(epochs)),
    ]


def mosaic(
    one: Learned, kernels: np.ndarray, name: str, title: str, *, each: bool = False
) -> Panel:
    """`kernels` (C, 3, k, k) of a run, the less colourful half above."""

    def draw(ax: Axes) -> None:
        figures.plot_kernels(one, kernels, ax, each=each).set_title(title)

    count, _, side, _ = kernels.shape
    measures = spectra.measure(kernels)
    low = measures["low_frequency_share"].mean()
    alt = (
        f"{title}: {count} first-layer kernels of {side} by {side} pixels of "
        f"{one.run.name}, seed {one.run.seed}; {measures['gabor_like'].sum()} Gabor-like, "
        f"{measures['colour_blob'].sum()} colour blobs, "
        f"{percent(low)} of the spectral energy below half the Nyquist frequency"
    )
    if one.apart:
        halves = tower_split.halves(measures["colour_share"][one.order].to_numpy())
        above, below = (percent(half.mean()) for half in halves)
        alt += f"; mean colour energy {above} on GPU 1, above, {below} on GPU 2, below"
    size = (WIDTH, WIDTH * figures.aspect(one) + TITLE)
    return Panel(f"kernels-{name}", style.drawn(draw, size), f"{alt}.")


def _snapshots(one: Learned) -> Panel:
    def draw(ax: Axes) -> None:
        figures.plot_snapshots(one, ax).set_title("As training goes")

    low = [
        spectra.measure(kernels)["low_frequency_share"].mean()
        for kernels in one.by_epoch
    ]
    epochs = ", ".join(f"{epoch}" for epoch in one.epochs)
    alt = (
        f"{2 * figures.FOLLOWED} kernels of {one.run.name}, seed {one.run.seed}, "
        f"after epochs {epochs}; over all kernels the spectral energy below half the "
        f"Nyquist frequency goes from {percent(low[0])} to "
        f"{percent(low[-1])}."
    )
    return Panel("kernels-by-epoch", style.drawn(draw, (WIDTH, SNAPSHOTS)), alt)


def _panel(name: str, draw: Callable[[Axes], object], alt: str) -> Panel:
    return Panel(f"kernels-{name}", style.drawn(draw), alt)


def _kinds_alt(one: Learned) -> str:
    found = one.measures
    return (
        f"Orientation index and colour energy of {len(found)} kernels, {one.run.name}, "
        f"seed {one.run.seed}: medians {found['orientation_index'].median():.2f} and "
        f"{percent(found['colour_share'].median())} after training."
    )


def _null_alt(one: Learned) -> str:
    split = one.split
    return (
        f"Gap of mean colour energy between random halves: {NULL} of "
        f"{tower_split.DRAWS:,} splits is {points(split.limit)}; the two halves "
        f"of {one.run.name}, seed {one.run.seed}: {points(split.gap)}, "
        f"p {split.p:.4f}."
    )


def _gaps_alt(epochs: pd.DataFrame) -> str:
    last = epochs.groupby(["recipe", "seed"], sort=False).last()
    ends = [
        f"{recipe} seed {seed} {row['gap'] / row['limit']:.2f} after epoch "
        f"{row['epoch']:.0f}"
        for (recipe, seed), row in last.iterrows()
    ]
    return f"Gap over {NULL} of random splits by epoch: {'; '.join(ends)}."
