"""One photograph, whatever its kind, to a square of RGB pixels as in section 2.

Knows nothing about files or data sets; needs numpy and Pillow only.
"""

import io
import threading
import warnings

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError, features

# No others: Pillow would hand a disguised PostScript file to an interpreter.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
LONGEST = 64  # times the shorter side; a line of pixels would fill the memory
TRANSPOSED = {  # EXIF orientation: what brings the photograph upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class BrokenPhotograph(Exception):
    """These bytes do not give a photograph; the text says why, on one line."""

    def __init__(self, reason: object):
        super().__init__(" ".join(str(reason).split()))


class Silence:
    """No warnings while any thread is inside.

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
    """What `to_pixels` does, for the manifest."""
    return (
        "EXIF orientation applied; 8-bit RGB, transparency over white; "
        f"shorter side to {side} pixels with Pillow's Resampling.BICUBIC (antialiased, "
        "small ones enlarged), longer side rounded down; centre square, "
        "its offset rounded half to even"
    )


def decoder_versions() -> dict[str, str]:
    """Version of the library inside Pillow that decides the pixels of a JPEG."""
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
            square = centre_square(to_rgb(upright(photograph)), side)
            return np.asarray(square)
    except (BrokenPhotograph, MemoryError):
        raise
    except UnidentifiedImageError as error:  # its text has a memory address
        kinds = ", ".join(FORMATS)
        raise BrokenPhotograph(f"not a photograph ({kinds})") from error
    except Exception as error:  # a damaged file can raise nearly anything
        raise BrokenPhotograph(f"{type(error).__name__}: {error}") from error


def upright(photograph: Image.Image) -> Image.Image:
    """Turn it as its EXIF orientation says."""
    try:
        orientation = photograph.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - odd metadata is no reason to lose a photograph
        return photograph
    transposed = TRANSPOSED.get(orientation)
    return photograph if transposed is None else photograph.transpose(transposed)


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

    Same rounding as torchvision's Resize and CenterCrop, so the pixels are the same.
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
