"""Nothing that packing did not write is changed: trees before and after are equal."""

import json
import os
import shutil

import numpy as np
import pytest

from repro.cli import main
from repro.data.cifar10 import fetch
from repro.data.pack_places import PlaceTaken, holds, need_place, remove, remove_stale
from repro.data.packs import PackMissing, open_pack, write_pack
from repro.data.photographs import label_checks
from repro.data.photographs.packing import pack_photographs
from repro.doctor.doctor import doctor
from tests.made.miniature_sets import (
    DOG,
    folder,
    imagenette,
    photograph,
    placed,
    zip_bytes,
)

FILES = {name.removeprefix("imagenette2/"): c for name, c in imagenette().items()}
PICTURES = {f"cat/{k}.png": b"pixels" for k in range(3)}
ARRAYS = (np.zeros((3, 32, 32, 3), np.uint8), np.arange(3))
ABOUT = {"classes": ("a", "b", "c"), "source": "made", "resize": "none"}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """An empty folder for packs, in a folder that holds all of a test."""
    monkeypatch.setenv("REPRO_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def tree(top):
    """Every path below `top` with what it is: a link's aim, a file's bytes."""
    found = {}
    for here, inner, files in os.walk(top):
        for path in (os.path.join(here, name) for name in inner + files):
            if os.path.islink(path):
                found[path] = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    found[path] = file.read()
            else:
                found[path] = None
    return found


def refused(capsys, profile, *source):
    """Run `repro data`; return its one line of refusal."""
    assert main(["data", "--profile", profile, *source]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("repro: ")
    assert (said.out, said.err.count("\n")) == ("", 1)
    return said.err


def archive(root):
    path = root.parent / "imagenette2.zip"
    path.write_bytes(zip_bytes(imagenette()))
    return path


def linked(link, aim):
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(aim)


# Each places files of the user and returns the source that is then named.


def source_is_the_place(root):
    return folder(root / "imagenette", FILES)


def source_in_the_place(root):
    return folder(root / "imagenette" / "photographs", FILES)


def source_links_into_the_place(root):
    folder(root / "imagenette" / "photographs", FILES)
    linked(root.parent / "mine", root / "imagenette" / "photographs")
    return root.parent / "mine"


def place_in_the_source(root):
    folder(root, FILES)
    return root


def place_links_to_the_source(root):
    folder(root.parent / "shared", FILES)
    linked(root / "imagenette", root.parent / "shared")
    return root.parent / "shared"


def photographs_in_the_way(root):
    folder(root / "imagenette", FILES)
    return archive(root)


def place_links_to_others(root):
    folder(root.parent / "shared", FILES)
    linked(root / "imagenette", root.parent / "shared")
    return archive(root)


def place_links_to_others_without_a_split(root):
    folder(root.parent / "shared", PICTURES)
    linked(root / "imagenette", root.parent / "shared")
    return archive(root)


def split_is_a_link(root):
    folder(root.parent / "shared", {"images.npy": b"pixels"})
    linked(root / "imagenette" / "train", root.parent / "shared")
    return archive(root)


def split_is_a_file(root):
    folder(root / "imagenette", {"train": b"a list"})
    return archive(root)


def arrays_of_ones_own(root):
    folder(root / "imagenette" / "train", {"images.npy": b"1", "labels.npy": b"2"})
    return archive(root)


def manifest_of_ones_own(root):
    about = json.dumps({"name": "photographs"}).encode()
    folder(root / "imagenette" / "train", {"manifest.json": about, "mean.npy": b"3"})
    return archive(root)


def packed_at_8_pixels(root):
    source = archive(root)
    pack_photographs("imagenette", source, 8, root, workers=1, say=str)
    return source


def notes_in_a_pack(root):
    source = packed_at_8_pixels(root)
    folder(root / "imagenette" / "train", {"notes.txt": b"mine"})
    return source


def a_link_in_a_pack(root):
    source = packed_at_8_pixels(root)
    images = root / "imagenette" / "train" / "images.npy"
    shutil.move(images, root.parent / "moved.npy")
    linked(images, root.parent / "moved.npy")
    return source


def files_in_the_workspace(root):
    folder(root / "imagenette" / ".packing", {"train/notes.txt": b"mine"})
    return archive(root)


def workspace_is_a_link(root):
    folder(root.parent / "work", {"plan.json": b"mine"})
    linked(root / "imagenette" / ".packing", root.parent / "work")
    return archive(root)


@pytest.mark.parametrize(
    "situation",
    [
        *(source_is_the_place, source_in_the_place, source_links_into_the_place),
        *(place_in_the_source, place_links_to_the_source, photographs_in_the_way),
        *(place_links_to_others, place_links_to_others_without_a_split),
        *(split_is_a_link, split_is_a_file, arrays_of_ones_own, manifest_of_ones_own),
        *(notes_in_a_pack, a_link_in_a_pack),
        *(files_in_the_workspace, workspace_is_a_link),
    ],
)
def test_photographs_are_not_packed_over_other_files(situation, root, capsys):
    source = situation(root)
    before = tree(root.parent)
    line = refused(capsys, "imagenette", "--source", str(source))
    assert str(root / "imagenette") in line
    assert "REPRO_DATA" in line  # the way out
    assert tree(root.parent) == before


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(
    ("profile", "dataset"), [("cifar10", "cifar10"), ("smoke", "cifar10-subset")]
)
def test_cifar10_is_not_packed_over_other_files(profile, dataset, split, root, capsys):
    folder(root / dataset / split, PICTURES)
    before = tree(root.parent)
    assert f"{split} holds 'cat'" in refused(capsys, profile)
    assert tree(root.parent) == before


def test_no_half_of_cifar10_is_written(root):
    folder(root / "cifar10" / "test", PICTURES)
    before = tree(root)
    with pytest.raises(PlaceTaken, match="'cat'"):
        fetch.pack_splits("cifar10", {"train": ARRAYS, "test": ARRAYS}, "made", root)
    assert tree(root) == before


def test_one_split_is_not_written_over_other_files(root):
    folder(root / "toy" / "train", PICTURES)
    before = tree(root)
    with pytest.raises(PlaceTaken, match="'cat'"):
        write_pack("toy", "train", *ARRAYS, root=root, **ABOUT)
    assert tree(root) == before


def test_without_a_source_other_files_are_no_damaged_pack(root, capsys):
    folder(root / "imagenette", FILES)
    before = tree(root)
    line = refused(capsys, "imagenette")
    assert "train holds other files, such as 'n01440764'" in line
    assert "damaged" not in line
    assert tree(root) == before


def test_the_doctor_names_them_and_does_not_say_to_delete_them(root):
    folder(root / "imagenette" / "train", PICTURES)
    lines = []
    doctor("imagenette", lines.append)
    (line,) = [line for line in lines if "such as 'cat'" in line]
    assert line.startswith("FAIL")
    assert "delete" not in line


# What is no danger is not refused.


def test_files_beside_the_packs_stay(root):
    files = {f"photographs/{name}": content for name, content in PICTURES.items()}
    folder(root / "imagenette", files | {"list.txt": b"mine"})
    before = tree(root)
    source = archive(root)
    for side in (8, 9):  # the second time in place of the first
        pack_photographs("imagenette", source, side, root, workers=1, say=str)
    after = tree(root)
    assert {path: after.get(path) for path in before} == before
    assert open_pack("imagenette", "train", root).images.shape == (5, 9, 9, 3)


def test_packs_may_lie_behind_a_link(root):
    (root.parent / "large disk").mkdir()
    linked(root / "toy", root.parent / "large disk")
    for split in ("train", "test", "train"):
        write_pack("toy", split, *ARRAYS, root=root, **ABOUT)
    need_place(root / "toy", ("train", "test"))
    assert sorted(os.listdir(root.parent / "large disk")) == ["test", "train"]


def test_a_pack_is_whole_with_the_users_notes_in_it(root, capsys):
    source = placed(root.parent, imagenette(), "zip")
    pack_photographs("toy", source, 8, root, workers=1, say=str)
    folder(root / "toy" / "train", {"notes.txt": b"mine"})
    before, lines = tree(root), []
    pack_photographs("toy", source, 8, root, workers=1, say=lines.append)
    assert "already packed" in lines[0]
    assert tree(root) == before


def test_an_empty_folder_is_no_pack_and_in_nobodys_way(root):
    (root / "toy" / "train").mkdir(parents=True)
    with pytest.raises(PackMissing, match="is not packed"):
        open_pack("toy", "train", root)
    write_pack("toy", "train", *ARRAYS, root=root, **ABOUT)
    assert len(open_pack("toy", "train", root).labels) == 3


# What a killed process left.


@pytest.mark.parametrize("name", [".download-a", ".train.partial-a"])
def test_leftovers_with_other_files_stay(name, root):
    folder(root / "toy" / name, {"images.npy": b"half", "photograph.png": b"mine"})
    for path in (root / "toy").rglob("*"):
        os.utime(path, (0, 0))
    before = tree(root)
    remove_stale(root / "toy", ".*-*", ["images.npy"])
    assert tree(root) == before
    os.remove(root / "toy" / name / "photograph.png")
    os.utime(root / "toy" / name, (0, 0))
    remove_stale(root / "toy", ".*-*", ["images.npy"])
    assert os.listdir(root / "toy") == []


def test_a_link_among_the_leftovers_stays(root):
    folder(root.parent / "mine", {"images.npy": b"pixels"})
    os.utime(root.parent / "mine" / "images.npy", (0, 0))
    linked(root / "toy" / ".download-a", root.parent / "mine")
    os.utime(root / "toy" / ".download-a", (0, 0), follow_symlinks=False)
    before = tree(root.parent)
    remove_stale(root / "toy", ".download-*", ["images.npy"])
    assert tree(root.parent) == before


def test_files_go_by_name_and_folders_only_when_empty(tmp_path):
    names = ["a/b/one", "a/two", "c/three"]
    folder(tmp_path / "toy", dict.fromkeys([*names, "a/four"], b""))
    remove(tmp_path / "toy", [*names, "not/there"])
    left = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")]
    assert sorted(left) == ["toy", "toy/a", "toy/a/four"]


def test_what_lies_in_what(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "ab").mkdir()
    linked(tmp_path / "link", tmp_path / "a" / "b")
    outer = tmp_path / "a"
    assert [holds(outer, tmp_path / name) for name in ("a", "a/b/new", "link")] == [
        *(True, True, True)
    ]
    assert not any(holds(outer, path) for path in (tmp_path, tmp_path / "ab"))
    assert not holds(tmp_path / "nowhere", outer)


def test_photographs_that_arrive_while_packing_stay(root, monkeypatch):
    source = packed_at_8_pixels(root)
    place = root / "imagenette" / "train"
    check = label_checks.check_pack

    def arriving(*given):
        folder(place, {f"{DOG}/new.JPEG": photograph(3)})
        check(*given)

    monkeypatch.setattr(label_checks, "check_pack", arriving)
    before = tree(place)
    with pytest.raises(PlaceTaken, match=DOG):
        pack_photographs("imagenette", source, 9, root, workers=1, say=str)
    after = tree(place)
    assert after.pop(str(place / DOG / "new.JPEG")) == photograph(3)
    del after[str(place / DOG)]
    assert after == before
    monkeypatch.setattr(label_checks, "check_pack", check)
    shutil.move(place / DOG, root.parent / "mine")
    pack_photographs("imagenette", source, 9, root, workers=1, say=str)
    assert open_pack("imagenette", "train", root).images.shape == (5, 9, 9, 3)
    assert not (root / "imagenette" / ".packing").exists()
