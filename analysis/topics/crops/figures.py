"""The crops of one image drawn: where they lie, and views as training draws them."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.display import style, words
from analysis.display.sections import Html, Panel, figure
from analysis.evidence.runs import Runs
from analysis.evidence.thumbnails import Thumbnails, thumbnails
from analysis.topics.crops.overlap import VIEWS, chosen, crop, sizes, views

ACROSS = 4  # views in a row


def of_one_image(runs: Runs) -> Html:
    """One image with its outermost crops, and views as training draws them."""
    used = chosen(runs)
    caption = "Crops of one image."
    if not used.complete:
        return figure([], caption=caption, data={}, runs=used)
    known = thumbnails(used.complete[0])
    image = known.image("test", known.shown[0])
    size = crop(used.complete[0], image.shape[0])
    caption = (
        f"{caption} {words.name(used)}, test split: crops of {size} of "
        f"{image.shape[0]} pixels at the four corners and the centre (left), and "
        f"{VIEWS} views as training draws them. Image: {known.source}."
    )
    return figure(
        list(_panels(known, image, size)),
        caption=words.noted(runs, caption),
        data={"crop-sizes": sizes()},
        runs=used,
    )


def _panels(known: Thumbnails, image: np.ndarray, size: int) -> Iterator[Panel]:
    name = words.short(known.classes["test", known.shown[0]])
    outlines = style.drawn(lambda ax: plot_outlines(image, size, ax))
    alt = (
        f"A test image, {name}, with the outlines of five crops of {size} of "
        f"{image.shape[0]} pixels: they share most of it."
    )
    yield Panel("crops-outlines", outlines, alt)
    alt = f"{VIEWS} crops of the same image, some mirrored: all look alike."
    drawn = style.drawn(lambda ax: plot_views(views(image, size, 0), ax))
    yield Panel("crops-views", drawn, alt)


def plot_outlines(image: np.ndarray, size: int, ax: Axes) -> Axes:
    """The image, and where its corner crops and the centre one lie."""
    side = image.shape[0]
    ax.imshow(image, extent=(0, side, side, 0), interpolation="nearest")
    far = side - size
    corners = {style.BLUE: (0, 0), style.ORANGE: (far, 0), style.GREEN: (0, far)}
    corners |= {style.PURPLE: (far, far), style.PAPER: (far / 2, far / 2)}
    for colour, corner in corners.items():
        ax.add_patch(Rectangle(corner, size, size, fill=False, ec=colour, lw=2))
    ax.set(title=f"{size} of {side} pixels")
    ax.axis("off")
    return ax


def plot_views(found: np.ndarray, ax: Axes) -> Axes:
    """The views in rows of ACROSS, a line of one pixel between them."""
    size = found.shape[1]
    rows = -(-len(found) // ACROSS)
    picture = np.zeros((rows * (size + 1) - 1, ACROSS * (size + 1) - 1, 4), np.uint8)
    for place, view in enumerate(found):
        top, left = (n * (size + 1) for n in divmod(place, ACROSS))
        picture[top : top + size, left : left + size, :3] = view
        picture[top : top + size, left : left + size, 3] = 255
    ax.imshow(picture, interpolation="nearest")
    ax.set(title=f"{len(found)} views of it")
    ax.axis("off")
    return ax
