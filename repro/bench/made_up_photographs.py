"""JPEG files that cost as much to decode as photographs do."""

from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

CLASSES = 10
WIDTH, HEIGHT = 500, 375  # ILSVRC-2012's median
QUALITY = 90
COARSEST = 4  # pixels of the shorter side; octaves double it
STRENGTH = 40.0  # of the coarsest octave, in grey levels
WEAKER = 0.85  # strength of an octave over that of the one before
TESTED = 10  # one photograph in ten is in val/


def write_photographs(
    folder: Path, count: int, width: int = WIDTH, height: int = HEIGHT
) -> Path:
    """Write train/<class>/*.jpg and val/<class>/*.jpg below `folder` and return it.

    The same count gives the same files.
    """
    numbers = tqdm(range(count), "making photographs", disable=None, leave=False)
    for number in numbers:
        split = "train" if number // CLASSES % TESTED else "val"
        place = folder / split / f"class-{number % CLASSES}"
        place.mkdir(parents=True, exist_ok=True)
        pixels = pink_noise(np.random.default_rng(number), width, height)
        Image.fromarray(pixels).save(place / f"{number:06}.jpg", quality=QUALITY)
    return folder


def pink_noise(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Return uint8 (height, width, 3), a sum of octaves of noise.

    Amplitudes fall with the frequency, as those of photographs do. Colours vary more
    slowly than brightness.
    """
    grey = _octaves(rng, width, height, finest=height)
    colours = [_octaves(rng, width, height, finest=COARSEST * 8) for _ in range(3)]
    total = 128 + grey[..., None] + np.stack(colours, axis=-1) / 2
    return total.clip(0, 255).astype(np.uint8)


def _octaves(
    rng: np.random.Generator, width: int, height: int, *, finest: int
) -> np.ndarray:
    total = np.zeros((height, width), np.float32)
    side, strength = COARSEST, STRENGTH
    while side <= finest:
        coarse = rng.normal(0, strength, (side, side * width // height))
        plane = Image.fromarray(coarse.astype(np.float32))
        enlarged = plane.resize((width, height), Image.Resampling.BILINEAR)
        total += np.asarray(enlarged)
        side, strength = 2 * side, strength * WEAKER
    return total
