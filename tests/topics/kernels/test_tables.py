"""Tables over kernels whose measures are known."""

import pytest

from analysis.evidence import runs as results
from analysis.topics.kernels import tables
from analysis.topics.kernels.learned import read_all
from analysis.topics.kernels.spectra import colour_share
from tests.made.kernels import (
    EPOCHS,
    mixed,
    noise,
    specialised,
    write_comparison,
    write_kernels,
)


def load(reports):
    return results.load("tiny-imagenet", reports)


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    reports = tmp_path_factory.mktemp("reports")
    write_comparison(reports)
    return read_all(load(reports))


def test_the_table_of_kernels_has_the_initial_values_in_brackets(learned):
    row = tables.responses(learned).iloc[0]
    assert row[["Run", "Seed"]].tolist() == ["released-145", "0"]
    assert row["Kernels"] == "12 of 5 × 5"
    assert row[["Gabor-like", "Colour blobs"]].tolist() == ["6 (0)", "6 (0)"]
    assert row["Colour energy"].startswith("50.0 % (6")


def test_the_table_of_towers_says_which_half_is_gpu_1(learned):
    table = tables.halves(learned)
    assert table["GPU 1 is"].tolist()[:3] == ["half 1", "half 1", "half 2"]
    assert table["GPU 1"].tolist() == ["0.0 %"] * 3 + ["50.0 %"]
    assert table["Gap"].tolist() == ["100.0 points"] * 3 + ["0.0 points"]
    assert table["Halves meet in"].tolist() == ["conv3"] * 3 + ["conv2"]


def test_the_table_of_recipes_counts_runs(learned):
    table = tables.recipes(learned)
    assert table["Runs above"].tolist() == ["3 of 3", "0 of 1"]
    interval = table[tables.INTERVAL]
    assert interval.tolist() == ["29.2 % to 100.0 %", "0.0 % to 97.5 %"]  # 0.025^(1/3)
    assert table["Gap"].tolist() == ["100.0 points", "0.0 points"]
    assert table["By chance"].tolist() == ["5.0 %"] * 2


def test_a_mean_has_its_range_where_seeds_differ(tmp_path):
    write_kernels(tmp_path, specialised(), seed=0)
    write_kernels(tmp_path, mixed(), seed=1)
    gap = tables.recipes(read_all(load(tmp_path)))["Gap"]
    assert gap.tolist() == ["50.0 (0.0–100.0) points"]


def test_kernels_of_zeros_have_dashes(tmp_path):
    write_kernels(tmp_path, 0 * mixed())
    (row,) = tables.halves(read_all(load(tmp_path))).to_dict("records")
    assert (row["GPU 1"], row["Gap"]) == ("– %", "– points")


def test_a_row_for_each_kernel_and_state(tmp_path):
    write_kernels(tmp_path, specialised())
    frame = tables.per_kernel(read_all(load(tmp_path)))
    assert len(frame) == 2 * 12
    trained = frame[frame["state"] == "trained"]
    assert trained["tower"].tolist() == [1] * 6 + [2] * 6
    assert trained["gabor_like"].tolist() == [True] * 6 + [False] * 6
    assert trained["colour_blob"].tolist() == [False] * 6 + [True] * 6
    initial = frame[frame["state"] == "initial"]
    assert initial["colour_share"].to_numpy() == pytest.approx(colour_share(noise(12)))


def test_the_split_appears_as_training_goes(tmp_path):
    write_kernels(tmp_path, specialised())
    frame = tables.per_epoch(read_all(load(tmp_path)))
    assert frame["epoch"].tolist() == list(EPOCHS)
    assert frame["exceeds"].tolist() == [False, True, True]
    assert tables.per_epoch([]).empty


def test_the_weights_of_the_figure_keep_four_digits(tmp_path):
    write_kernels(tmp_path, specialised())
    (one,) = read_all(load(tmp_path))
    frame = tables.weights(one)
    found = frame.drop(columns="kernel").astype(float).to_numpy().reshape(12, 3, 5, 5)
    assert found == pytest.approx(specialised(), rel=6e-4, abs=1e-6)
    assert frame.columns[1] == "r0.0" and frame.columns[-1] == "b4.4"
