"""Layouts: recognised by content, as folder and archive, with the right labels."""

import io

import pytest

from repro.data.photographs import (
    image_sets,
    label_checks,
    synsets,
    validation_labels,
)
from repro.data.photographs.archives import SourceUnusable
from repro.data.photographs.image_sets import find_image_set
from repro.data.photographs.source_files import list_files
from tests.made.miniature_sets import (
    DOG,
    LAYOUTS,
    TENCH,
    class_tars,
    devkit_data,
    flat_validation,
    folder,
    foldered_train,
    imagenette,
    listed_ilsvrc,
    photograph,
    placed,
    published_ilsvrc,
    tar_bytes,
    tiny_imagenet,
)


def found_in(tmp_path, files, form="folder"):
    source = placed(tmp_path, files, form)
    image_set = find_image_set(list_files(source, tmp_path / "scratch"))
    label_checks.check_labels(image_set)
    return image_set


def refused(tmp_path, files):
    with pytest.raises(SourceUnusable) as raised:
        found_in(tmp_path, files)
    assert "\n" not in str(raised.value)
    return str(raised.value)


# A zip of tars would have to be unpacked: only these two have tars inside.
CASES = [
    (layout, form)
    for layout in LAYOUTS
    for form in ("folder", "zip", "tar", "tgz")
    if not (layout in ("published_ilsvrc", "class_tars") and form == "zip")
]


def test_any_image_folder_with_odd_names(tmp_path):
    files = {
        f"my photos/{split}/{name}/{number}.{suffix}": photograph(number)
        for split in ("train", "test")
        for name in ("Übergröße", "a cat", "train")
        for number, suffix in enumerate(("jpg", "PNG", "jpeg"))
    }
    image_set = found_in(tmp_path, files, "zip")
    assert image_set.synsets == image_set.classes == ("a cat", "train", "Übergröße")
    assert [len(split) for split in image_set.splits.values()] == [9, 9]


def test_the_source_may_be_the_inner_folder(tmp_path):
    folder(tmp_path, tiny_imagenet())
    image_set = find_image_set(list_files(tmp_path / "tiny-imagenet-200", tmp_path))
    assert len(image_set.splits["test"]) == 4


def test_a_labelled_test_folder_is_preferred_and_said(tmp_path):
    files = imagenette()
    files |= {n.replace("/val/", "/test/"): c for n, c in files.items() if "/val/" in n}
    image_set = found_in(tmp_path, files)
    assert {p.name.split("/")[0] for p in image_set.splits["test"]} == {"test"}
    assert any("val/ is not packed" in note for note in image_set.notes)


def test_a_subset_of_the_classes_needs_no_other_list(tmp_path):
    """wnids.txt and val_annotations.txt may still name the classes removed."""
    files = tiny_imagenet()
    files["tiny-imagenet-200/wnids.txt"] += b"n09999999\n"
    files["tiny-imagenet-200/val/val_annotations.txt"] += b"val_9.JPEG\tn09999999\t0\n"
    assert found_in(tmp_path, files).synsets == (TENCH, DOG)


def test_validation_files_may_be_missing_with_the_devkit(tmp_path):
    files = class_tars()
    del files["val/ILSVRC2012_val_00000001.JPEG"]
    shown = [p.synset for p in found_in(tmp_path, files).splits["test"]]
    assert shown == [TENCH, DOG, DOG]


def test_what_may_be_a_photograph_by_another_name_is_said(tmp_path):
    more = {f"train/{DOG}/x.heic": b"1", f"train/{DOG}/notes.txt": b"2"}
    (note,) = [
        n for n in found_in(tmp_path, listed_ilsvrc() | more).notes if "left" in n
    ]
    assert "1 .heic" in note


# Names of classes.


def test_names_come_from_the_devkit_too(tmp_path):
    files = listed_ilsvrc()
    del files["LOC_synset_mapping.txt"]
    files |= {f"devkit/{name}": content for name, content in devkit_data().items()}
    assert found_in(tmp_path, files).classes == ("tench", "English springer")


def test_equal_names_are_told_apart():
    """ImageNet has two cranes, and a maillot beside a "maillot, tank suit"."""
    names = {"n1": "crane", "n2": "crane", "n3": "maillot", "n4": "maillot, tank suit"}
    short = synsets._told_apart(
        ["crane", "crane", "maillot", "maillot"], list(names.values())
    )
    assert short == ["crane", "crane", "maillot", "maillot, tank suit"]
    pairs = [f"{name} ({synset})" for synset, name in names.items()]
    told = synsets._told_apart(short, pairs)
    assert told == ["crane (n1)", "crane (n2)", "maillot", "maillot, tank suit"]


def test_a_synset_that_nothing_names_stays():
    assert synsets.readable_names(("n00000001", TENCH), {}) == ("n00000001", "tench")


def test_imagenets_thousand_classes_have_names_without_a_list(monkeypatch):
    """Which classes they are is known by a hash; here it says yes to any thousand."""
    thousand = tuple(f"n{k:08}" for k in range(1000))
    assert not synsets.is_ilsvrc_2012(thousand)
    monkeypatch.setattr(synsets, "is_ilsvrc_2012", lambda names: len(names) == 1000)
    names = synsets.readable_names(thousand, {})
    assert (names[0], names[207], names[999]) == (
        "tench",
        "golden retriever",
        "toilet tissue",
    )
    assert len(set(names)) == 1000


# What is refused.


@pytest.mark.parametrize(
    ("files", "named"),
    [
        (
            {"holiday.jpg": photograph(0), "b/c.txt": b"1"},
            "2 files: 'b', 'holiday.jpg'",
        ),
        ({".keep": b""}, "no files"),
        ({"imagenette2.tgz": b"1"}, "name it itself"),
        (foldered_train(), "5 photographs in train/"),
        (listed_ilsvrc() | {"train/x.jpg": photograph(0)}, "'x.jpg'"),
    ],
)
def test_an_unknown_layout_is_refused_with_what_is_there(files, named, tmp_path):
    message = refused(tmp_path, files)
    assert named in message
    assert image_sets.LAYOUTS in message


def test_two_training_sets_are_refused(tmp_path):
    files = {f"copy/{name}": content for name, content in foldered_train().items()}
    assert "'copy/train'" in refused(tmp_path, listed_ilsvrc() | files)


def test_a_flat_validation_set_without_labels_is_refused(tmp_path):
    message = refused(tmp_path, foldered_train() | flat_validation())
    assert "nothing labels the 4 " in message
    assert validation_labels.ACCEPTED in message


def test_an_incomplete_list_is_refused(tmp_path):
    files = listed_ilsvrc()
    files["val_synsets.txt"] = files["val_synsets.txt"].split(b"\n", 1)[1]
    message = refused(tmp_path, files)
    assert "3 of 4" in message
    assert "'ILSVRC2012_val_00000001.JPEG'" in message


def test_two_lists_that_disagree_are_refused(tmp_path):
    files = listed_ilsvrc()
    other = files["val_synsets.txt"].replace(TENCH.encode(), DOG.encode())
    assert "disagree" in refused(tmp_path, files | {"labels.csv": other})


def test_a_list_of_positions_is_not_taken_for_synsets(tmp_path):
    """Whose order they follow is not said: sorted synsets, or the devkit's ids?"""
    files = foldered_train() | flat_validation()
    rows = [
        f"{name.split('/')[1]} {k % 2}\n" for k, name in enumerate(flat_validation())
    ]
    files["val.txt"] = "".join(rows).encode()
    assert "nothing labels" in refused(tmp_path, files)


def test_ground_truth_without_meta_is_refused(tmp_path):
    files = class_tars()
    del files["devkit/data/meta.mat"]
    assert "put the devkit's meta.mat beside it" in refused(tmp_path, files)


@pytest.mark.parametrize("truth", [b"1\n2\n", b"1\n2\n9\n1\n", b"a\nb\nc\nd\n", b""])
def test_ground_truth_that_does_not_fit_is_refused(truth, tmp_path):
    files = class_tars()
    files["devkit/data/ILSVRC2012_validation_ground_truth.txt"] = truth
    assert "do not fit" in refused(tmp_path, files)


def test_ground_truth_needs_numbered_files(tmp_path):
    files = {n.replace("_0000000", "x"): c for n, c in class_tars().items()}
    files["val/cat.jpg"] = photograph(0)
    assert "do not fit" in refused(tmp_path, files)


@pytest.mark.parametrize("content", [b"", b"MATLAB 5.0 MAT-file" + bytes(200)])
def test_a_damaged_meta_is_told(content, tmp_path):
    files = class_tars() | {"devkit/data/meta.mat": content}
    assert "meta.mat is damaged" in refused(tmp_path, files)


def test_a_damaged_devkit_archive_is_told(tmp_path):
    files = published_ilsvrc()
    files["ILSVRC2012_devkit_t12.tar.gz"] = files["ILSVRC2012_devkit_t12.tar.gz"][:300]
    assert "the devkit is damaged" in refused(tmp_path, files)


def test_a_devkit_without_its_data_is_no_devkit(tmp_path):
    files = published_ilsvrc()
    files["ILSVRC2012_devkit_t12.tar.gz"] = tar_bytes({"readme.txt": b"1"}, "w:gz")
    assert "nothing labels" in refused(tmp_path, files)


# Label checks.


def test_validation_classes_must_be_training_classes(tmp_path):
    files = {n: c for n, c in tiny_imagenet().items() if f"/{TENCH}/" not in n}
    more = {"train/n03000684/n03000684_1.JPEG": photograph(0)}
    files |= {f"tiny-imagenet-200/{name}": content for name, content in more.items()}
    assert TENCH in refused(tmp_path, files)


def test_a_single_class_is_refused(tmp_path):
    files = {"train/a/1.jpg": photograph(0), "val/a/1.jpg": photograph(1)}
    assert "only the class 'a'" in refused(tmp_path, files)


def test_the_devkits_ids_are_not_positions_among_sorted_synsets(tmp_path):
    """Id 1 is the dog, whose position among the sorted synsets is 1, not 0."""
    image_set = found_in(tmp_path, class_tars())
    shown = {p.name[-6]: p.synset for p in image_set.splits["test"]}
    assert shown == {"1": TENCH, "2": DOG, "3": DOG, "4": TENCH}


def test_imagenets_own_validation_set_is_checked_against_what_it_shows(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(image_sets, "is_ilsvrc_2012", lambda synsets: True)
    monkeypatch.setattr(image_sets, "ILSVRC_VALIDATION", 4)
    right = {f"ILSVRC2012_val_0000000{k}.JPEG": s for k, s in ((1, TENCH), (2, DOG))}
    monkeypatch.setattr(validation_labels, "OFFICIAL_START", right)
    found_in(tmp_path / "right", listed_ilsvrc())
    wrong = dict.fromkeys(right, DOG)
    monkeypatch.setattr(validation_labels, "OFFICIAL_START", wrong)
    message = refused(tmp_path / "wrong", listed_ilsvrc())
    assert f"is labelled {TENCH}, but shows {DOG}" in message


def test_a_list_in_a_damaged_zip_is_told(tmp_path):
    source = placed(tmp_path, listed_ilsvrc(), "zip")
    content = source.read_bytes()
    files = list_files(source, tmp_path)
    at = files["val_synsets.txt"].offset + 50
    stream = io.BytesIO(content)
    stream.seek(at)
    stream.write(b"\xff\xff\xff")
    source.write_bytes(stream.getvalue())
    with pytest.raises(SourceUnusable, match="damaged in the zip"):
        find_image_set(list_files(source, tmp_path))
