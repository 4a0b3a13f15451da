"""Reading probe.csv, codes.csv and neighbors.npz over the seeds."""

import numpy as np
import pandas as pd
import pytest

from analysis.evidence import features
from analysis.evidence.runs import ReportError, load
from tests.made.figure4 import QUERIES, SAME, SAME_PIXELS, write_exported


def loaded(reports):
    return load("cifar10", reports)


def test_rows_of_every_run_that_has_the_file(tmp_path):
    for seed, error in enumerate((0.2, 0.3)):
        write_exported(tmp_path, seed=seed, probe={"features": error})
    write_exported(tmp_path, seed=2, without="probe.csv")
    found = features.probes(loaded(tmp_path))
    own = found[found["vectors"] == features.FEATURES]
    assert own["seed"].tolist() == [0, 1]
    assert own["top1_error"].tolist() == [0.2, 0.3]
    assert features.codes(loaded(tmp_path)).empty


@pytest.mark.parametrize("read", [features.probes, features.codes])
def test_a_file_without_its_columns_is_named(tmp_path, read):
    run = write_exported(tmp_path)
    for name in (features.PROBE, features.CODES):
        pd.DataFrame({"n": [1]}).to_csv(run / name, index=False)
    with pytest.raises(ReportError, match=r"\.csv: not usable"):
        read(loaded(tmp_path))


def test_neighbors_know_their_class_and_chance(tmp_path):
    for seed in (0, 1):
        write_exported(tmp_path, seed=seed)
    found = features.neighbors(loaded(tmp_path))
    assert found.queries.tolist() == list(QUERIES)
    assert found.rank.shape == found.rows["pixels"].shape == (2, 5, 6)
    assert found.same("features")[1].sum(1).tolist() == list(SAME)
    assert found.same("pixels")[0].sum(1).tolist() == list(SAME_PIXELS)
    assert found.database == 500
    assert found.chance == pytest.approx(1 / 6)


def test_an_output_without_images_is_no_class(tmp_path):
    write_exported(tmp_path, class_names=np.array(["a", "b", "", "c", "", "d"]))
    assert features.neighbors(loaded(tmp_path)).chance == 1 / 4


@pytest.mark.parametrize(
    ("name", "value"),
    [("query_index", range(5)), ("query_label", [5] * 5), ("database_size", 7)],
)
def test_seeds_with_other_queries_are_an_error(tmp_path, name, value):
    write_exported(tmp_path)
    write_exported(tmp_path, seed=1, **{name: np.array(value)})
    with pytest.raises(ReportError, match=rf"seed-1.*{name} differs"):
        features.neighbors(loaded(tmp_path))
