"""Label checks: a network would train on wrong labels without complaint.

Most wrong ImageNet numbers come from the order of the classes.
"""

import csv
import re
from pathlib import PurePosixPath

import numpy as np

from repro.data.packs import Pack
from repro.data.photographs.archives import SourceUnusable
from repro.data.photographs.decoding import decode_all
from repro.data.photographs.image_sets import ImageSet
from repro.data.photographs.synsets import SYNSET

ROWS_CHECKED = 8  # of a split, decoded again
NAMED_AFTER = re.compile(rf"({SYNSET.pattern})_")  # as ImageNet's files are


def check_labels(image_set: ImageSet) -> None:
    """Compare labels with the names of files and the classes of the training set.

    Raises SourceUnusable.
    """
    synsets = image_set.synsets
    if len(synsets) < 2:
        raise SourceUnusable(
            f"train/ has only the class {synsets[0]!r}; at least 2 needed"
        )
    shown = {photograph.synset for photograph in image_set.splits["test"]}
    if unknown := sorted(shown - set(synsets)):
        raise SourceUnusable(
            f"{len(unknown):,} classes of the validation set are not in train/, such as "
            f"{unknown[0]!r}: add their training photographs, or remove their others"
        )
    for synset, name, _ in (p for split in image_set.splits.values() for p in split):
        named = NAMED_AFTER.match(PurePosixPath(name).name)
        if named and SYNSET.fullmatch(synset) and named[1] != synset:
            raise SourceUnusable(
                f"{name!r} is labelled {synset}, but named after {named[1]}: labels and "
                "files do not belong together; unpack the source again"
            )


def check_pack(pack: Pack, image_set: ImageSet, split: str, workers: int = 1) -> None:
    """Compare the pack with its source: the count, and some rows in pixels and labels.

    `workers` threads decode those again. Raises SourceUnusable.
    """
    photographs = {each.name: each for each in image_set.splits[split]}
    with open(
        pack.folder / "files.csv",
        encoding="utf-8",
        errors="surrogateescape",
        newline="",
    ) as file:
        names = [row["file"] for row in csv.DictReader(file)]
    if len(names) + pack.manifest["broken"] != len(photographs):
        raise SourceUnusable(f"{split}: not every photograph was packed; run again")
    rows = np.linspace(0, len(names) - 1, ROWS_CHECKED).round().astype(int)
    chosen = [photographs[names[row]] for row in rows]
    chunks = ([photograph.file] for photograph in chosen)
    again = decode_all(chunks, pack.images.shape[1], workers)
    for row, photograph, (pixels, *_) in zip(rows, chosen, again, strict=True):
        synset = pack.manifest["synsets"][pack.labels[row]]
        if synset != photograph.synset or not np.array_equal(
            pixels, pack.images[[row]]
        ):
            raise SourceUnusable(
                f"{photograph.name!r} no longer gives row {row} of the pack: the source "
                "has changed while it was packed; run again"
            )
