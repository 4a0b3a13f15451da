"""What Figure 3's runs offer to the ledger, on kernels whose measures are known."""

import math

import numpy as np
import pytest

from analysis.claims import claims
from analysis.evidence import runs
from analysis.ledger import rows as ledger
from analysis.ledger.lines import lines
from analysis.topics.kernels import topic
from tests.made.kernels import mixed, specialised, write_kernels

CLAIMS = ("F3a", "F3b", "F3c", "X17")
T_1 = 12.7062047  # 97.5 % of Student's t with one degree of freedom


def load(reports, profile="tiny-imagenet"):
    return runs.load(profile, reports)


def offered(reports, profile="tiny-imagenet"):
    return topic.measured(load(reports, profile))


def words(reports, name, profile="tiny-imagenet"):
    (claim,) = [claim for claim in claims.load() if claim.id == name]
    found = lines(claim, offered(reports, profile)[name], profile)
    return [line.verdict.word for line in found]


def gratings(count):
    """Twelve kernels: so many grey gratings, then coloured blobs."""
    return specialised()[[*(i % 6 for i in range(count)), *[6] * (12 - count)]]


def half_coloured():
    """Grey gratings, but for half of the second half: a gap of 50 points."""
    return specialised()[[0, 1, 2, 3, 4, 5, 0, 1, 2, 9, 10, 11]]


@pytest.fixture
def race(tmp_path):
    """Three runs whose halves specialise, which half does in either way; two alike."""
    for seed in range(3):
        write_kernels(tmp_path, specialised(swapped=seed == 1), seed=seed)
    for seed in range(2):
        write_kernels(tmp_path, mixed(), recipe="R-dense", seed=seed)
    return tmp_path


def test_kinds_of_kernels_after_training_minus_before(tmp_path):
    write_kernels(tmp_path, gratings(6), seed=0)
    write_kernels(tmp_path, gratings(9), seed=1)
    waves, blobs = offered(tmp_path)["F3a"]
    assert (waves.quantity, blobs.quantity) == (
        "frequency and orientation",
        "coloured blobs",
    )
    # 50 and 75 points, 50 and 25: a standard error of 12.5
    assert (waves.value, blobs.value) == pytest.approx((62.5, 37.5))
    for each in (waves, blobs):
        assert each.high - each.value == pytest.approx(12.5 * T_1)
        assert each.value - each.low == pytest.approx(12.5 * T_1)
    assert waves.stated == (
        "frequency and orientation: 62.5 points, from 0.0 % to 62.5 % of 12 kernels of "
        "5 × 5"
    )
    assert (waves.unit, waves.seeds) == ("points", (2,))
    assert words(tmp_path, "F3a") == ["inconclusive"] * 2


def test_a_run_says_where_its_kernels_come_from(race):
    (measured,) = offered(race)["F3b"]
    assert (measured.dataset, measured.split) == ("tiny", "training images")
    assert measured.images == 1234
    assert measured.protocol == "kernels of best.pt; 10,000 random halves"
    assert measured.runs == tuple(f"released-145/seed-{seed}" for seed in range(3))
    assert len(offered(race)["F3d"][0].runs) == 5


def test_halves_that_differ_in_every_run(race):
    (measured,) = offered(race)["F3c"]
    assert measured.value == 100
    # 2 of the 924 halves of 12 kernels differ as much: 0.0022 but for what draws add
    shown, _, chances = measured.stated.partition("; p ")
    assert shown == "100.0 %: 3 of 3 runs"
    assert [float(p) for p in chances.split(", ")] == pytest.approx(
        [0.0022] * 3, abs=1e-3
    )
    # Clopper and Pearson: the lower limit of n of n is 0.025^(1/n)
    assert (measured.low, measured.high) == pytest.approx((29.2402, 100), abs=1e-3)
    assert (measured.unit, measured.seeds) == ("%", (3,))
    assert offered(race)["X17"] == offered(race)["F3b"] == (measured,)


def test_the_verdicts_that_follow(race):
    assert words(race, "F3a") == ["direction reproduced"] * 2
    assert words(race, "F3b") == ["direction reproduced"]
    assert words(race, "F3c") == ["direction reproduced"]
    assert words(race, "F3d") == ["direction reproduced"] * 2
    assert words(race, "X17") == ["contradicted"]


def test_one_run_settles_nothing(tmp_path):
    write_kernels(tmp_path, specialised())
    (measured,) = offered(tmp_path)["F3b"]
    assert (measured.low, measured.high) == pytest.approx((2.5, 100))
    for name in CLAIMS:
        assert set(words(tmp_path, name)) == {"inconclusive"}
    assert not offered(tmp_path)["F3a"][0].has_interval


def test_halves_that_do_not_differ_are_counted(tmp_path):
    for seed, learned in enumerate((specialised(), mixed(), mixed(), mixed())):
        write_kernels(tmp_path, learned, seed=seed)
    (measured,) = offered(tmp_path)["X17"]
    assert measured.value == 25
    assert measured.stated.startswith("25.0 %: 1 of 4 runs; p 0.00")
    assert measured.stated.endswith(", 1, 1, 1")
    assert words(tmp_path, "X17") == ["inconclusive"]


def test_the_gap_of_halves_minus_that_without_halves(tmp_path):
    for seed, learned in enumerate((specialised(), half_coloured())):
        write_kernels(tmp_path, learned, seed=seed)
        write_kernels(tmp_path, mixed(), recipe="R-dense", seed=seed)
    measured, beyond = offered(tmp_path)["F3d"]
    assert (measured.quantity, beyond.quantity) == (
        "R-dense",
        "R-dense, beyond random halves",
    )
    assert measured.value == pytest.approx(75)  # 100 and 50 points minus none
    assert measured.high - measured.value == pytest.approx(25 * T_1)
    assert measured.low == pytest.approx(75 - 25 * T_1)
    assert (measured.unit, measured.seeds) == ("points", (2, 2))
    assert (
        measured.stated == "75.0 points: released-145 75.0 points, R-dense 0.0 points"
    )
    assert words(tmp_path, "F3d") == ["inconclusive"] * 2


def test_random_halves_of_the_same_kernels_are_taken_off(tmp_path):
    """Of twelve kernels six are coloured in two arms, three in the last."""
    for name, dense in (("six", mixed()), ("three", half_coloured())):
        write_kernels(tmp_path / name, specialised())
        write_kernels(tmp_path / name, dense, recipe="R-dense")
    gap, beyond = offered(tmp_path / "six")["F3d"]
    assert beyond.value == pytest.approx(gap.value, abs=1)  # the same random halves
    gap, beyond = offered(tmp_path / "three")["F3d"]
    splits = [abs(6 - 2 * k) / 6 * math.comb(6, k) ** 2 for k in range(7)]
    few = [abs(3 - 2 * k) / 6 * math.comb(3, k) * math.comb(9, 6 - k) for k in range(4)]
    random = (sum(splits) - sum(few)) / math.comb(12, 6)
    assert beyond.value == pytest.approx(gap.value - 100 * random, abs=1)
    assert beyond.protocol == "kernels of best.pt; 10,000 random halves"


def test_halves_that_never_meet_against_those_that_do(tmp_path):
    for seed in range(2):
        write_kernels(tmp_path, half_coloured(), seed=seed)
        write_kernels(tmp_path, specialised(), recipe="R-nocomm", seed=seed)
    (found,) = offered(tmp_path)["F3d"]
    assert (found.quantity, found.value) == ("R-nocomm", pytest.approx(50))
    assert (
        found.stated == "50.0 points: R-nocomm 100.0 points, released-145 50.0 points"
    )
    assert words(tmp_path, "F3d") == ["direction reproduced"]


def test_one_run_without_halves_is_no_interval(tmp_path):
    for seed in range(3):
        write_kernels(tmp_path, specialised(), seed=seed)
    assert "F3d" not in offered(tmp_path)
    write_kernels(tmp_path, mixed(), recipe="R-dense")
    measured, _ = offered(tmp_path)["F3d"]
    assert (measured.seeds, measured.has_interval) == ((3, 1), False)
    assert words(tmp_path, "F3d") == ["inconclusive"] * 2


def test_kernels_of_zeros_have_no_gap(tmp_path):
    dead = specialised()
    dead[:6] = 0
    write_kernels(tmp_path, dead)
    write_kernels(tmp_path, mixed(), recipe="R-dense")
    found = offered(tmp_path)
    assert "F3d" not in found
    assert found["F3b"][0].stated == "0.0 %: 0 of 1 run"


def test_only_complete_exported_runs_of_the_setting_count(race):
    write_kernels(race, mixed(), seed=7, status="running")
    write_kernels(race, mixed(), seed=8, exported=False)
    write_kernels(race, mixed(), setting="width=0.5", seed=3)
    write_kernels(race, mixed(), recipe="R-dense", setting="width=0.5", seed=3)
    write_kernels(race, specialised(), recipe="R-nocomm")
    found = offered(race)
    assert found["F3b"][0].seeds == (3,)
    assert found["F3d"][0].seeds == (3, 2)


def test_without_released_runs_nothing_is_offered(tmp_path):
    assert offered(tmp_path) == {}
    write_kernels(tmp_path, mixed(), recipe="R-dense")
    assert offered(tmp_path) == {}


def test_the_ledger_takes_every_number(race, monkeypatch):
    only = {"kernels": offered(race)}
    monkeypatch.setattr(ledger, "offered_by_topics", lambda runs: only)
    rows = [row for row in ledger.rows(load(race)) if row.topics]
    assert [row.claim.id for row in rows] == ["F3a", "F3b", "F3c", "F3d", "X17"]
    assert all(np.isfinite(m.low) for row in rows for m in row.lines[0].measured)
