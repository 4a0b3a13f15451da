"""One split of photographs as a pack: it grows, is completed and moved into place.

Until then it lies in the data set's workspace. Beside the arrays of `repro.data.packs`
lie files.csv (what each row was made of) and broken.csv (what was left out, and why).
"""

import csv
import os
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from repro.data.pack_places import PACK_FILES, need_place, remove
from repro.data.packs import (
    PackCorrupt,
    PackMissing,
    open_pack,
    verify_pack,
    write_beside_images,
    write_manifest,
)
from repro.data.photographs.archives import DECOMPRESSED, SourceUnusable
from repro.data.photographs.decoding import decode_all
from repro.data.photographs.growing_images import GrowingImages
from repro.data.photographs.image_sets import ImageSet, Photograph

SPLITS = ("train", "test")
WORKSPACE = ".packing"  # folder beside the packs
SCRATCH = "decompressed"  # folder in the workspace
WORK_FILES = (  # in the workspace, at any time
    *("plan.json", f"{SCRATCH}/{DECOMPRESSED}"),
    *(
        f"{split}.{end}"
        for split in SPLITS
        for end in ("jsonl", "sums.npz", "sums.new")
    ),
    *(
        f"{split}{state}/{name}"
        for split in SPLITS
        for state in ("", ".growing", ".old")
        for name in PACK_FILES
    ),
)
SHOWN = 3  # broken files in a message
CHUNK_BYTES = 1 << 20  # decoded at a time; few, so that the workers end together


@dataclass(frozen=True)
class Packing:
    """Where and how one data set is packed."""

    folder: Path  # <root>/<dataset>
    side: int  # in pixels
    workers: int
    max_broken: float  # share of a split
    say: Callable[[str], None]

    @property
    def dataset(self) -> str:
        """Its name."""
        return self.folder.name

    @property
    def workspace(self) -> Path:
        """The folder for all that is not finished."""
        return self.folder / WORKSPACE

    def tell(self, line: str) -> None:
        """Say a line about this data set."""
        self.say(f"{self.dataset}: {line}")

    def clear(self) -> None:
        """Remove all unfinished work, but not what the source was decompressed to."""
        remove(
            self.workspace,
            (name for name in WORK_FILES if not name.startswith(SCRATCH)),
        )


def pack_split(packing: Packing, image_set: ImageSet, split: str, about: dict) -> int:
    """Make <workspace>/<split>, if it is not there; return how many were decoded now.

    `about` goes into the manifest; its plan tells whether the pack is in place already.
    Raises SourceUnusable, and clears the workspace when too many are broken.
    """
    if (packing.workspace / split).exists() or _is_in_place(packing, split, about):
        return 0
    photographs, new = image_set.splits[split], packing.workspace / f"{split}.growing"
    with GrowingImages(new, packing.side) as growing:
        before = growing.num_decided
        _grow(packing, split, photographs, growing)
        entries = {"images_sha256": growing.finish(), "broken": len(growing.broken)}
    broken = dict(growing.broken)
    whole = [p for position, p in enumerate(photographs) if position not in broken]
    left_out = [(photographs[position], why) for position, why in broken.items()]
    labels = _labels(packing, image_set, split, whole)
    entries |= write_beside_images(new, labels, len(image_set.classes), growing.sums)
    _write_rows(
        new / "files.csv", ("file", "synset"), ((p.name, p.synset) for p in whole)
    )
    rows = ((p.name, p.synset, why) for p, why in left_out)
    _write_rows(new / "broken.csv", ("file", "synset", "reason"), rows)
    names = {"dataset": packing.dataset, "split": split}
    names |= {"classes": image_set.classes, "synsets": image_set.synsets}
    manifest = names | entries | about
    manifest |= {name: about["plan"][name] for name in ("resize", "versions")}
    write_manifest(new, manifest)
    os.rename(new, packing.workspace / split)
    return len(photographs) - before


def put_in_place(packing: Packing) -> None:
    """Replace the old packs by the new ones, never leaving one of each.

    Raises PlaceTaken, keeping all, where other files have come there meanwhile.
    """
    workspace = packing.workspace
    need_place(packing.folder, SPLITS)
    new = [split for split in SPLITS if (workspace / split).exists()]
    for split in new:
        old = workspace / f"{split}.old"
        remove(old, PACK_FILES)  # of a killed process
        if (packing.folder / split).exists():
            os.rename(packing.folder / split, old)
            remove(old, PACK_FILES)
    for split in new:
        os.rename(workspace / split, packing.folder / split)
    packing.clear()


def _grow(
    packing: Packing, split: str, photographs: list[Photograph], growing: GrowingImages
) -> None:
    """Decide every photograph that is not decided yet."""
    done, total = growing.num_decided, len(photographs)
    if done:
        packing.say(f"{packing.dataset}/{split}: going on after {done:,} of {total:,}")
    rows = max(1, CHUNK_BYTES // (packing.side**2 * 3))
    starts = range(done, total, rows)
    chunks = ([p.file for p in photographs[k : k + rows]] for k in starts)
    workers = max(1, min(packing.workers, len(starts)))
    label = f"{packing.dataset}/{split}"
    _refuse_broken(packing, split, photographs, growing.broken)
    with (
        tqdm(total=total, initial=done, desc=label, unit="images", disable=None) as bar,
        closing(decode_all(chunks, packing.side, workers)) as decoded_chunks,
    ):
        for decoded in decoded_chunks:
            growing.append(decoded)
            bar.update(growing.num_decided - bar.n)
            _refuse_broken(packing, split, photographs, growing.broken)


def _refuse_broken(
    packing: Packing,
    split: str,
    photographs: list[Photograph],
    broken: list[tuple[int, str]],
) -> None:
    """Raise SourceUnusable, leaving nothing, as soon as too many are broken."""
    allowed = packing.max_broken * len(photographs)
    if len(broken) <= allowed:
        return
    packing.clear()
    shown = [f"{photographs[position].name!r} ({why})" for position, why in broken]
    raise SourceUnusable(
        f"at least {len(broken):,} of {len(photographs):,} photographs in {split} are "
        f"broken, {int(allowed):,} allowed (max_broken {packing.max_broken:g}): "
        f"{', '.join(shown[:SHOWN])}{', ...' * (len(shown) > SHOWN)}; mend or remove "
        "them, fetch the source again, or allow more"
    )


def _labels(
    packing: Packing, image_set: ImageSet, split: str, whole: list[Photograph]
) -> np.ndarray:
    """Return int64 labels. Raises SourceUnusable where a class has lost every image."""
    label = {synset: position for position, synset in enumerate(image_set.synsets)}
    labels = np.array([label[p.synset] for p in whole], np.int64)
    counts = np.bincount(labels, minlength=len(label))
    empty = [s for s, count in zip(image_set.synsets, counts, strict=True) if not count]
    if not whole or (empty and split == "train"):
        packing.clear()
        raise SourceUnusable(
            f"every photograph of {empty[0]!r} in {split} is broken: fetch it again"
        )
    return labels


def _is_in_place(packing: Packing, split: str, about: dict) -> bool:
    """Whether a process was killed after it moved this split, before the other."""
    try:
        pack = open_pack(packing.dataset, split, packing.folder.parent)
        if pack.manifest.get("plan") != about["plan"]:
            return False
        verify_pack(pack)
    except (PackMissing, PackCorrupt):
        return False
    return True


def _write_rows(path: Path, header: tuple, rows: Iterable[tuple]) -> None:
    """Write a CSV; names that are not UTF-8 come back as they are on disk."""
    with open(
        path, "w", encoding="utf-8", errors="surrogateescape", newline=""
    ) as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
