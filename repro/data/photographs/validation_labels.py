"""Labels of validation photographs that lie in one folder for all classes.

They are found in a list (Tiny-ImageNet's val_annotations.txt, Kaggle's
LOC_val_solution.csv, any lines "file synset") or through the devkit of ILSVRC-2012.
"""

from collections.abc import Collection
from pathlib import PurePosixPath

from repro.data.photographs import devkit
from repro.data.photographs.archives import File, SourceUnusable
from repro.data.photographs.source_files import Files, read
from repro.data.photographs.synsets import SYNSET

LIST_BYTES = 64 << 20
ACCEPTED = (
    "a text file with lines 'file synset', Tiny-ImageNet's val_annotations.txt, Kaggle's "
    f"LOC_val_solution.csv, or the devkit's {devkit.GROUND_TRUTH} with {devkit.META}"
)
# What ILSVRC-2012's first validation files show. The labels differ where the devkit's
# ids were read as positions among the sorted synsets.
OFFICIAL_START = {
    "ILSVRC2012_val_00000001.JPEG": "n01751748",  # sea snake
    "ILSVRC2012_val_00000002.JPEG": "n09193705",  # alp
    "ILSVRC2012_val_00000003.JPEG": "n02105855",  # Shetland sheepdog
    "ILSVRC2012_val_00000004.JPEG": "n04263257",  # soup bowl
    "ILSVRC2012_val_00000005.JPEG": "n03125729",  # cradle
}


def label_files(
    names: list[str], lists: list[File], files: Files, classes: Collection[str]
) -> tuple[dict[str, str], str]:
    """Return the class of each file name, and where that is written.

    `lists` are text files to look into, `classes` the known ones: another word is
    taken for a class only if it has the form of a synset. Raises SourceUnusable when
    nothing labels all of `names`, or two lists disagree.
    """
    found = {}
    for file in sorted(lists):
        if file.size <= LIST_BYTES and (labels := _listed(file, names, classes)):
            found[file.name] = labels
    if not found and (labels := devkit.validation_labels(names, files)):
        found["the devkit of ILSVRC-2012"] = labels
    complete = {place: f for place, f in found.items() if len(f) == len(set(names))}
    if not complete:
        raise SourceUnusable(_unlabelled(names, found))
    (place, labels), *others = complete.items()
    for other, different in others:
        if different != labels:
            raise SourceUnusable(f"{place} and {other} disagree: remove the wrong one")
    return labels, place


def check_official_start(labels: dict[str, str]) -> None:
    """Raise SourceUnusable where ILSVRC-2012's whole validation set is mislabelled."""
    for name, synset in OFFICIAL_START.items():
        if labels.get(name) != synset:
            raise SourceUnusable(
                f"{name} is labelled {labels.get(name)}, but shows {synset}: the labels "
                f"follow another order of the classes. Accepted: {ACCEPTED}"
            )


def _listed(
    file: File, names: list[str], classes: Collection[str]
) -> dict[str, str] | None:
    """Read the lines of `file` that say what one of `names` shows."""
    by_stem = {_stem(name): name for name in names}
    labels = {}
    for line in read(file).decode("utf-8", "replace").splitlines():
        name, synset = _columns(line, classes)
        if synset and (known := by_stem.get(_stem(name))):
            labels[known] = synset
    return labels


def _columns(line: str, classes: Collection[str]) -> tuple[str, str | None]:
    """Split at the first tab, comma or space, in this order of preference."""
    separator = next((mark for mark in "\t," if mark in line), None)
    name, *rest = line.strip().split(separator, 1)
    for word in (rest[0].split("\t")[0], *rest[0].split()[:1]) if rest else ():
        if word in classes or SYNSET.fullmatch(word):
            return name, word
    return name, None


def _stem(name: str) -> str:
    path = PurePosixPath(name)  # LOC_val_solution.csv has names without a suffix
    return path.stem if path.suffix[1:].isalpha() else path.name


def _unlabelled(names: list[str], found: dict[str, dict[str, str]]) -> str:
    if not found:
        return (
            f"nothing labels the {len(names):,} validation photographs, such as "
            f"{min(names)!r}; put beside them {ACCEPTED}; or a folder for each class"
        )
    place, labels = max(found.items(), key=lambda item: len(item[1]))
    missing = min(set(names) - labels.keys())
    return (
        f"{place} labels {len(labels):,} of {len(names):,} validation photographs, "
        f"not {missing!r}: complete it, or remove the photographs it lacks"
    )
