"""A pack is one split of a data set: a folder of arrays with hashes and statistics.

`<data>/<dataset>/<split>/` holds images.npy, labels.npy, mean.npy and manifest.json.
This module knows nothing about any particular data set, and needs numpy only.
"""

import importlib.metadata
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from repro.data.arrays import PixelSums, sha256_of, write_array
from repro.data.pack_places import (
    PACK_FILES,
    PackMissing,
    PlaceTaken,
    instead_of_pack,
    need_pack_or_nothing,
    remove,
    remove_stale,
)
from repro.errors import ReproError

ARRAYS = ("images", "labels", "mean")
WORKSPACE_FILES = [f"{part}/{name}" for part in ("new", "old") for name in PACK_FILES]
MANIFEST_KEYS = {
    *("dataset", "split", "classes", "n", "shape", "counts", "source", "resize"),
    *("images_sha256", "labels_sha256", "mean_sha256"),
    *("rgb_mean", "rgb_covariance", "versions"),
}


class PackCorrupt(ReproError):
    """A packed data set contradicts its own manifest; `reason` says how."""

    def __init__(self, folder: Path, reason: object):
        self.reason = " ".join(str(reason).split())  # numpy's reasons may have lines
        super().__init__(
            f"the pack in {folder.absolute()} is damaged ({self.reason}); "
            "run `repro data --profile P` again, with --source PATH for files you have"
        )


@dataclass(frozen=True)
class Pack:
    """One split of a packed data set, opened for reading."""

    folder: Path
    images: np.ndarray  # uint8, N x H x W x 3, memory-mapped read-only
    labels: np.ndarray  # int64, N
    mean: np.ndarray  # float32, H x W x 3: per-pixel mean of this split
    manifest: dict

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the names of the classes; a label is a position among them."""
        return tuple(self.manifest["classes"])

    @property
    def rows(self) -> np.ndarray:
        """Return the rows that count: all but those that `class_subset` left out."""
        return np.flatnonzero(self.labels >= 0)


def data_root(root: Path | None = None) -> Path:
    """Return where packed data lives: `root`, else $REPRO_DATA, else ./data."""
    if root is not None:
        return Path(root)
    return Path(os.environ.get("REPRO_DATA") or "data").expanduser()


def pack_folder(dataset: str, split: str, root: Path | None = None) -> Path:
    """Return the folder of one split, whether or not it exists."""
    return data_root(root) / dataset / split


def open_pack(dataset: str, split: str, root: Path | None = None) -> Pack:
    """Open a packed split without reading its images.

    Raises PackMissing when there is none, PlaceTaken when other files are there
    instead, and PackCorrupt when files are missing, unreadable or contradict the
    manifest.
    """
    folder = pack_folder(dataset, split, root)
    if other := instead_of_pack(folder):
        raise PlaceTaken(
            f"{dataset}/{split} is not packed: {folder.absolute()} holds other files, "
            f"such as {other!r}"
        )
    if other is not None:
        raise PackMissing(
            f"{dataset}/{split} is not packed: looked for {folder.absolute()}; "
            "run `repro data` with the same --profile "
            "(with --source PATH, or `make ... SOURCE=PATH`, for files you have)"
        )
    try:
        pack = Pack(
            folder=folder,
            images=np.load(folder / "images.npy", mmap_mode="r"),
            labels=np.load(folder / "labels.npy"),
            mean=np.load(folder / "mean.npy"),
            manifest=json.loads((folder / "manifest.json").read_text("utf-8")),
        )
        _check_manifest(pack)
    except (OSError, ValueError, EOFError, TypeError, AttributeError) as error:
        raise PackCorrupt(folder, error) from error
    return pack


def write_pack(
    dataset: str,
    split: str,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    classes: tuple[str, ...],
    source: str,
    resize: str,
    libraries: tuple[str, ...] = ("numpy",),
    root: Path | None = None,
) -> Pack:
    """Pack one split, replacing the pack that was there, and open it.

    `images` is uint8 N x H x W x 3 and is read once, in chunks, so it may be a memory
    map larger than memory; `labels` are integers below len(classes). `libraries` are
    the packages that produced the pixels: their versions go into the manifest.
    Nothing half-written remains, whatever is raised on the way (OSError of a full disk,
    KeyboardInterrupt). Raises PlaceTaken where something other than a pack is there.
    """
    labels = np.asarray(labels)
    _check_arrays(images, labels, len(classes))
    folder = pack_folder(dataset, split, root)
    need_pack_or_nothing(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    stale_files = (*PACK_FILES, *WORKSPACE_FILES)
    remove_stale(folder.parent, f".{split}.partial-*", stale_files)
    workspace = Path(tempfile.mkdtemp(prefix=f".{split}.partial-", dir=folder.parent))
    try:
        new = workspace / "new"  # not the workspace itself: that one is mode 0700
        new.mkdir()
        manifest = {"dataset": dataset, "split": split, "classes": list(classes)}
        manifest |= _write_arrays(new, images, labels.astype(np.int64), len(classes))
        manifest |= {"source": source, "resize": resize}
        manifest["versions"] = {n: importlib.metadata.version(n) for n in libraries}
        write_manifest(new, manifest)
        if folder.exists():
            os.rename(folder, workspace / "old")
        os.rename(new, folder)
    finally:
        with suppress(OSError):
            remove(workspace, WORKSPACE_FILES)
    return open_pack(dataset, split, root)


def verify_pack(pack: Pack, arrays: tuple[str, ...] = ARRAYS) -> None:
    """Hash these arrays again; raise PackCorrupt where a hash is not the manifest's."""
    for name in arrays:
        if sha256_of(getattr(pack, name)) != pack.manifest[f"{name}_sha256"]:
            raise PackCorrupt(pack.folder, f"the content of {name}.npy has changed")


def write_beside_images(
    folder: Path, labels: np.ndarray, num_classes: int, sums: PixelSums
) -> dict:
    """Write labels.npy and mean.npy and return the manifest's entries but images_sha256.

    `labels` are int64; `sums` are over the images, which need not be written yet.
    """
    return {
        "n": len(labels),
        "shape": [len(labels), *sums.pixels.shape],
        "counts": np.bincount(labels, minlength=num_classes).tolist(),
        "labels_sha256": write_array(folder / "labels.npy", labels),
        "mean_sha256": write_array(folder / "mean.npy", sums.mean()),
        "rgb_mean": sums.rgb_mean().tolist(),
        "rgb_covariance": sums.rgb_covariance().tolist(),
    }


def write_manifest(folder: Path, manifest: dict) -> None:
    """Write manifest.json; `open_pack` checks that it has all of MANIFEST_KEYS."""
    with open(folder / "manifest.json", "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1)


def _write_arrays(
    folder: Path, images: np.ndarray, labels: np.ndarray, num_classes: int
) -> dict:
    """Write the three arrays and return the manifest's entries about them."""
    sums = PixelSums(*images.shape[1:3])
    images_sha256 = write_array(folder / "images.npy", images, sums.add)
    entries = write_beside_images(folder, labels, num_classes, sums)
    return entries | {"images_sha256": images_sha256}


def _check_arrays(images: np.ndarray, labels: np.ndarray, num_classes: int) -> None:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(
            f"images are {images.dtype} {images.shape}; allowed: uint8 N x H x W x 3"
        )
    if len(images) == 0 or labels.shape != (len(images),):
        raise ValueError(f"{len(images)} images with labels of shape {labels.shape}")
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(f"labels must be integers from 0 to {num_classes - 1}")


def _check_manifest(pack: Pack) -> None:
    """Raise ValueError or KeyError where arrays and manifest cannot belong together."""
    manifest, images, labels = pack.manifest, pack.images, pack.labels
    if missing := MANIFEST_KEYS - manifest.keys():
        raise ValueError(f"the manifest lacks {', '.join(sorted(missing))}")
    num_classes = len(manifest["classes"])
    _check_arrays(images, labels, num_classes)
    found = {
        "shape": list(images.shape),
        "n": len(labels),
        "counts": np.bincount(labels, minlength=num_classes).tolist(),
    }
    for name, value in found.items():
        if manifest[name] != value:
            raise ValueError(f"{name} is {value}, the manifest says {manifest[name]}")
    if pack.mean.shape != images.shape[1:]:
        raise ValueError(f"mean.npy has shape {pack.mean.shape}")
