"""Linear probe and binary codes: over the seeds, and where they are missing."""

import math

import pandas as pd
import pytest

from analysis.evidence import runs as results
from analysis.evidence.runs import ReportError
from analysis.statistics import resampling
from analysis.topics.neighbors import figure4_right, probe_tables, probes
from tests.made.figure4 import write_exported

CODES = """code,bits,source,precision_at_6,seconds,n
none,,features,0.5,2.0,200
autoencoder,128,features,{},0.25,200
autoencoder,128,pixels,0.1,0.25,200
"""


@pytest.fixture
def runs(tmp_path):
    for seed, error in enumerate((0.2, 0.3)):
        run = write_exported(tmp_path, seed=seed, probe={"features": error})
        (run / "codes.csv").write_text(CODES.format(0.4 + error))
    return results.load("cifar10", tmp_path)


def test_the_probe_over_seeds(runs):
    found = probes.probe(runs).set_index("vectors")
    assert found.index.tolist() == ["features", "pixels", "untrained features"]
    features = found.loc["features"]
    assert features["seeds"] == pytest.approx((0.25, 0.2, 0.3))
    assert features["count"] == 2
    expected = resampling.wilson(0.25, 100)  # images, not images times seeds
    assert features["error"].interval == expected.interval
    assert found.loc["pixels", "seeds"] == (0.6, 0.6, 0.6)


def test_gains_are_how_much_lower_the_error_is(runs):
    gains = probes.gains(probes.probe(runs))
    assert gains["pixels"].value == pytest.approx(0.35)
    assert gains["untrained features"].value == pytest.approx(0.25)
    assert gains["pixels"].excludes(0)


def test_the_probe_stands_beside_the_networks_own_softmax(runs):
    html = probe_tables.probe_table(runs).html
    assert "25.0 % (20.0–30.0)" in html and "17.5 to 34.3" in html
    assert "80.0 %" in html and ">450<" in html  # errors.csv, one view; training images
    assert ">4,096<" in html and "softmax regression" in html


def test_hog_stands_beside_them_and_once_more_with_all_images(tmp_path):
    errors = {"HOG": 0.5, "HOG, more images": 0.4}
    path = write_exported(tmp_path, probe=errors) / "probe.csv"
    table = pd.read_csv(path)
    table.loc[table["vectors"] == "HOG, more images", "train_images"] = 900
    table.to_csv(path, index=False)
    runs = results.load("cifar10", tmp_path)
    gains = probes.gains(probes.probe(runs))
    assert list(gains) == ["pixels", "untrained features", "HOG"]
    assert gains["HOG"].value == pytest.approx(0.3)
    html = probe_tables.probe_table(runs).html
    assert "HOG, fitted to more images" in html and ">900<" in html
    text = figure4_right.summary(runs)
    assert (
        "on HOG of the centre view 50.0 % (test split, n = 100; fitted to 300" in text
    )
    assert "more images" not in text


def test_codes_over_seeds(runs):
    full, features, pixels = probes.codes(runs).itertuples()
    assert full.code == "none" and math.isnan(full.bits)
    assert features.precision == pytest.approx((0.65, 0.6, 0.7))
    assert (features.bits, features.source, features.n) == (128, "features", 200)
    assert pixels.count == 2
    html = probe_tables.codes_table(runs).html
    assert "65.0 % (60.0–70.0)" in html and "none, the full vectors" in html


def test_missing_files_are_holes_with_their_command(tmp_path):
    write_exported(tmp_path, without="probe.csv")
    runs = results.load("cifar10", tmp_path)
    assert probes.probe(runs).empty and probes.codes(runs).empty
    assert probes.gains(probes.probe(runs)) == {}
    for table in (probe_tables.probe_table, probe_tables.codes_table):
        html = table(runs).html
        assert 'class="hole"' in html
        assert "runs/released-145+learning_rate=0.01/seed-0</code>" in html


def test_codes_without_their_columns_are_an_error(runs):
    (runs.complete[0].folder / "codes.csv").write_text("code,bits\nnone,1\n")
    with pytest.raises(ReportError, match=r"codes\.csv: not usable"):
        probes.codes(runs)
