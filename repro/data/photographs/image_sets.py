"""Which photographs a source has and what each shows: layouts like ImageNet's.

All of them have a training set with a folder (or tar) for each class. The labelled
validation set becomes our test split; images for choices are held out of the training
set later. The order of the classes is that of the sorted synsets.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from repro.data.photographs.archives import DamagedEntry, File, SourceUnusable
from repro.data.photographs.source_files import Files
from repro.data.photographs.synsets import SYNSET, is_ilsvrc_2012, readable_names
from repro.data.photographs.validation_labels import check_official_start, label_files

PHOTOGRAPHS = (
    *(".jpeg", ".jpg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm"),
)
LISTS = (".txt", ".csv")
ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz")
ILSVRC_VALIDATION = 50_000  # photographs
SPLIT_OF_FOLDER = {
    "train": "train",
    "ILSVRC2012_img_train": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "ILSVRC2012_img_val": "val",
    "test": "test",
}
LAYOUTS = (
    "Tiny-ImageNet (train/<synset>/images/*, val/images/*, val/val_annotations.txt), "
    "Imagenette (train/<synset>/*, val/<synset>/*), ILSVRC-2012 "
    "(ILSVRC2012_img_train.tar, train/<synset>.tar or train/<synset>/*; "
    "ILSVRC2012_img_val.tar or val/*, with the devkit or a list 'file synset'; or "
    "val/<synset>/*), any image folder <train and val or test>/<class>/*; "
    "each as a folder, zip or tar"
)


class Photograph(NamedTuple):
    """A file and what it shows."""

    synset: str  # or another name of a class
    name: str  # from the split on, such as val/images/val_0.JPEG
    file: File


@dataclass(frozen=True)
class ImageSet:
    """The photographs of a source, ready to be packed."""

    synsets: tuple[str, ...]  # sorted; the label is the position
    classes: tuple[str, ...]  # readable, in the same order
    splits: dict[str, list[Photograph]]  # train and test, sorted by (synset, name)
    notes: tuple[str, ...]  # what the user should know


def find_image_set(files: Files) -> ImageSet:
    """Recognise the layout of these files and label every photograph.

    Raises SourceUnusable for an unknown layout and incomplete or contradictory lists.
    `repro.data.photographs.label_checks` says whether the labels can be right.
    """
    splits = _by_split(files)
    if "train" not in splits or len(splits) < 2:
        raise SourceUnusable(_unknown_layout(files, splits))
    train = _foldered("train", splits["train"])
    synsets = tuple(sorted({photograph.synset for photograph in train}))
    split, notes = _test_folder(splits)
    try:
        test, origin = _labelled(split, splits[split], files, synsets)
        classes = readable_names(synsets, files)
    except DamagedEntry as error:
        raise SourceUnusable(f"a list of labels or names: {error}") from error
    notes += [f"{split}/ becomes the test split, labels from {origin}"]
    notes += _left_out(files)
    found = {"train": sorted(train), "test": sorted(test)}
    return ImageSet(synsets, classes, found, tuple(notes))


def _by_split(files: Files) -> dict[str, Files]:
    """Return split -> (name inside of it -> File), of the photographs."""
    splits: dict[str, Files] = {}
    places: dict[str, str] = {}
    for file in files.values():
        split, depth = _split_of(file)
        if split is None or not _is_photograph(file):
            continue
        parts = file.name.split("/")
        place = "/".join(parts[:depth])
        if places.setdefault(split, place) != place:
            raise SourceUnusable(
                f"there are two sets of {split} photographs, in {places[split]!r} and "
                f"{place!r}: name the folder of one with --source"
            )
        splits.setdefault(split, {})["/".join(parts[depth:])] = file
    return splits


def _split_of(file: File) -> tuple[str | None, int]:
    """Return the split of a file, and how many parts of its name are above that."""
    folders = file.name.split("/")[:-1]
    for depth, folder in enumerate(folders):
        if folder in SPLIT_OF_FOLDER:
            return SPLIT_OF_FOLDER[folder], depth + 1
    for depth, folder in enumerate(folders):
        if SYNSET.fullmatch(folder):  # the tars of the classes, beside val/
            return "train", depth
    return None, 0


def _is_photograph(file: File) -> bool:
    """Whether its name says so; packing finds out what is in it."""
    return file.name.lower().endswith(PHOTOGRAPHS)


def _is_flat(files: Files) -> bool:
    """Whether they lie in the folder itself, or as in Tiny-ImageNet, in images/."""
    return {name.rpartition("/")[0] for name in files} <= {"", "images"}


def _foldered(split: str, files: Files) -> list[Photograph]:
    """Label photographs by the folder they are in."""
    if loose := [name for name in files if "/" not in name]:
        raise SourceUnusable(
            f"{len(loose):,} photographs in {split}/ are in no folder of a class, such "
            f"as {min(loose)!r}. Accepted: {LAYOUTS}"
        )
    return [
        Photograph(name.split("/")[0], f"{split}/{name}", file)
        for name, file in files.items()
    ]


def _test_folder(splits: dict[str, Files]) -> tuple[str, list[str]]:
    """Choose between test/, which most sets publish without labels, and val/."""
    if "val" not in splits:
        return "test", []
    if "test" not in splits or _is_flat(splits["test"]):
        return "val", []
    return "test", ["val/ is not packed: choices use photographs held out of train/"]


def _labelled(
    split: str, files: Files, all_files: Files, synsets: tuple[str, ...]
) -> tuple[list[Photograph], str]:
    """Label the test photographs; return them and where their labels are from."""
    if not _is_flat(files):
        return _foldered(split, files), "the names of its folders"
    lists = [
        file
        for file in all_files.values()
        if file.name.endswith(LISTS) and _split_of(file)[0] != "train"
    ]
    by_file_name = {PurePosixPath(name).name: name for name in files}
    labels, origin = label_files(list(by_file_name), lists, all_files, set(synsets))
    if is_ilsvrc_2012(synsets) and len(labels) == ILSVRC_VALIDATION:
        check_official_start(labels)
    photographs = [
        Photograph(synset, f"{split}/{by_file_name[name]}", files[by_file_name[name]])
        for name, synset in labels.items()
    ]
    return photographs, origin


def _left_out(files: Files) -> list[str]:
    """Say which files among the photographs are left out because of their names."""
    others = Counter(
        PurePosixPath(file.name).suffix.lower() or "without suffix"
        for file in files.values()
        if _split_of(file)[0] and not _is_photograph(file)
    )
    others = {suffix: count for suffix, count in others.items() if suffix not in LISTS}
    counts = ", ".join(
        f"{count:,} {suffix}" for suffix, count in sorted(others.items())
    )
    return [f"left out, not photographs by their name: {counts}"] if others else []


def _unknown_layout(files: Files, splits: dict[str, Files]) -> str:
    parts = [f"{len(found):,} photographs in {name}/" for name, found in splits.items()]
    if not parts:
        tops = sorted({name.split("/")[0] for name in files})
        shown = ", ".join(map(repr, tops[:5])) + ", ..." * (len(tops) > 5)
        parts = [f"{len(files):,} files: {shown}" if files else "no files"]
    if archives := [name for name in files if name.endswith(ARCHIVES)]:
        parts += [f"{min(archives)!r} (to pack an archive, name it itself)"]
    lacking = "its layout is not known"
    if splits:
        lacking = "a training set and a labelled validation set are needed"
    return f"{lacking}: found {', '.join(parts)}. Accepted: {LAYOUTS}"
