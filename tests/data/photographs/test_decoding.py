"""One photograph: every odd kind against Pillow and torchvision, every broken one told."""

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps
from torchvision.transforms import CenterCrop, InterpolationMode, Resize

from repro.data.photographs.decoding import SILENCE, BrokenPhotograph, to_pixels
from tests.made.miniature_sets import encoded, photograph

SIDE = 16
BICUBIC = InterpolationMode.BICUBIC


def smooth(height, width, channels=3, seed=0):
    shape = (4, 5, channels)[: 3 if channels > 1 else 2]
    small = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    image = Image.fromarray(small)
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def reference(image):
    """What torchvision's transforms make of an 8-bit RGB image."""
    return np.asarray(CenterCrop(SIDE)(Resize(SIDE, BICUBIC)(image)))


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    "size",
    [
        *((16, 16), (20, 30), (30, 20), (16, 17), (17, 16), (16, 19), (23, 37)),
        *((5, 9), (9, 5), (3, 100), (331, 500), (1, 1), (1, 64)),
    ],
)
def test_resize_and_crop_agree_with_torchvision(size):
    pixels = smooth(*size)
    content = encoded(pixels, "PNG")
    assert to_pixels(content, SIDE).shape == (SIDE, SIDE, 3)
    np.testing.assert_array_equal(
        to_pixels(content, SIDE), reference(Image.fromarray(pixels))
    )


def test_the_rounding_rule_by_hand():
    """10 x 25 to side 4: longer side 4 * 25 / 10 = 10, offset (10 - 4) / 2 = 3."""
    pixels = smooth(10, 25)
    resized = Image.fromarray(pixels).resize((10, 4), Image.Resampling.BICUBIC)
    expected = np.asarray(resized)[:, 3:7]
    np.testing.assert_array_equal(to_pixels(encoded(pixels, "PNG"), 4), expected)
    # 10 x 19: longer side 7.6, rounded down to 7; offset 1.5, rounded to even: 2
    pixels = smooth(10, 19)
    resized = Image.fromarray(pixels).resize((7, 4), Image.Resampling.BICUBIC)
    expected = np.asarray(resized)[:, 2:6]
    np.testing.assert_array_equal(to_pixels(encoded(pixels, "PNG"), 4), expected)


def test_jpeg_is_decoded_at_full_size_before_resizing():
    content = photograph(0, 300, 200)  # large enough for a decoder's shortcut
    expected = reference(opened(content).convert("RGB"))
    np.testing.assert_array_equal(to_pixels(content, SIDE), expected)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_kinds_of_files_whatever_their_name(kind):
    content = encoded(smooth(20, 30), kind)
    expected = reference(opened(content).convert("RGB"))
    np.testing.assert_array_equal(to_pixels(content, SIDE), expected)


@pytest.mark.parametrize(
    ("image", "kind", "mode"),
    [
        (Image.fromarray(smooth(20, 30, 1)), "JPEG", "L"),
        (Image.fromarray(smooth(20, 30, 1)), "PNG", "L"),
        (Image.fromarray(smooth(20, 30)).quantize(32), "PNG", "P"),
        (Image.fromarray(smooth(20, 30, 1) > 127), "PNG", "1"),
    ],
)
def test_grey_palette_and_black_and_white(image, kind, mode):
    content = encoded(image, kind)
    assert opened(content).mode == mode
    pixels = to_pixels(content, SIDE)
    np.testing.assert_array_equal(pixels, reference(opened(content).convert("RGB")))


def test_cmyk_jpeg():
    rgb = Image.fromarray(smooth(20, 30))
    content = encoded(rgb.convert("CMYK"), quality=98)
    assert opened(content).mode == "CMYK"
    pixels = to_pixels(content, SIDE)
    np.testing.assert_array_equal(pixels, reference(opened(content).convert("RGB")))
    assert np.abs(pixels.astype(int) - reference(rgb)).mean() < 4  # not inverted


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_high_byte(kind):
    grey = np.linspace(0, 65535, SIDE * SIDE).astype(np.uint16).reshape(SIDE, SIDE)
    pixels = to_pixels(encoded(grey, kind), SIDE)
    np.testing.assert_array_equal(pixels[..., 0], grey >> 8)


def sixteen_bit_png(pixels):
    """Pillow does not write 16-bit colour, so by hand: uint16, H x W x 3."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def test_sixteen_bit_colour_keeps_its_high_byte():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 65536, (SIDE, SIDE, 3), dtype=np.uint16)
    np.testing.assert_array_equal(to_pixels(sixteen_bit_png(pixels), SIDE), pixels >> 8)


def test_transparency_is_over_white():
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)  # black
    pixels[:, 8:, 3] = 255  # the right half covers, the left does not
    shown = to_pixels(encoded(pixels, "PNG"), SIDE)
    assert (shown[:, :8] == 255).all()
    assert not shown[:, 8:].any()


def test_a_transparent_palette_colour_is_white():
    image = Image.new("P", (SIDE, SIDE), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    assert (to_pixels(encoded(image, "PNG", transparency=1), SIDE) == 255).all()


UPRIGHT = {  # EXIF orientation: where its definition puts the first row and column
    1: lambda rows: rows,
    2: lambda rows: rows[:, ::-1],
    3: lambda rows: rows[::-1, ::-1],
    4: lambda rows: rows[::-1],
    5: lambda rows: rows.swapaxes(0, 1),
    6: lambda rows: rows[::-1].swapaxes(0, 1),
    7: lambda rows: rows[::-1, ::-1].swapaxes(0, 1),
    8: lambda rows: rows[:, ::-1].swapaxes(0, 1),
    9: lambda rows: rows,  # no orientation
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation(orientation, kind):
    exif = Image.Exif()
    exif[274] = orientation
    image = Image.fromarray(smooth(20, 30))
    stored = np.asarray(opened(encoded(image, kind)).convert("RGB"))
    shown = np.ascontiguousarray(UPRIGHT[orientation](stored))
    pixels = to_pixels(encoded(image, kind, exif=exif), SIDE)
    np.testing.assert_array_equal(pixels, reference(Image.fromarray(shown)))


def with_metadata(jpeg, entries):
    """The JPEG with an EXIF segment of these (tag, type, count, four bytes)."""
    fields = b"".join(struct.pack(">HHI4s", *entry) for entry in entries)
    table = struct.pack(">H", len(entries)) + fields + bytes(4)
    segment = b"Exif\0\0MM\0*\0\0\0\x08" + table
    return (
        jpeg[:2]
        + b"\xff\xe1"
        + struct.pack(">H", len(segment) + 2)
        + segment
        + jpeg[2:]
    )


def test_metadata_that_pillow_cannot_rewrite_does_not_keep_it_from_turning():
    plain = encoded(smooth(20, 30))
    width_as_text = (256, 2, 4, b"wide")
    content = with_metadata(plain, [width_as_text, (274, 3, 1, b"\0\6\0\0")])
    with pytest.raises(struct.error):
        ImageOps.exif_transpose(opened(content))
    shown = opened(plain).transpose(Image.Transpose.ROTATE_270)
    np.testing.assert_array_equal(to_pixels(content, SIDE), reference(shown))


def test_damaged_metadata_does_not_cost_the_photograph():
    plain = encoded(smooth(20, 30))
    content = with_metadata(plain, [(274, 3, 1, bytes(4))])
    cut = content.replace(struct.pack(">H", 1) + b"\x01\x12", b"\xff\xff\x01\x12")
    assert cut != content
    np.testing.assert_array_equal(to_pixels(cut, SIDE), to_pixels(plain, SIDE))


BROKEN = {
    "empty": (b"", "empty"),
    "text": (b"not an image", "not a photograph"),
    "web page": (b"<html>404</html>" * 100, "not a photograph"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not a photograph"),
    "no pixels": (photograph(0)[:100], "Truncated"),
    "half a JPEG": (photograph(0, 200, 300)[:1500], "truncated"),
    "half a PNG": (encoded(smooth(50, 50), "PNG")[:-400], "truncated"),
    "floats": (encoded(Image.new("F", (20, 20)), "TIFF"), "float"),
    "a line": (encoded(Image.new("RGB", (1, 65)), "PNG"), "more than 64 times"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_ones_are_told_on_one_line(name):
    content, words = BROKEN[name]
    with pytest.raises(BrokenPhotograph, match=words) as raised:
        to_pixels(content, SIDE)
    assert "\n" not in str(raised.value)
    assert "0x" not in str(raised.value)  # no address: a reason is the same each time


def test_a_bomb_is_refused_before_it_is_unpacked():
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header
    chunk += struct.pack(">I", zlib.crc32(b"IHDR" + header))
    with pytest.raises(BrokenPhotograph, match="bomb"):
        to_pixels(
            b"\x89PNG\r\n\x1a\n" + chunk + encoded(smooth(9, 9), "PNG")[33:], SIDE
        )


@pytest.mark.parametrize("step", ["Image.open", "ImageOps.exif_transpose"])
def test_lack_of_memory_is_not_a_broken_photograph(step, monkeypatch):
    content = photograph(0)

    def full(*arguments, **options):
        raise MemoryError

    monkeypatch.setattr(f"PIL.{step}", full)
    with pytest.raises(MemoryError):
        to_pixels(content, SIDE)


def test_no_warnings_until_the_last_thread_has_left():
    before = warnings.filters[:]
    for _ in range(2):
        SILENCE.__enter__()
    SILENCE.__exit__(None, None, None)
    warnings.warn("unheard: the other is still inside", stacklevel=1)
    SILENCE.__exit__(None, None, None)
    assert warnings.filters == before
    with pytest.raises(UserWarning, match="heard"):
        warnings.warn("heard", stacklevel=1)
