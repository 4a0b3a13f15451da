"""Which runs Figure 4 shows, and files that are not as they should."""

import numpy as np
import pytest

from analysis.evidence import exported
from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import ReportError, load
from tests.made.figure4 import write_exported
from tests.made.runs import CURVE_TO_10, write_run

FILES = ("predictions.npz", "errors.csv")


def loaded(reports):
    return load("cifar10", reports).named(RELEASED)


def names(runs):
    return [(run.name.partition("=")[2], run.seed) for run in runs.complete]


def test_the_name_with_most_exported_seeds_is_chosen(tmp_path):
    for seed in (2, 0, 10):
        write_exported(tmp_path, seed=seed)
    for seed in (0, 1, 2, 3):  # more seeds, but two are exported
        without = "errors.csv" if seed > 1 else ""
        write_exported(tmp_path, seed=seed, rate=0.02, without=without)
    write_exported(tmp_path, seed=11, status="running")
    chosen = exported.chosen(loaded(tmp_path), FILES)
    assert names(chosen) == [("0.01", 0), ("0.01", 2), ("0.01", 10)]


def test_of_equally_many_seeds_the_longest_trained(tmp_path):
    write_exported(tmp_path, rate=0.01)
    write_exported(tmp_path, rate=0.02, curve=CURVE_TO_10)
    write_exported(tmp_path, rate=0.03)
    chosen = exported.chosen(loaded(tmp_path), FILES)
    assert names(chosen) == [("0.02", 0)]


def test_other_recipes_do_not_count(tmp_path):
    write_run(tmp_path, CURVE_TO_10)
    assert loaded(tmp_path).complete == ()


@pytest.mark.parametrize(
    ("content", "names", "reason"),
    [
        (b"not an archive", ["a"], r"x\.npz: not usable"),
        (b"PK\x03\x04 cut", ["a"], r"x\.npz: not usable"),
        ({"a": [1]}, ["a", "b"], r"x\.npz: not usable \(b is not a file"),
        ({"a": [{}]}, ["a"], r"x\.npz: not usable \(Object arrays cannot be loaded"),
    ],
)
def test_an_unusable_archive_is_named(tmp_path, content, names, reason):
    write_exported(tmp_path)
    run = loaded(tmp_path).complete[0]
    if isinstance(content, bytes):
        (run.folder / "x.npz").write_bytes(content)
    else:
        np.savez(run.folder / "x.npz", **{k: np.array(v) for k, v in content.items()})
    with pytest.raises(ReportError, match=reason) as raised:
        exported.arrays(run.folder / "x.npz", names)
    assert "remove it and export again" in str(raised.value)


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", 'a,c\n"1'])
def test_an_unusable_table_is_named(tmp_path, content):
    write_exported(tmp_path)
    run = loaded(tmp_path).complete[0]
    (run.folder / "x.csv").write_text(content)
    with pytest.raises(ReportError, match=r"x\.csv: not usable"):
        exported.rows(run.folder / "x.csv", ["a", "c"])
