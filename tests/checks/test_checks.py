"""The committed numbers are those of the code, and a wrong one is named."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import claims
from analysis.ledger.checks import COMMAND, read_checks
from repro.checks import checks
from repro.checks.checked import Checked, relative_deviation


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The file, written anew."""
    return checks.write_checks(tmp_path_factory.mktemp("checks") / "checks.csv")


def test_the_committed_file_is_what_the_code_gives(again):
    """Up to rounding, which differs by machine; `repro write checks` writes it anew."""
    new, old = read_checks(again), read_checks(checks.PATH)
    pd.testing.assert_frame_equal(
        new.drop(columns="measured"), old.drop(columns="measured")
    )
    assert (abs(old["measured"] - new["measured"]) <= old["tolerance"]).all()
    assert (abs(old["measured"] - old["expected"]) <= old["tolerance"]).all()


def test_the_same_code_writes_the_same_bytes(again, tmp_path):
    path = checks.write_checks(tmp_path / "checks.csv")
    assert path.read_bytes() == again.read_bytes()


def test_every_number_belongs_to_a_claim():
    known = {claim.id: claim for claim in claims.load()}
    for row in read_checks().itertuples():
        quantity = known[row.claim].quantity(row.quantity)  # raises where it is none
        assert quantity.unit == row.unit
        assert quantity.command == COMMAND, row.claim


ABOUT = {"claim": "S1", "n": 3, "counted": "x", "compared": "y"}


def test_a_number_that_is_wrong_is_written_and_named(tmp_path, monkeypatch):
    row = Checked(quantity="q", measured=2, expected=1, **ABOUT)
    monkeypatch.setattr(checks, "check_rows", lambda: [row])
    with pytest.raises(checks.CheckError, match=r"S1 q is 2; it should be 1 within 0"):
        checks.write_checks(tmp_path / "checks.csv")
    assert read_checks(tmp_path / "checks.csv")["measured"][0] == 2


def test_not_a_number_never_agrees():
    wrong = Checked(measured=float("nan"), expected=0, tolerance=1, **ABOUT)
    assert not wrong.agrees
    assert Checked(measured=1, expected=0, tolerance=1, **ABOUT).agrees


def test_shapes_that_differ_are_not_compared():
    with pytest.raises(ValueError, match="compared with"):
        relative_deviation(np.ones(3), np.ones(2))
    assert relative_deviation([1.0, 3.0], [1.0, 2.0]) == 0.5
