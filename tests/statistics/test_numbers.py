"""Numbers in words."""

import math

import pytest

from analysis.statistics.numbers import counted, per_cent, signed, spread


@pytest.mark.parametrize(
    ("points", "text"),
    [(1.234, "+1.23"), (-0.5, "−0.50"), (0.004, "0.00"), (-0.004, "0.00")],
)
def test_signs(points, text):
    assert signed(points) == text


def test_plurals():
    assert [counted(n, "view") for n in (1, 10, 1000)] == [
        "1 view",
        "10 views",
        "1,000 views",
    ]


def test_a_range_is_shown_only_where_values_differ():
    assert spread([0.2, 0.4], per_cent) == "30.0 (20.0–40.0)"
    assert spread([0.2, 0.2001], per_cent) == "20.0"
    assert spread([math.nan, 0.2], per_cent) == "20.0"
    assert spread([math.nan], per_cent) == spread([], per_cent) == "–"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.1234, "12.3"), (-0.307, "−30.7"), (-0.0001, "0.0"), (float("nan"), "–")],
)
def test_per_cent_has_a_real_minus_sign(value, shown):
    assert per_cent(value) == shown
