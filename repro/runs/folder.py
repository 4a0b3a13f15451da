"""The run folder: the contract between training and analysis. No torch here.

`reports/<profile>/runs/<recipe>[+field=value...]/seed-<k>/` holds recipe.json,
manifest.json and metrics.csv from the first moment on. A file is whole or not there: it
is written to a temporary name and renamed.
"""

import errno
import itertools
import json
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from repro.errors import ReproError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

ROOT = Path(__file__).resolve().parents[2]  # of the checkout
METRICS = (
    "epoch",
    "step",
    "lr",
    "running_loss",
    "train_loss",
    "train_top1_error",
    "train_top5_error",
    "val_loss",
    "val_top1_error",
    "val_top5_error",
    "seconds",
    "images_per_second",
    "data_wait_fraction",
)
# Of a profile, what decides a run beside its recipe.
DATA_FIELDS = ("dataset", "side", "validation_images", "validation_by_class")


# How a file system says that it has no locks: Lustre and FUSE do, where set up so.
NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)


class RunError(ReproError):
    """A run folder that cannot be used as asked; the text is one line."""


def reports_root() -> Path:
    """`REPRO_REPORTS`, else `reports/` beside the package, wherever it is called from."""
    chosen = os.environ.get("REPRO_REPORTS")
    return Path(chosen).expanduser() if chosen else ROOT / "reports"


def run_folder(reports: Path, profile: str, name: str, seed: int) -> Path:
    """Where the run called `name` with this seed lives."""
    return reports / profile / "runs" / name / f"seed-{seed}"


def find_runs(reports: Path, profile: str) -> list[Path]:
    """The folders in a run's place that hold a manifest, sorted by path.

    A copy is among them under whatever name it has; only its recipe.json tells.
    """
    manifests = (reports / profile / "runs").glob("*/*/manifest.json")
    return sorted(manifest.parent for manifest in manifests)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write; it takes the name `path` when the block ends without an error."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # on disk before a rename makes it look whole
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_array(path: Path, array: "np.ndarray") -> None:
    """Write one .npy file."""
    save_rows(path, array.shape, array.dtype, [array])


def save_rows(
    path: Path, shape: tuple[int, ...], dtype: Any, chunks: Iterable["np.ndarray"]
) -> None:
    """Write a .npy file of this shape from pieces of it along the first axis, in order.

    Plain writes: through a memory map a full disk would kill the process.
    """
    import numpy as np  # here, so that the command line answers at once

    dtype, written = np.dtype(dtype), 0
    header = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    with replacing(path) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for chunk in chunks:
            file.write(np.ascontiguousarray(chunk, dtype=dtype).tobytes())
            written += len(chunk)
        assert written == shape[0], f"{written} rows for {shape}"


def save_arrays(path: Path, arrays: dict[str, "np.ndarray"]) -> None:
    """Write one compressed .npz file; the same arrays give the same bytes."""
    import numpy as np

    with replacing(path) as file:
        np.savez_compressed(file, **arrays)


def save_table(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write one .csv file with the keys of the first row as its columns."""
    import pandas as pd  # here, so that the command line answers at once

    frame = pd.DataFrame(rows, columns=list(rows[0]))
    with replacing(path) as file:
        file.write(frame.to_csv(index=False, float_format="%.9g").encode())


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in `path`; raises RunError naming the file when it is not one."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: not readable as JSON ({error})") from error


def write_json(path: Path, record: dict[str, Any]) -> None:
    """Write `record` at once: readers see the old file or the new one."""
    write_text(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write `text` at once, into a folder that is made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write(text.encode())


def read_metrics(run: Path) -> "pd.DataFrame":
    """metrics.csv, one row an epoch; row 0 was measured before training.

    Raises RunError when it cannot be read or columns are missing.
    """
    import pandas as pd  # here, so that the command line answers at once

    path = run / "metrics.csv"
    try:
        frame = pd.read_csv(path, dtype=str)
        missing = [column for column in METRICS if column not in frame.columns]
        if missing:
            raise RunError(f"{path}: columns missing: {', '.join(missing)}")
        # through Python's floats, which read back exactly what was written
        return frame.astype(float).astype({"epoch": int, "step": int})
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise RunError(f"{path}: not readable ({error})") from error


def write_metrics(run: Path, rows: list[dict[str, float]]) -> None:
    """Write all rows; a column that a row lacks stays empty."""
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(METRICS))
    frame = frame.astype({"epoch": int, "step": int})
    write_text(run / "metrics.csv", frame.to_csv(index=False))


def epochs_to(epochs: Sequence[float], errors: Sequence[float], level: float) -> float:
    """Epochs until the error is first at most `level`, interpolated linearly.

    Infinite when it never is.
    """
    pairs = list(zip(epochs, errors, strict=True))
    if pairs and pairs[0][1] <= level:
        return pairs[0][0]
    for (start, high), (end, low) in itertools.pairwise(pairs):
        if low <= level:
            return start + (high - level) / (high - low) * (end - start)
    return math.inf


def status(run: Path) -> str:
    """`absent`, `running`, `complete` or `failed`."""
    manifest = run / "manifest.json"
    return read_json(manifest)["status"] if manifest.exists() else "absent"


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock file. The lock is the system's: it goes with the process, even killed.

    Raises filelock.Timeout where another process holds it, and OSError, also where the
    file system has no such locks: a mere file in their place would outlive its process.
    """
    from filelock import FileLock

    lock = FileLock(path, timeout=0, fallback_to_soft=False)
    try:
        lock.acquire()
    except OSError as error:
        if error.errno in NO_LOCKS:
            told = f"a file system without locks: {error.strerror}"
            raise OSError(error.errno, told) from error
        raise
    try:
        yield
    finally:
        lock.release()


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold the folder; raises RunError when another process holds it."""
    from filelock import Timeout

    with ExitStack() as stack:
        try:
            run.mkdir(parents=True, exist_ok=True)
            stack.enter_context(held(run / "run.lock"))
        except Timeout:
            raise RunError(
                f"{run}: another process is training this run; wait for it or stop it"
            ) from None
        except OSError as error:
            raise RunError(
                f"{run}: cannot write here ({error.strerror}); choose another --out, or "
                "set REPRO_REPORTS"
            ) from error
        yield


def claim(run: Path, record: dict[str, Any]) -> None:
    """Write recipe.json, or check that the one there says the same.

    What decides the run is compared: recipe, seed, and the profile's data. Raises
    RunError naming the first difference.
    """
    path = run / "recipe.json"
    if not path.exists():
        write_json(path, record)
        return
    there, asked = _identity(read_json(path)), _identity(record)
    for key in sorted({*there, *asked}):
        if there.get(key) != asked.get(key):
            raise RunError(
                f"{run}: holds another run: {key} is {there.get(key)!r} there and "
                f"{asked.get(key)!r} here; choose another --out or remove the folder"
            )


def _identity(record: dict[str, Any]) -> dict[str, Any]:
    profile = record["profile"]
    data = {key: profile.get(key) for key in DATA_FIELDS}
    data["classes"] = profile.get("classes", 0)  # not in early records
    return _flat({"recipe": record["recipe"], "seed": record["seed"], "profile": data})


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat
