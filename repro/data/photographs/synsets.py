"""Names of classes: what a synset (a WordNet id such as n01440764) is called."""

import hashlib
import re
from collections import Counter

from repro.data.photographs import devkit
from repro.data.photographs.archives import File
from repro.data.photographs.source_files import Files, read

SYNSET = re.compile(r"n\d{8}")
# "n01440764<tab or space>tench, Tinca tinca" on each line, in these files:
LISTS = ("words.txt", "LOC_synset_mapping.txt", "synset_words.txt")
# SHA-256 of the 1,000 sorted synsets of ILSVRC-2012, one a line
ILSVRC_2012 = "385e0240499426c022b773be1ae4da780f057b89c9694c7f47199f62746b6edd"
IMAGENETTE = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}


def is_ilsvrc_2012(synsets: tuple[str, ...]) -> bool:
    """Whether these are the 1,000 classes of ILSVRC-2012, sorted."""
    return hashlib.sha256("\n".join(synsets).encode()).hexdigest() == ILSVRC_2012


def readable_names(synsets: tuple[str, ...], files: Files) -> tuple[str, ...]:
    """Return one name for each synset, no two of them the same.

    It is the first word in a list among `files`, in the devkit's meta.mat, or in what
    is known here. A synset that nothing names stays as it is. Raises SourceUnusable for
    a damaged meta.mat.
    """
    words = _known(synsets) | devkit.words(files)
    for file in files.values():
        if file.name.rpartition("/")[2] in LISTS:
            words |= _listed(file)
    full = [words.get(synset, synset) for synset in synsets]
    short = _told_apart([name.split(",")[0].strip() for name in full], full)
    pairs = zip(full, synsets, strict=True)
    return tuple(_told_apart(short, [f"{name} ({synset})" for name, synset in pairs]))


def _known(synsets: tuple[str, ...]) -> dict[str, str]:
    if not is_ilsvrc_2012(synsets):
        return IMAGENETTE
    from torchvision.models import AlexNet_Weights  # slow to load

    names = AlexNet_Weights.IMAGENET1K_V1.meta["categories"]  # in the sorted order
    return dict(zip(synsets, names, strict=True))


def _listed(file: File) -> dict[str, str]:
    lines = read(file).decode("utf-8", "replace").splitlines()
    pairs = [line.split(maxsplit=1) for line in lines]
    return {p[0]: p[1].strip() for p in pairs if len(p) == 2 and SYNSET.match(p[0])}


def _told_apart(names: list[str], longer: list[str]) -> list[str]:
    """Use the longer form of names that occur twice, such as ImageNet's two cranes."""
    count = Counter(names)
    return [n if count[n] == 1 else long for n, long in zip(names, longer, strict=True)]
