"""images.npy while it grows: whatever was cut off, the end is the same."""

import json

import numpy as np
import pytest

from repro.data.arrays import PixelSums, sha256_of
from repro.data.photographs.decoding import Decoded
from repro.data.photographs.growing_images import GrowingImages

SIDE = 4
CHUNKS = 5


def chunk(number):
    """Three images, and from the second chunk on a broken one between them."""
    rng = np.random.default_rng(number)
    images = rng.integers(0, 256, (3, SIDE, SIDE, 3), dtype=np.uint8)
    sums = PixelSums(SIDE, SIDE)
    sums.add(images)
    broken = [(1, f"reason, with \n in {number}")] if number else []
    return Decoded(images, broken, sums)


def grow(folder, chunks=CHUNKS):
    """Go on from what is in `folder`; return what a finished one knows."""
    with GrowingImages(folder, SIDE) as growing:
        start = growing.num_decided
        assert start in [3, 7, 11, 15, 19] or start == 0
        for number in range(0 if start == 0 else (start + 1) // 4, chunks):
            growing.append(chunk(number))
        sha256 = growing.finish()
        return sha256, growing.broken, growing.num_decided, vars(growing.sums)


@pytest.fixture
def expected(tmp_path):
    return grow(tmp_path / "expected")


def assert_same(found, expected):
    assert found[:3] == expected[:3]
    for name, value in expected[3].items():
        np.testing.assert_array_equal(found[3][name], value)


def test_what_is_appended_is_in_the_file(tmp_path):
    sha256, broken, decided, sums = grow(tmp_path / "g")
    images = np.load(tmp_path / "g/images.npy", mmap_mode="r")
    whole = np.concatenate([chunk(number).images for number in range(CHUNKS)])
    np.testing.assert_array_equal(images, whole)
    assert sha256 == sha256_of(images)
    assert [position for position, _ in broken] == [4, 8, 12, 16]
    assert decided == 19
    np.testing.assert_array_equal(sums["pixels"], whole.sum(axis=0))


@pytest.mark.parametrize("done", range(CHUNKS + 1))
def test_going_on_gives_the_same(done, tmp_path, expected):
    grow(tmp_path / "g", done)
    assert_same(grow(tmp_path / "g"), expected)


@pytest.mark.parametrize("every", [1, 2, 3])
def test_going_on_from_a_snapshot_of_the_sums(every, tmp_path, expected, monkeypatch):
    monkeypatch.setattr(
        "repro.data.photographs.growing_images.CHUNKS_PER_SNAPSHOT", every
    )
    grow(tmp_path / "g", 4)
    assert (tmp_path / "g.sums.npz").exists()
    counted = []
    add = PixelSums.add
    monkeypatch.setattr(PixelSums, "add", lambda *a: counted.append(1) or add(*a))
    with GrowingImages(tmp_path / "g", SIDE):
        assert len(counted) == 3 * (4 % every)
    assert_same(grow(tmp_path / "g"), expected)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x05\x06" + bytes(18)])
def test_a_damaged_snapshot_does_not_matter(content, tmp_path, expected):
    grow(tmp_path / "g", 4)
    (tmp_path / "g.sums.npz").write_bytes(content)
    assert_same(grow(tmp_path / "g"), expected)


def test_a_snapshot_that_is_ahead_of_the_journal_does_not_matter(
    tmp_path, expected, monkeypatch
):
    monkeypatch.setattr("repro.data.photographs.growing_images.CHUNKS_PER_SNAPSHOT", 4)
    grow(tmp_path / "g", 4)
    journal = tmp_path / "g.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:2]))
    assert_same(grow(tmp_path / "g"), expected)


@pytest.mark.parametrize("cut", [1, 20, 48 * 3, 48 * 3 + 1, 48 * 9, 48 * 12])
def test_lost_pixels_are_decided_again(cut, tmp_path, expected):
    grow(tmp_path / "g", 4)
    path = tmp_path / "g/images.npy"
    path.write_bytes(path.read_bytes()[:-cut])
    assert_same(grow(tmp_path / "g"), expected)


@pytest.mark.parametrize("cut", [1, 30, 150, 400])
def test_a_cut_journal_is_decided_again(cut, tmp_path, expected):
    grow(tmp_path / "g", 4)
    path = tmp_path / "g.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    assert_same(grow(tmp_path / "g"), expected)


@pytest.mark.parametrize("line", [b"[]\n", b"{}\n", b"\0\0\0\n", b"3\n", b"\xff\n"])
def test_rubbish_in_the_journal_is_dropped(line, tmp_path, expected):
    grow(tmp_path / "g", 3)
    with open(tmp_path / "g.jsonl", "ab") as journal:
        journal.write(line)
    assert_same(grow(tmp_path / "g"), expected)


def test_changed_pixels_are_decided_again(tmp_path, expected):
    """A disk that lost power may have the journal's line, but not the pixels."""
    grow(tmp_path / "g", 4)
    path = tmp_path / "g/images.npy"
    content = bytearray(path.read_bytes())
    content[128 + 48 * 4] ^= 1  # in the second chunk
    path.write_bytes(content)
    with GrowingImages(tmp_path / "g", SIDE) as growing:
        assert growing.num_decided == 3
    assert_same(grow(tmp_path / "g"), expected)


def test_the_journal_is_readable(tmp_path):
    grow(tmp_path / "g", 2)
    lines = (tmp_path / "g.jsonl").read_text().splitlines()
    assert json.loads(lines[1])["broken"] == [[1, "reason, with \n in 1"]]
