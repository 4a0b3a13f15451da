"""Photographs, whatever their kind, to squares of RGB pixels as in section 2.

Several threads decode and hand over in order; their number does not change the result.
Pillow and NumPy decode, resize and sum without Python's lock; processes would have to
be started, and to send every pixel.
"""

import io
import threading
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError, features

from repro.data.arrays import PixelSums
from repro.data.photographs.archives import DamagedEntry, File
from repro.data.photographs.source_files import read

# No others: Pillow would hand a disguised PostScript file to an interpreter.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
LONGEST = 64  # times the shorter side; a line of pixels would fill the memory


class BrokenPhotograph(Exception):
    """These bytes do not give a photograph; the text says why, on one line."""

    def __init__(self, reason: object):
        super().__init__(" ".join(str(reason).split()))


class Silence:
    """A context without warnings while any thread is inside.

    warnings.catch_warnings alone would bring them back for all when the first leaves.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._caught = warnings.catch_warnings()
                self._caught.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *reason: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._caught.__exit__(*reason)


SILENCE = Silence()


def resize_rule(side: int) -> str:
    """Say what `to_pixels` does, for the manifest."""
    return (
        "EXIF orientation applied; 8-bit RGB, transparency over white; "
        f"shorter side to {side} pixels with Pillow's Resampling.BICUBIC (antialiased, "
        "small ones enlarged), longer side rounded down; centre square, "
        "its offset rounded half to even"
    )


def decoder_versions() -> dict[str, str]:
    """Return the version of the library in Pillow that decides a JPEG's pixels."""
    version = features.version("libjpeg_turbo")
    return {"libjpeg_turbo": version} if version else {}


def to_pixels(content: bytes, side: int) -> np.ndarray:
    """Decode a photograph to uint8 side x side x 3 (section 2: shorter side, centre).

    Raises BrokenPhotograph for what is truncated, empty or no photograph. A JPEG that
    is damaged but complete decodes with wrong pixels: no decoder reports those.
    """
    if not content:
        raise BrokenPhotograph("empty file")
    try:
        with (
            SILENCE,  # about odd metadata: pixels matter
            Image.open(io.BytesIO(content), formats=FORMATS) as photograph,
        ):
            photograph.load()
            turn_upright(photograph)
            return np.asarray(centre_square(to_rgb(photograph), side))
    except (BrokenPhotograph, MemoryError):
        raise
    except UnidentifiedImageError as error:  # its text has a memory address
        kinds = ", ".join(FORMATS)
        raise BrokenPhotograph(f"not a photograph ({kinds})") from error
    except Exception as error:  # a damaged file can raise nearly anything
        raise BrokenPhotograph(f"{type(error).__name__}: {error}") from error


def turn_upright(photograph: Image.Image) -> None:
    """Turn the photograph in place, as its EXIF orientation says.

    Pillow turns the pixels first and then rewrites the metadata, which can fail.
    """
    try:
        ImageOps.exif_transpose(photograph, in_place=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001, S110 - odd metadata costs no photograph
        pass


def to_rgb(photograph: Image.Image) -> Image.Image:
    """Convert grey, palette, CMYK, 16-bit and transparent images to 8-bit RGB."""
    if photograph.mode.startswith("I"):  # 16 bits: Pillow's own conversion would clip
        grey = np.clip(np.asarray(photograph), 0, 65535) >> 8
        photograph = Image.fromarray(grey.astype(np.uint8))
    if photograph.mode == "F":
        raise BrokenPhotograph("float pixels, whose white is unknown")
    if photograph.has_transparency_data:
        photograph = photograph.convert("RGBA")
        white = Image.new("RGBA", photograph.size, "white")  # as on a page
        photograph = Image.alpha_composite(white, photograph)
    return photograph if photograph.mode == "RGB" else photograph.convert("RGB")


def centre_square(photograph: Image.Image, side: int) -> Image.Image:
    """Resize the shorter side to `side`, crop the centre square.

    It rounds as torchvision's Resize and CenterCrop do, so the pixels are the same.
    """
    width, height = photograph.size
    shorter, longer = sorted(photograph.size)
    if longer > LONGEST * shorter:
        raise BrokenPhotograph(
            f"{width} x {height} pixels: one side is more than {LONGEST} times the other"
        )
    new_longer = side * longer // shorter
    new_size = (side, new_longer) if width <= height else (new_longer, side)
    resized = photograph.resize(new_size, Image.Resampling.BICUBIC)
    left, top = (round((length - side) / 2) for length in new_size)
    return resized.crop((left, top, left + side, top + side))


class Decoded(NamedTuple):
    """A chunk of photographs as pixels, with what can be summed up beside them."""

    images: np.ndarray  # uint8, N x side x side x 3, of those that are whole
    broken: list[tuple[int, str]]  # position in the chunk, reason
    sums: PixelSums


def decode(files: list[File], side: int) -> Decoded:
    """Read and decode one chunk. Raises SourceUnusable where a file cannot be read."""
    images = np.empty((len(files), side, side, 3), np.uint8)
    broken, sums = [], PixelSums(side, side)
    for position, file in enumerate(files):
        try:
            pixels = to_pixels(read(file), side)
        except (BrokenPhotograph, DamagedEntry) as error:
            broken.append((position, str(error)))
        else:
            images[sums.num_images] = pixels
            sums.add(pixels[None])
    return Decoded(images[: sums.num_images], broken, sums)


def decode_all(
    chunks: Iterable[list[File]], side: int, workers: int
) -> Iterator[Decoded]:
    """Decode chunk after chunk, by `workers` threads, at most twice as many ahead.

    Raises what `decode` raises.
    """
    if workers == 1:
        yield from (decode(chunk, side) for chunk in chunks)
        return
    pool = ThreadPoolExecutor(workers)
    ahead = deque()
    try:
        for chunk in chunks:
            ahead.append(pool.submit(decode, chunk, side))
            if len(ahead) > 2 * workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
