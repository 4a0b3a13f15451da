"""A packed data set that looks like the smoke profile's, small and learnable."""

from pathlib import Path

import numpy as np

from repro.data.packs import write_pack

CLASSES = tuple(f"class {k}" for k in range(10))


def write_tiny_data(root: Path, images: int = 260) -> None:
    """`images` training images whose brightness tells their class."""
    rng = np.random.default_rng(0)
    labels = np.arange(images) % 10
    noise = rng.integers(0, 30, size=(images, 32, 32, 3))
    pixels = (noise + 20 * labels[:, None, None, None]).astype(np.uint8)
    write_pack(
        "cifar10-subset",
        "train",
        pixels,
        labels,
        classes=CLASSES,
        source="made for tests",
        resize="none",
        root=root,
    )
