"""Packing: parallel, going on after a kill, whole or not at all."""

import csv
import errno
import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from filelock import FileLock

from repro.data import pack_places
from repro.data.packs import PackMissing, open_pack, verify_pack
from repro.data.photographs import (
    decoding,
    growing_images,
    label_checks,
    packed_split,
    packing,
)
from repro.data.photographs.archives import SourceUnusable
from repro.data.photographs.decoding import to_pixels
from repro.data.photographs.packing import PackingStopped, pack_photographs
from repro.runs.folder import ROOT
from tests.made.miniature_sets import (
    DOG,
    TENCH,
    folder,
    imagenette,
    listed_ilsvrc,
    photograph,
    placed,
    tiny_imagenet,
)

SIDE = 8


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Two photographs a chunk, so that five make three chunks."""
    monkeypatch.setattr(packed_split, "CHUNK_BYTES", 2 * SIDE * SIDE * 3)


def pack(source, root, **options):
    """Pack in this process; return the lines that were said."""
    lines = []
    options = {"workers": 1, "say": lines.append} | options
    pack_photographs("toy", source, options.pop("side", SIDE), root, **options)
    return lines


def hashes(root):
    manifests = [open_pack("toy", split, root).manifest for split in ("train", "test")]
    names = ("images_sha256", "labels_sha256", "mean_sha256", "rgb_covariance")
    return [[manifest[name] for name in names] for manifest in manifests]


def left_in(root):
    return sorted(p.name for p in root.rglob("*") if p.name != ".packing.lock")


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_pack_is_what_its_files_say(tmp_path):
    files = tiny_imagenet()
    pack(placed(tmp_path, files, "zip"), tmp_path)
    for split, labels in (("train", [0, 0, 1, 1, 1]), ("test", [0, 0, 1, 1])):
        found = open_pack("toy", split, tmp_path)
        verify_pack(found)
        assert found.labels.tolist() == labels
        assert found.classes == ("tench", "English springer")
        assert found.manifest["synsets"] == [TENCH, DOG]
        header, *named = rows(found.folder / "files.csv")
        assert header == ["file", "synset"]
        for (name, synset), image, label in zip(
            named, found.images, found.labels, strict=True
        ):
            content = files[f"tiny-imagenet-200/{name}"]
            np.testing.assert_array_equal(image, to_pixels(content, SIDE))
            assert synset == [TENCH, DOG][label]
        np.testing.assert_allclose(found.mean, found.images.mean(axis=0), rtol=1e-6)
        assert rows(found.folder / "broken.csv") == [["file", "synset", "reason"]]


def test_the_manifest_says_of_what_and_how_without_folders_of_the_user(tmp_path):
    pack(placed(tmp_path, tiny_imagenet(), "zip"), tmp_path)
    manifest = open_pack("toy", "test", tmp_path).manifest
    assert manifest["source"].startswith("source.zip")
    assert manifest["resize"] == decoding.resize_rule(8)
    assert {"numpy", "pillow"} <= manifest["versions"].keys()
    assert manifest["broken"] == 0
    assert str(tmp_path) not in json.dumps(manifest)


@pytest.mark.parametrize("form", ["folder", "tar", "tgz", "tar.xz"])
def test_the_form_of_the_source_does_not_matter(form, tmp_path):
    pack(placed(tmp_path / "a", imagenette(), "zip"), tmp_path / "zip")
    pack(placed(tmp_path / "b", imagenette(), form), tmp_path / "other")
    assert hashes(tmp_path / "zip") == hashes(tmp_path / "other")
    for split in ("train", "test"):
        tables = [tmp_path / n / "toy" / split / "files.csv" for n in ("zip", "other")]
        assert rows(tables[0]) == rows(tables[1])
    files = 2 * list(pack_places.PACK_FILES)
    assert left_in(tmp_path / "other") == sorted(["toy", "train", "test", *files])


def test_the_number_of_workers_does_not_matter(tmp_path):
    files = imagenette() | {f"imagenette2/train/{DOG}/x.jpg": b"broken"}
    source = placed(tmp_path, files, "zip")
    for workers in (1, 2, 3):
        pack(source, tmp_path / str(workers), workers=workers, max_broken=0.2)
    assert hashes(tmp_path / "1") == hashes(tmp_path / "2") == hashes(tmp_path / "3")
    found = [(tmp_path / w / "toy/train/broken.csv").read_text() for w in "123"]
    assert found[0] == found[1] == found[2]


# Once is enough.


def test_a_second_time_only_checks(tmp_path):
    source = placed(tmp_path, imagenette(), "zip")
    pack(source, tmp_path)
    before = (tmp_path / "toy/train/images.npy").stat().st_mtime_ns
    (line,) = pack(source, tmp_path)
    assert "already packed" in line
    assert (tmp_path / "toy/train/images.npy").stat().st_mtime_ns == before


def test_the_source_may_be_gone_afterwards(tmp_path):
    source = placed(tmp_path, imagenette(), "zip")
    pack(source, tmp_path)
    source.unlink()
    assert "already packed" in pack(source, tmp_path)[0]
    with pytest.raises(SourceUnusable, match="no such file"):
        pack(source, tmp_path, side=9)
    verify_pack(open_pack("toy", "train", tmp_path))


def test_another_side_or_source_packs_again(tmp_path):
    source = placed(tmp_path, imagenette(), "folder")
    pack(source, tmp_path)
    assert "side" in pack(source, tmp_path, side=9)[0]
    assert open_pack("toy", "test", tmp_path).images.shape == (4, 9, 9, 3)
    (source / f"imagenette2/train/{DOG}/new.JPEG").write_bytes(photograph(50))
    assert "source" in pack(source, tmp_path, side=9)[0]
    assert len(open_pack("toy", "train", tmp_path).labels) == 6


@pytest.mark.parametrize(
    "change",
    [
        lambda labels: labels[:-8] + bytes(8),
        lambda labels: labels[:128] + labels[-16:] + labels[128:-16],  # same counts
    ],
)
def test_a_damaged_pack_is_packed_again(change, tmp_path):
    source = placed(tmp_path, imagenette(), "zip")
    pack(source, tmp_path)
    expected = hashes(tmp_path)
    labels = tmp_path / "toy/test/labels.npy"
    labels.write_bytes(change(labels.read_bytes()))
    assert "damaged" in pack(source, tmp_path)[0]
    assert hashes(tmp_path) == expected
    assert "already packed" in pack(source, tmp_path)[0]


# A kill.

KILLED = """
import os, signal, sys
from pathlib import Path
from repro.data.photographs import growing_images, packed_split, packing

def kill(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    packed_split.CHUNK_BYTES = 384
    source, root, when, workers = sys.argv[1:]
    append = growing_images.GrowingImages.append
    calls = []
    def killing_append(self, decoded):
        calls.append(1)
        if when == f"before chunk {len(calls)}":
            kill()
        if when == f"in chunk {len(calls)}":
            self._images.write(decoded.images.data)
            self._images.flush()
            kill()
        append(self, decoded)
    growing_images.GrowingImages.append = killing_append
    if when == "after the splits":
        packing.label_checks.check_pack = kill
    rename, renamed = os.rename, []
    def killing_rename(*paths):
        renamed.append(1)
        rename(*paths)
        if when == f"after move {len(renamed)}":
            kill()
    packed_split.os.rename = killing_rename
    packing.pack_photographs("toy", Path(source), 8, Path(root), workers=int(workers))
"""


def killed(source, root, when, workers=1):
    program = root / "program.py"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(KILLED)
    ended = subprocess.run(
        [sys.executable, program, source, root, when, str(workers)],
        check=False,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return ended


@pytest.mark.parametrize(
    ("when", "workers", "said"),
    [
        ("before chunk 1", 1, None),
        ("before chunk 2", 1, "toy/train: going on after 2 of 5"),
        ("in chunk 2", 2, "toy/train: going on after 2 of 5"),
        ("in chunk 3", 1, "toy/train: going on after 4 of 5"),
        ("before chunk 5", 1, "toy/test: going on after 2 of 4"),
        ("after move 1", 1, None),  # train is finished
        ("after the splits", 1, None),
        ("after move 3", 1, None),  # train is in place, test is not
    ],
)
def test_a_killed_packing_goes_on_to_the_same_hashes(when, workers, said, tmp_path):
    source = placed(tmp_path, imagenette(), "tgz")
    pack(source, tmp_path / "whole")
    killed(source, tmp_path / "cut", when, workers)
    with pytest.raises(PackMissing):
        open_pack("toy", "test", tmp_path / "cut")
    lines = pack(source, tmp_path / "cut")
    assert hashes(tmp_path / "cut") == hashes(tmp_path / "whole")
    assert [line for line in lines if "going on" in line] == [said] * bool(said)
    assert not (tmp_path / "cut/toy/.packing").exists()


@pytest.mark.parametrize("move", [3, 4, 5])  # old train, old test, new train
def test_a_killed_replacement_goes_on_to_the_same_hashes(move, tmp_path):
    source = placed(tmp_path, imagenette(), "zip")
    pack(source, tmp_path / "cut", side=9)
    killed(source, tmp_path / "cut", f"after move {move}")
    pack(source, tmp_path / "cut")
    pack(source, tmp_path / "whole")
    assert hashes(tmp_path / "cut") == hashes(tmp_path / "whole")
    assert not (tmp_path / "cut/toy/.packing").exists()


def test_a_packing_of_other_files_starts_anew_and_says_so(tmp_path):
    source = placed(tmp_path, imagenette(), "folder")
    killed(source, tmp_path / "cut", "before chunk 3")
    (source / f"imagenette2/train/{TENCH}/new.JPEG").write_bytes(photograph(50))
    lines = pack(source, tmp_path / "cut")
    assert sum("starting anew" in line for line in lines) == 1
    pack(source, tmp_path / "whole")
    assert hashes(tmp_path / "cut") == hashes(tmp_path / "whole")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"rubbish"])
def test_a_damaged_plan_starts_anew(content, tmp_path):
    source = placed(tmp_path, imagenette(), "folder")
    killed(source, tmp_path, "before chunk 3")
    (tmp_path / "toy/.packing/plan.json").write_bytes(content)
    assert any("starting anew" in line for line in pack(source, tmp_path))
    verify_pack(open_pack("toy", "train", tmp_path))


# Broken files.


def with_broken(count):
    files = listed_ilsvrc()
    for number in range(count):
        files[f"train/{DOG}/{DOG}_9{number}.JPEG"] = photograph(number)[:200]
    return files


def test_broken_files_below_the_limit_are_left_out_and_listed(tmp_path):
    pack(folder(tmp_path / "s", with_broken(2)), tmp_path, max_broken=2 / 7)
    found = open_pack("toy", "train", tmp_path)
    assert found.manifest["broken"] == 2
    assert found.labels.tolist() == [0, 0, 1, 1, 1]
    (name, synset, reason), _ = rows(found.folder / "broken.csv")[1:]
    assert (name, synset) == (f"train/{DOG}/{DOG}_90.JPEG", DOG)
    assert "runcated" in reason
    pack(folder(tmp_path / "t", listed_ilsvrc()), tmp_path / "without")
    assert hashes(tmp_path) == hashes(tmp_path / "without")


@pytest.mark.parametrize("workers", [1, 2])
def test_too_many_broken_files_are_refused_and_nothing_is_left(workers, tmp_path):
    source = folder(tmp_path / "s", with_broken(2))
    with pytest.raises(SourceUnusable) as raised:
        pack(source, tmp_path / "root", workers=workers)
    message = str(raised.value)
    assert "1 of 7" in message
    assert f"train/{DOG}/{DOG}_90.JPEG" in message
    assert "\n" not in message
    assert left_in(tmp_path / "root") == ["toy"]


def test_a_refusal_leaves_the_old_pack(tmp_path):
    pack(folder(tmp_path / "good", listed_ilsvrc()), tmp_path)
    before = hashes(tmp_path)
    with pytest.raises(SourceUnusable):
        pack(folder(tmp_path / "bad", with_broken(2)), tmp_path)
    assert hashes(tmp_path) == before


def test_a_class_that_is_broken_altogether_is_refused(tmp_path):
    files = {n: b"" if f"{TENCH}_" in n else c for n, c in listed_ilsvrc().items()}
    with pytest.raises(SourceUnusable, match=TENCH):
        pack(folder(tmp_path / "s", files), tmp_path / "root", max_broken=1)
    assert left_in(tmp_path / "root") == ["toy"]


def test_a_damaged_entry_of_a_zip_is_a_broken_file(tmp_path):
    source = placed(tmp_path, imagenette(), "zip")
    content = bytearray(source.read_bytes())
    content[100] ^= 255  # in the data of the first entry
    source.write_bytes(content)
    pack(source, tmp_path, max_broken=0.2)
    ((name, _, reason),) = rows(tmp_path / "toy/train/broken.csv")[1:]
    assert "damaged in the zip" in reason
    assert name == f"train/{DOG}/{DOG}_2.JPEG"


# What stops it.


def test_an_unreadable_file_stops_it_and_it_goes_on_later(tmp_path, monkeypatch):
    source = folder(tmp_path / "s", imagenette())
    victim = source / f"imagenette2/train/{DOG}/{DOG}_2.JPEG"
    read = decoding.read

    def unplugged(file):
        if file.place == str(victim):
            raise SourceUnusable(f"cannot read {file.name}: Input/output error")
        return read(file)

    monkeypatch.setattr(decoding, "read", unplugged)
    with pytest.raises(SourceUnusable, match="Input/output error"):
        pack(source, tmp_path)
    monkeypatch.setattr(decoding, "read", read)
    assert any("going on after 4 of 5" in line for line in pack(source, tmp_path))


def test_a_full_disk_stops_it_and_it_goes_on_later(tmp_path, monkeypatch):
    source = folder(tmp_path / "s", imagenette())
    append, calls = growing_images.GrowingImages.append, []

    def full(self, decoded):
        calls.append(1)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, decoded)

    monkeypatch.setattr(growing_images.GrowingImages, "append", full)
    with pytest.raises(PackingStopped, match="No space left.*REPRO_DATA"):
        pack(source, tmp_path)
    assert any("going on after 2 of 5" in line for line in pack(source, tmp_path))


def test_too_little_room_is_said_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(
        packing.shutil, "disk_usage", lambda path: SimpleNamespace(free=1000)
    )
    with pytest.raises(PackingStopped, match="GB free, the packs need"):
        pack(folder(tmp_path / "s", imagenette()), tmp_path)


def test_a_second_process_is_refused(tmp_path):
    (tmp_path / "toy").mkdir()
    source = folder(tmp_path / "s", imagenette())
    with (
        FileLock(tmp_path / "toy/.packing.lock"),
        pytest.raises(PackingStopped, match="another process is packing"),
    ):
        pack(source, tmp_path)


def test_lack_of_memory_is_told(tmp_path, monkeypatch):
    source = folder(tmp_path / "s", imagenette())
    monkeypatch.setattr(packed_split, "decode_all", _dying)
    with pytest.raises(PackingStopped, match="fewer workers"):
        pack(source, tmp_path)


def _dying(chunks, side, workers):
    raise MemoryError
    yield


@pytest.mark.parametrize("form", ["folder", "tgz"])
def test_an_unusable_source_leaves_nothing(form, tmp_path):
    source = placed(tmp_path, {"holiday.jpg": photograph(0)}, form)
    with pytest.raises(SourceUnusable, match="layout is not known"):
        pack(source, tmp_path / "root")
    assert left_in(tmp_path / "root") == ["toy"]


def test_labels_are_checked_before_packing(tmp_path):
    files = listed_ilsvrc() | {f"train/{DOG}/{TENCH}_9.JPEG": photograph(0)}
    with pytest.raises(SourceUnusable, match="named after"):
        pack(folder(tmp_path / "s", files), tmp_path / "root")
    assert left_in(tmp_path / "root") == ["toy"]


def test_a_source_that_changes_while_it_is_packed_is_found(tmp_path, monkeypatch):
    source = folder(tmp_path / "s", imagenette())
    check = label_checks.check_pack

    def swapped(pack, image_set, split, workers):
        for path in source.rglob(f"train/*/{TENCH}_3.JPEG"):
            path.write_bytes(
                photograph(77)[: path.stat().st_size].ljust(path.stat().st_size)
            )
        check(pack, image_set, split, workers)

    monkeypatch.setattr(label_checks, "check_pack", swapped)
    with pytest.raises(SourceUnusable, match="has changed while it was packed"):
        pack(source, tmp_path / "root")
    assert left_in(tmp_path / "root") == ["toy"]


def test_wrong_labels_in_a_pack_are_found(tmp_path, monkeypatch):
    """As if the classes were in another order than the manifest says."""
    source = folder(tmp_path / "s", imagenette())
    right = packed_split._labels
    monkeypatch.setattr(packed_split, "_labels", lambda *given: 1 - right(*given))
    with pytest.raises(SourceUnusable, match="no longer gives row"):
        pack(source, tmp_path / "root")
    assert left_in(tmp_path / "root") == ["toy"]


@pytest.mark.parametrize(
    "options", [{"side": 0}, {"max_broken": -0.1}, {"max_broken": 2}, {"workers": 0}]
)
def test_arguments_out_of_range(options, tmp_path):
    with pytest.raises(ValueError, match="allowed: side >= 1"):
        pack(tmp_path, tmp_path, **options)
