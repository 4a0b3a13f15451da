"""Linear probe and binary codes: over the seeds, and where they are missing."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.evidence.features import CODES_COLUMNS, neighbors
from analysis.evidence.runs import load
from analysis.statistics.images import share
from analysis.topics.neighbors import probes, tables
from tests.made.figure4 import write_exported


def write_codes(run, *, full=8.0, features=0.5, pixels=0.2, more=()):
    """Full search and codes of 64 bits, of 200 queries; a search by codes takes 1 s."""
    rows = [
        ("none", None, "features", 0.6, full),
        ("autoencoder", 64, "features", features, 1.0),
        ("random projection", 64, "features", 0.1, 0.5),
        ("autoencoder", 64, "pixels", pixels, 1.0),
        *more,
    ]
    table = pd.DataFrame([(*row, 200) for row in rows], columns=list(CODES_COLUMNS))
    table.to_csv(run / "codes.csv", index=False)


@pytest.fixture
def runs(tmp_path):
    for seed, error in enumerate((0.2, 0.3)):
        run = write_exported(tmp_path, seed=seed, probe={"features": error})
        write_codes(run, features=0.4 + error)
    return load("cifar10", tmp_path)


def test_the_probe_over_seeds(runs):
    found = probes.probe(runs).set_index("vectors")
    assert found.index.tolist() == ["features", "pixels", "untrained features"]
    features = found.loc["features"]
    assert features["seeds"] == pytest.approx((0.25, 0.2, 0.3))
    assert features["count"] == 2
    assert features["error"] == share(0.25, 100)  # images, not images times seeds
    assert found.loc["pixels", "seeds"] == (0.6, 0.6, 0.6)


def test_gains_are_how_much_lower_the_error_is(runs):
    gains = probes.gains(probes.probe(runs))
    assert gains["pixels"].value == pytest.approx(0.35)
    assert gains["untrained features"].value == pytest.approx(0.25)
    assert gains["pixels"].excludes(0)


def test_the_probe_stands_beside_the_networks_own_softmax(runs):
    html = tables.probe_table(runs).html
    assert "25.0 % (20.0–30.0)" in html and "17.5 to 34.3" in html
    assert "80.0 %" in html and ">450<" in html  # errors.csv, one view; training images
    assert ">4,096<" in html and "softmax regression" in html


def test_hog_stands_beside_them_and_once_more_with_all_images(tmp_path):
    errors = {"HOG": 0.5, "HOG, more images": 0.4}
    path = write_exported(tmp_path, probe=errors) / "probe.csv"
    table = pd.read_csv(path)
    table.loc[table["vectors"] == "HOG, more images", "train_images"] = 900
    table.to_csv(path, index=False)
    runs = load("cifar10", tmp_path)
    gains = probes.gains(probes.probe(runs))
    assert list(gains) == ["pixels", "untrained features", "HOG"]
    assert gains["HOG"].value == pytest.approx(0.3)
    html = tables.probe_table(runs).html
    assert "HOG, fitted to more images" in html and ">900<" in html


def test_codes_over_seeds(runs):
    full, features, _, pixels = probes.codes(runs).itertuples()
    assert full.code == "none" and math.isnan(full.bits)
    assert features.precision == pytest.approx((0.65, 0.6, 0.7))
    assert (features.bits, features.source, features.n) == (64, "features", 200)
    assert pixels.count == 2
    html = tables.codes_table(runs, neighbors(runs)).html
    assert "65.0 % (60.0–70.0)" in html and "none, the full vectors" in html
    # of 500 images: 4,096 numbers of 32 bits each, or 64 bits
    assert ">8.19<" in html and ">0.004<" in html


def test_missing_files_are_holes_with_their_command(tmp_path):
    write_exported(tmp_path, without="probe.csv")
    runs = load("cifar10", tmp_path)
    assert probes.probe(runs).empty and probes.codes(runs).empty
    assert probes.gains(probes.probe(runs)) == {}
    found = neighbors(runs)
    for html in (tables.probe_table(runs).html, tables.codes_table(runs, found).html):
        assert 'class="hole"' in html
        assert "runs/released-145+learning_rate=0.01/seed-0</code>" in html


def coded(reports):
    return probes.coded(load("cifar10", reports))


def test_comparisons_are_within_runs(tmp_path):
    for seed, full, found in ((0, 8.0, 0.50), (1, 9.0, 0.52)):
        write_codes(write_exported(tmp_path, seed=seed), full=full, features=found)
    (found,) = coded(tmp_path)
    assert (found.bits, found.queries) == (64, 200)
    half = 12.706 * abs(math.log(9 / 8)) / 2  # Student's t of one degree of freedom
    speedup = found.speedup
    assert speedup.value == pytest.approx(72**0.5)
    assert speedup.low == pytest.approx(72**0.5 / math.exp(half), rel=1e-4)
    assert speedup.high == pytest.approx(72**0.5 * math.exp(half), rel=1e-4)
    assert found.gain.value == pytest.approx(0.31)
    assert found.gain.low == pytest.approx(0.31 - 12.706 * 0.01, abs=1e-5)
    assert found.features == pytest.approx((0.51, 0.5, 0.52))
    assert found.full == pytest.approx((0.6, 0.6, 0.6))
    assert found.pixels == pytest.approx((0.2, 0.2, 0.2))


def test_one_run_has_no_interval(tmp_path):
    write_codes(write_exported(tmp_path))
    (found,) = coded(tmp_path)
    assert found.speedup.value == pytest.approx(8)
    assert np.isnan([found.speedup.low, found.gain.high]).all()


def test_only_sizes_that_every_run_has_for_both(tmp_path):
    longer = ("autoencoder", 128, "features", 0.6, 2.0)
    write_codes(write_exported(tmp_path), more=[longer])
    assert [each.bits for each in coded(tmp_path)] == [64]
    pixels = ("autoencoder", 128, "pixels", 0.3, 2.0)
    write_codes(write_exported(tmp_path), more=[longer, pixels])
    assert [each.bits for each in coded(tmp_path)] == [64, 128]
    assert coded(tmp_path)[1].speedup.value == pytest.approx(4)
    write_codes(write_exported(tmp_path, seed=1))
    assert [each.bits for each in coded(tmp_path)] == [64]


def test_without_codes_there_is_nothing(tmp_path):
    write_exported(tmp_path)
    assert coded(tmp_path) == []
