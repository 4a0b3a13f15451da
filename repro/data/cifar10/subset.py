"""The bundled subset of CIFAR-10 behind the `smoke` profile: real images, no download.

`cifar10_subset/`, beside this module, holds, for each split, one lossless WebP sheet of 25 images a
row, and the labels. Its README.txt says where they come from and how they were drawn.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from repro.data.cifar10 import fetch
from repro.data.cifar10.fetch import FetchFailed, Pinned
from repro.data.cifar10.files import Split, Unusable
from repro.data.packs import data_root, open_pack

DATASET = "cifar10-subset"
FOLDER = Path(__file__).parent / "cifar10_subset"
PER_CLASS = {"train": 100, "test": 25}
SHEET_COLUMNS = 25
SOURCE = (
    "CIFAR-10, bundled with this project: the first {train} training and {test} test "
    "images of every class".format(**PER_CLASS)
)
PINNED: Pinned = {  # split: SHA-256 of the pixels, and of the labels as int64
    "train": (
        "7d65170401349755a23ba36fc79f6ef6835add5da5d49f4fffef29a91fa775a9",
        "10b13bb2cf3d6285977667608e02711afc70f4389595b1aa45136de82d2c3aea",
    ),
    "test": (
        "b3305efcef4241a06961541cb0c012e500d9a47c4f0491bd6b10a2bff522caf4",
        "f6d8df908e20e7d8ae09756d27f34620567195f9c167e255b7dd8598328ec866",
    ),
}


def pack_subset(root: Path | None = None, say: Callable[[str], None] = print) -> None:
    """Pack the bundled images into <root>/cifar10-subset/{train,test}, if not there.

    Raises FetchFailed when the bundled files are damaged or the disk refuses.
    """
    root = data_root(root)
    if fetch.is_packed(DATASET, PINNED, root, say):
        return
    try:
        splits = {split: bundled(split) for split in PINNED}
        for split, content in splits.items():
            fetch.check_content(split, content, PINNED)
    except (Unusable, OSError, ValueError, LookupError) as error:
        raise FetchFailed(
            f"the bundled images in {FOLDER} cannot be used ({error}); restore that "
            "folder from the repository, or install a Pillow that reads WebP"
        ) from error
    try:
        fetch.pack_splits(DATASET, splits, SOURCE, root)
    except OSError as error:
        raise fetch.cannot_write(root / DATASET, error) from error
    say(f"{DATASET}: packed into {root / DATASET} from {FOLDER.name}")


def bundled(split: str) -> Split:
    """Decode one bundled split: images uint8 N x 32 x 32 x 3 and labels int64 N."""
    with Image.open(FOLDER / f"{split}.webp") as image:
        sheet = np.asarray(image.convert("RGB"))
    rows = sheet.reshape(-1, 32, SHEET_COLUMNS, 32, 3)
    images = rows.transpose(0, 2, 1, 3, 4).reshape(-1, 32, 32, 3)
    labels = json.loads((FOLDER / "labels.json").read_text("utf-8"))[split]
    return images, np.array(labels, dtype=np.int64)


def draw_subset(root: Path | None = None, folder: Path = FOLDER) -> None:
    """Draw the bundled files again, from packed CIFAR-10 in `root`, into `folder`.

    The rule: the first images of every class, PER_CLASS of them, in official order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    labels = {}
    for split, per_class in PER_CLASS.items():
        full = open_pack(fetch.DATASET, split, root)
        chosen = first_of_every_class(full.labels, per_class)
        labels[split] = full.labels[chosen].tolist()
        sheet = full.images[chosen].reshape(-1, SHEET_COLUMNS, 32, 32, 3)
        sheet = sheet.transpose(0, 2, 1, 3, 4).reshape(-1, SHEET_COLUMNS * 32, 3)
        image = Image.fromarray(sheet)
        image.save(folder / f"{split}.webp", lossless=True, quality=100, method=6)
    (folder / "labels.json").write_text(json.dumps(labels) + "\n", "utf-8")


def first_of_every_class(labels: np.ndarray, per_class: int) -> np.ndarray:
    """Return the sorted positions of the first `per_class` examples of every class."""
    positions = [
        np.flatnonzero(labels == label)[:per_class] for label in np.unique(labels)
    ]
    return np.sort(np.concatenate(positions))
