"""Files that are whole or not there: a temporary name first, then renamed. No torch."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np


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


def save_array(path: Path, array: np.ndarray) -> None:
    """Write one .npy file."""
    save_rows(path, array.shape, array.dtype, [array])


def save_rows(
    path: Path, shape: tuple[int, ...], dtype: Any, chunks: Iterable[np.ndarray]
) -> None:
    """Write a .npy file of this shape from pieces of it along the first axis, in order.

    Plain writes: through a memory map a full disk would kill the process.
    """
    dtype, written = np.dtype(dtype), 0
    header = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    with replacing(path) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for chunk in chunks:
            file.write(np.ascontiguousarray(chunk, dtype=dtype).tobytes())
            written += len(chunk)
        assert written == shape[0], f"{written} rows for {shape}"


def save_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write one compressed .npz file; the same arrays give the same bytes."""
    with replacing(path) as file:
        np.savez_compressed(file, **arrays)


def save_table(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write one .csv file with the keys of the first row as its columns."""
    import pandas as pd  # here, so that the command line answers at once

    frame = pd.DataFrame(rows, columns=list(rows[0]))
    with replacing(path) as file:
        file.write(frame.to_csv(index=False, float_format="%.9g").encode())
