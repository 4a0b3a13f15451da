"""The bundled images: real, balanced, small, and drawn by the stated rule."""

import errno
import shutil

import numpy as np
import pytest

from repro.data.arrays import sha256_of
from repro.data.cifar10 import subset
from repro.data.cifar10.fetch import CLASSES, FetchFailed
from repro.data.packs import PackMissing, open_pack, verify_pack, write_pack


def silent(line):
    pass


@pytest.mark.parametrize("split", ["train", "test"])
def test_bundled_images_are_the_pinned_ones_and_balanced(split):
    images, labels = subset.bundled(split)
    assert (sha256_of(images), sha256_of(labels)) == subset.PINNED[split]
    assert np.bincount(labels).tolist() == [subset.PER_CLASS[split]] * 10
    assert images.shape == (10 * subset.PER_CLASS[split], 32, 32, 3)


def test_bundle_is_at_most_three_megabytes():
    files = [path for path in subset.FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 3_000_000


def test_bundle_is_what_the_rule_draws_from_cifar10():
    for split, per_class in subset.PER_CLASS.items():
        try:
            full = open_pack("cifar10", split)
        except PackMissing:
            pytest.skip("needs full CIFAR-10: repro data --profile cifar10")
        chosen = subset.first_of_every_class(full.labels, per_class)
        np.testing.assert_array_equal(full.images[chosen], subset.bundled(split)[0])


def test_packing_once_and_again(tmp_path):
    lines = []
    subset.pack_subset(tmp_path, lines.append)
    subset.pack_subset(tmp_path, lines.append)
    assert len(lines) == 2 and "already packed" in lines[1]
    pack = open_pack("cifar10-subset", "train", tmp_path)
    verify_pack(pack)
    assert pack.classes == CLASSES


def test_first_of_every_class_by_hand():
    labels = np.array([2, 0, 0, 1, 0, 2, 1, 1, 2])
    assert subset.first_of_every_class(labels, 2).tolist() == [0, 1, 2, 3, 5, 6]


def test_what_is_drawn_is_what_is_read(tmp_path, monkeypatch):
    images = np.zeros((80, 32, 32, 3), np.uint8)
    images[:, :2, 5] = np.random.default_rng(0).integers(0, 256, (80, 2, 3))
    labels = np.arange(80) % 10
    about = {"classes": CLASSES, "source": "random", "resize": "none"}
    for split in ("train", "test"):
        write_pack("cifar10", split, images, labels, root=tmp_path, **about)
    monkeypatch.setattr(subset, "PER_CLASS", {"train": 5, "test": 5})
    monkeypatch.setattr(subset, "FOLDER", tmp_path / "bundle")
    subset.draw_subset(tmp_path, tmp_path / "bundle")
    for split in ("train", "test"):
        drawn, classes = subset.bundled(split)
        np.testing.assert_array_equal(drawn, images[:50])
        np.testing.assert_array_equal(classes, labels[:50])


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("test.webp", lambda content: b"not an image"),
        ("test.webp", lambda content: content[: len(content) // 2]),
        ("labels.json", lambda content: b'{"train": []}'),
        ("labels.json", lambda content: b'{"train": [0], "test": [0]}'),
        ("labels.json", lambda content: b"{"),
    ],
)
def test_a_damaged_bundle_is_one_line(name, damage, tmp_path, monkeypatch):
    bundle = shutil.copytree(subset.FOLDER, tmp_path / "bundle")
    monkeypatch.setattr(subset, "FOLDER", bundle)
    (bundle / name).write_bytes(damage((bundle / name).read_bytes()))
    with pytest.raises(FetchFailed, match=str(bundle)) as raised:
        subset.pack_subset(tmp_path / "data", silent)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "data").exists()


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    def full_disk(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("repro.data.packs.write_array", full_disk)
    with pytest.raises(FetchFailed, match="No space left on device"):
        subset.pack_subset(tmp_path, silent)
    assert [path.name for path in tmp_path.rglob("*")] == ["cifar10-subset"]
