"""A file is the old one or the new one, whatever happens in between."""

import numpy as np
import pandas as pd
import pytest

from repro.runs.files import (
    replacing,
    save_array,
    save_arrays,
    save_rows,
    save_table,
)


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "rows.npy"
    save_array(path, np.arange(3))

    def broken():
        yield np.zeros((2, 4))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_rows(path, (5, 4), np.float16, broken())
    assert [file.name for file in tmp_path.iterdir()] == ["rows.npy"]
    assert np.load(path).tolist() == [0, 1, 2]


def test_rows_become_one_array_that_can_be_mapped(tmp_path):
    whole = np.arange(20.0).reshape(5, 4)
    save_rows(tmp_path / "rows.npy", (5, 4), np.float16, [whole[:2], whole[2:]])
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert mapped.dtype == np.float16
    assert np.array_equal(mapped, whole)
    with pytest.raises(AssertionError, match="2 rows"):
        save_rows(tmp_path / "rows.npy", (5, 4), np.float16, [whole[:2]])


def test_the_same_arrays_give_the_same_bytes(tmp_path):
    arrays = {"a": np.arange(9), "names": np.array(["cat", "tabby cat"])}
    for name in ("one.npz", "two.npz"):
        save_arrays(tmp_path / name, arrays)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.npz", "two.npz"))
    assert one == two
    with np.load(tmp_path / "one.npz") as read:
        assert read["names"].tolist() == ["cat", "tabby cat"]


def test_a_table_keeps_what_is_empty_empty(tmp_path):
    save_table(tmp_path / "t.csv", [{"a": 1, "b": None}, {"a": 2, "b": 0.25}])
    frame = pd.read_csv(tmp_path / "t.csv")
    assert frame["b"].isna().tolist() == [True, False]
    assert (tmp_path / "t.csv").read_text() == "a,b\n1,\n2,0.25\n"


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError), replacing(tmp_path / "no" / "file"):
        raise AssertionError
