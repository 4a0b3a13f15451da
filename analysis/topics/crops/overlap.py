"""How many crops one image has and how much they have in common (section 4.1)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from analysis.display.sections import Html, table
from analysis.evidence import exported
from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Run, Runs
from analysis.evidence.thumbnails import thumbnails
from analysis.statistics.estimates import Estimate, over_seeds

FILE = "examples.npz"
SIZES = (
    (256, 224),
    (64, 56),
    (32, 28),
    (32, 24),
)  # side and crop, in pixels; the paper's first
VIEWS = 8  # drawn of each image


@dataclass(frozen=True)
class Similarity:
    """Mean correlation of two views of one image, and of two images; their difference."""

    same: float
    other: float
    difference: Estimate  # Student's t over the images


def different_crops(side: int, size: int) -> int:
    """Different `size` x `size` crops of one `side` x `side` image, mirrored ones too.

    At every offset from 0 to `side` - `size`. No two pixels of the image are equal, so
    that two crops are the same exactly where both of their upper corners are. Raises
    ValueError where the crop is larger than the image.
    """
    image = np.arange(side * side).reshape(side, side)
    windows = sliding_window_view(image, (size, size))
    corners = windows[..., 0, [0, -1]].reshape(-1, 2)
    return len(np.unique(np.concatenate([corners, corners[:, ::-1]]), axis=0))


def sizes() -> pd.DataFrame:
    """The arithmetic of crops, one row for each side and crop; shares are of pixels."""
    rows = []
    for side, size in SIZES:
        offsets = side - size + 1
        apart = (offsets**2 - 1) / (3 * offsets)  # of two offsets, on average
        rows.append(
            {
                "side": side,
                "crop": size,
                "different": different_crops(side, size),
                "as_printed": different_crops(side - 1, size),
                "in_all": (max(0, 2 * size - side) / size) ** 2,
                "in_two": ((size - apart) / size) ** 2,
            }
        )
    return pd.DataFrame(rows)


def sizes_table() -> Html:
    """The arithmetic of crops as a reader sees it."""
    rows = [
        {
            "Image": f"{row.side} × {row.side}",
            "Crop": f"{row.crop} × {row.crop}",
            "Different crops": f"{row.different:,}",
            "Counted as the paper": f"{row.as_printed:,}",
            "In every crop": f"{100 * row.in_all:.1f} %",
            "In two crops": f"{100 * row.in_two:.1f} %",
        }
        for row in sizes().itertuples()
    ]
    caption = (
        "Crops of one image, mirrored ones too: all that differ, and one offset fewer "
        "each way, as the paper counts; pixels of a crop that every other has, and that "
        "a second one at random has on average"
    )
    return table(pd.DataFrame(rows), caption=caption)


def chosen(runs: Runs) -> Runs:
    """The run of R0 whose images are shown: one, of the lowest seed."""
    found = exported.chosen(runs.named(RELEASED), [FILE])
    return Runs(found.profile, found.complete[:1])


def crop(run: Run, side: int) -> int:
    """Pixels of its crop in a picture of this side."""
    return round(side * run.record["recipe"]["augmentation"]["crop_share"])


def views(image: np.ndarray, size: int, seed: int) -> np.ndarray:
    """(VIEWS, size, size, 3) of (H, W, 3): each at a random offset, mirrored or not."""
    generator = np.random.default_rng(seed)
    limits = [n - size + 1 for n in image.shape[:2]]
    corners = generator.integers(0, limits, (VIEWS, 2))
    found = [image[y : y + size, x : x + size] for y, x in corners]
    mirrored = generator.random(VIEWS) < 0.5
    pairs = zip(found, mirrored, strict=True)
    return np.stack([view[:, ::-1] if flip else view for view, flip in pairs])


def correlations(images: list[np.ndarray], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pearson's r of the pixels of two views, (N,) each: of one image, and of two.

    Averaged over the views of an image, and over the other images. Each colour of a
    pixel is a value of its own.
    """
    every = [views(image, size, seed) for seed, image in enumerate(images)]
    flat = np.stack(every).reshape(len(images) * VIEWS, -1).astype(float)
    flat -= flat.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(flat, axis=1, keepdims=True)
    flat = np.divide(flat, norms, where=norms > 0, out=np.zeros_like(flat))
    blocks = (flat @ flat.T).reshape(len(images), VIEWS, len(images), VIEWS)
    own = np.arange(len(images))
    pairs = blocks.transpose(0, 2, 1, 3)  # image, image, view, view
    with_itself = pairs[own, own]
    same = with_itself.sum(axis=(1, 2)) - with_itself.trace(axis1=1, axis2=2)
    mean = pairs.mean(axis=(2, 3))
    other = (mean.sum(axis=1) - mean[own, own]) / (len(images) - 1)
    return same / (VIEWS * (VIEWS - 1)), other


def drawn(run: Run) -> list[np.ndarray]:
    """The test images of examples.npz: those drawn, without what was retrieved."""
    known = thumbnails(run)
    return [image for (split, _), image in known.images.items() if split == "test"]


def similarity(run: Run) -> Similarity | None:
    """How alike views of the images in examples.npz are; None with fewer than two."""
    images = drawn(run)
    if len(images) < 2:
        return None
    same, other = correlations(images, crop(run, images[0].shape[0]))
    difference = over_seeds(same - other, images=len(images))
    return Similarity(float(same.mean()), float(other.mean()), difference)
