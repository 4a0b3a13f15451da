"""Codes against the full search, within runs and over seeds."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.evidence import runs
from analysis.topics.neighbors import codes
from tests.made.figure4 import write_exported

HEADER = ["code", "bits", "source", "precision_at_6", "seconds", "n"]


def write_codes(run, *, full=8.0, features=0.5, pixels=0.2, more=()):
    """Full search and codes of 64 bits, of 200 queries; a search by codes takes 1 s."""
    rows = [
        ("none", None, "features", 0.6, full),
        ("autoencoder", 64, "features", features, 1.0),
        ("random projection", 64, "features", 0.1, 0.5),
        ("autoencoder", 64, "pixels", pixels, 1.0),
        *more,
    ]
    table = pd.DataFrame([(*row, 200) for row in rows], columns=HEADER)
    table.to_csv(run / "codes.csv", index=False)


def coded(reports):
    return codes.coded(runs.load("cifar10", reports))


def test_comparisons_are_within_runs(tmp_path):
    for seed, full, share in ((0, 8.0, 0.50), (1, 9.0, 0.52)):
        write_codes(write_exported(tmp_path, seed=seed), full=full, features=share)
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
