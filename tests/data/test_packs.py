"""Packs: what is written is what is read, and nothing damaged passes for whole."""

import builtins
import errno
import hashlib
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from repro.data import arrays, packs
from repro.data.packs import (
    PackCorrupt,
    PackMissing,
    open_pack,
    verify_pack,
    write_pack,
)

CLASSES = ("cat", "dog", "ship")
ABOUT = {"classes": CLASSES, "source": "drawn at random", "resize": "none"}


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (7, 4, 5, 3), dtype=np.uint8)


@pytest.fixture
def labels():
    return np.array([0, 1, 1, 0, 2, 1, 1])


@pytest.fixture
def pack(tmp_path, images, labels):
    return write_pack("toy", "train", images, labels, root=tmp_path, **ABOUT)


def left_in(folder):
    return sorted(path.name for path in folder.rglob("*"))


def test_data_root_is_the_environment_variable_else_data(monkeypatch, tmp_path):
    monkeypatch.setenv("REPRO_DATA", str(tmp_path))
    assert packs.data_root() == tmp_path
    monkeypatch.setenv("REPRO_DATA", "")
    assert str(packs.data_root()) == "data"


def test_round_trip(pack, images, labels, monkeypatch):
    monkeypatch.setenv("REPRO_DATA", str(pack.folder.parent.parent))
    again = open_pack("toy", "train")
    np.testing.assert_array_equal(again.images, images)
    np.testing.assert_array_equal(again.labels, labels)
    assert (again.labels.dtype, again.mean.dtype) == (np.int64, np.float32)
    assert again.classes == CLASSES
    verify_pack(again)


def test_images_are_a_read_only_memory_map(pack):
    assert isinstance(pack.images, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        pack.images[0] = 0


def test_manifest_agrees_with_numpy_and_hashlib(tmp_path, images, labels, monkeypatch):
    monkeypatch.setattr(arrays, "CHUNK_BYTES", 2 * images[0].nbytes)  # four chunks
    pack = write_pack("toy", "train", images, labels, root=tmp_path, **ABOUT)
    rgb = images.reshape(-1, 3).astype(float)
    manifest = json.loads((pack.folder / "manifest.json").read_text())
    covariance = np.cov(rgb, rowvar=False, bias=True)
    np.testing.assert_allclose(manifest["rgb_covariance"], covariance, rtol=1e-12)
    np.testing.assert_allclose(manifest["rgb_mean"], rgb.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(pack.mean, images.mean(axis=0), rtol=1e-6)
    assert manifest["images_sha256"] == hashlib.sha256(images.tobytes()).hexdigest()
    assert manifest["labels_sha256"] == hashlib.sha256(labels.tobytes()).hexdigest()
    assert manifest["counts"] == [2, 4, 1]
    assert (manifest["n"], manifest["shape"]) == (7, [7, 4, 5, 3])
    assert (manifest["dataset"], manifest["split"]) == ("toy", "train")
    assert (manifest["source"], manifest["resize"]) == ("drawn at random", "none")
    assert manifest["versions"] == {"numpy": np.__version__}


def test_sums_stay_exact_for_white_images():
    """Uncentred sums would lose the variance in rounding if they were not exact."""
    white = np.full((3, 8, 8, 3), 255, np.uint8)
    sums = arrays.PixelSums(8, 8)
    for _ in range(1000):
        sums.add(white)
    assert not sums.rgb_covariance().any()
    assert (sums.rgb_mean() == 255).all()


def test_the_layout_in_memory_does_not_matter(tmp_path, images, labels):
    fortran = np.asfortranarray(images)
    pack = write_pack("toy", "train", fortran, labels, root=tmp_path, **ABOUT)
    np.testing.assert_array_equal(pack.images, images)
    assert arrays.sha256_of(fortran) == hashlib.sha256(images.tobytes()).hexdigest()


def test_packing_again_replaces(pack, images, labels, tmp_path):
    write_pack("toy", "train", images[:2], labels[:2], root=tmp_path, **ABOUT)
    assert len(open_pack("toy", "train", tmp_path).labels) == 2
    assert left_in(tmp_path / "toy") == sorted(
        ["train", "images.npy", "labels.npy", "mean.npy", "manifest.json"]
    )


def test_others_may_read_a_pack(pack):
    ordinary = pack.folder.parent / "ordinary"
    ordinary.mkdir()
    assert pack.folder.stat().st_mode == ordinary.stat().st_mode


def test_a_missing_pack_names_place_and_next_step(tmp_path):
    with pytest.raises(PackMissing) as raised:
        open_pack("toy", "test", tmp_path)
    message = str(raised.value)
    assert str(tmp_path / "toy" / "test") in message
    assert "`repro data`" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "change",
    [
        {"images": np.zeros((2, 4, 4, 3), np.float32)},
        {"images": np.zeros((2, 4, 4), np.uint8)},
        {"images": np.zeros((0, 4, 4, 3), np.uint8)},
        {"labels": np.array([0, 1, 2])},
        {"labels": np.array([0, 3])},
        {"labels": np.array([-1, 0])},
        {"labels": np.array([0.0, 1.0])},
    ],
)
def test_wrong_arrays_are_refused_before_anything_is_written(change, tmp_path):
    right = {"images": np.zeros((2, 4, 4, 3), np.uint8), "labels": np.array([0, 1])}
    with pytest.raises(ValueError, match="allowed: uint8|images with|from 0 to 2"):
        write_pack("toy", "train", **(right | change), root=tmp_path, **ABOUT)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("name", ["images.npy", "mean.npy", "manifest.json"])
def test_a_failed_write_leaves_the_old_pack_and_nothing_else(
    error, name, pack, images, labels, tmp_path, monkeypatch
):
    before = left_in(tmp_path)

    def open_until(path, *arguments, **keywords):
        if path.name == name and "w" in str(arguments):
            raise error
        return builtins.open(path, *arguments, **keywords)

    for module in (packs, arrays):
        monkeypatch.setattr(module, "open", open_until, raising=False)
    with pytest.raises(type(error)):
        write_pack("toy", "train", images[::-1], labels, root=tmp_path, **ABOUT)
    with pytest.raises(type(error)):
        write_pack("toy", "test", images, labels, root=tmp_path, **ABOUT)
    assert left_in(tmp_path) == before
    verify_pack(open_pack("toy", "train", tmp_path))


def test_a_failure_in_the_middle_of_the_images_leaves_nothing(
    images, labels, tmp_path, monkeypatch
):
    def full_disk(sums, chunk):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(arrays.PixelSums, "add", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_pack("toy", "train", images, labels, root=tmp_path, **ABOUT)
    assert left_in(tmp_path) == ["toy"]


def test_a_killed_process_leaves_nothing_that_looks_whole(images, labels, tmp_path):
    program = f"""
import os, signal
import numpy as np
from repro.data.packs import write_pack
os.rename = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
images, labels = np.zeros((2, 4, 4, 3), np.uint8), np.array([0, 1])
write_pack("toy", "train", images, labels, root={str(tmp_path)!r}, **{ABOUT!r})
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    assert ended.returncode == -signal.SIGKILL
    with pytest.raises(PackMissing):
        open_pack("toy", "train", tmp_path)
    write_pack("toy", "train", images, labels, root=tmp_path, **ABOUT)
    verify_pack(open_pack("toy", "train", tmp_path))


def test_only_old_leftovers_are_removed(images, labels, tmp_path):
    old, new = (tmp_path / "toy" / f".train.partial-{age}" for age in ("old", "new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "images.npy").write_bytes(b"half")
    for path in (old, old / "images.npy"):
        os.utime(path, (0, 0))
    os.utime(new, (0, 0))  # its file is young: another process is writing it
    write_pack("toy", "train", images, labels, root=tmp_path, **ABOUT)
    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize("name", ["images", "labels", "mean"])
def test_one_changed_byte_is_found(name, pack, tmp_path):
    path = pack.folder / f"{name}.npy"
    content = bytearray(path.read_bytes())
    content[128] ^= 1  # the first byte of the array, behind a header of 128
    path.write_bytes(content)
    with pytest.raises(PackCorrupt) as raised:
        verify_pack(open_pack("toy", "train", tmp_path))
    assert "damaged" in str(raised.value)
    assert str(pack.folder) in str(raised.value)


@pytest.mark.parametrize(
    "name", ["images.npy", "labels.npy", "mean.npy", "manifest.json"]
)
@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "rubbish"])
def test_a_damaged_file_is_found_on_opening(name, damage, pack, tmp_path):
    path = pack.folder / name
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        left = {"empty": b"", "truncated": content[:-3], "rubbish": b"\x93rubbish"}
        path.write_bytes(left[damage])
    with pytest.raises(PackCorrupt) as raised:
        open_pack("toy", "train", tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "change",
    [
        *({"n": 8}, {"shape": [7, 5, 4, 3]}, {"counts": [1, 5, 1]}),
        *({"classes": ["cat"]}, {"classes": 3}),
    ],
)
def test_a_manifest_that_contradicts_the_arrays_is_found(change, pack, tmp_path):
    path = pack.folder / "manifest.json"
    path.write_text(json.dumps(pack.manifest | change))
    with pytest.raises(PackCorrupt):
        open_pack("toy", "train", tmp_path)


@pytest.mark.parametrize("content", ["[]", "{}", "null", '{"n": 7}'])
def test_a_manifest_of_another_kind_is_found(content, pack, tmp_path):
    (pack.folder / "manifest.json").write_text(content)
    with pytest.raises(PackCorrupt):
        open_pack("toy", "train", tmp_path)


def test_arrays_of_another_shape_are_found(pack, tmp_path):
    np.save(pack.folder / "mean.npy", np.zeros((3, 3, 3), np.float32))
    with pytest.raises(PackCorrupt, match="mean"):
        open_pack("toy", "train", tmp_path)
