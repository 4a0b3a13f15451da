"""What Figure 1's runs offer to the ledger, on curves whose crossings are known."""

import math

import pytest

from analysis.claims import claims
from analysis.evidence import runs
from analysis.ledger.lines import lines
from analysis.topics.activations import topic
from tests.made.runs import CURVE_TO_5, CURVE_TO_10, NEVER, write_race, write_run


def offered(reports, profile="cifar10"):
    return topic.measured(runs.load(profile, reports))


def words(reports, name, profile="cifar10"):
    (claim,) = [claim for claim in claims.load() if claim.id == name]
    found = lines(claim, offered(reports, profile)[name], profile)
    return [line.verdict.word for line in found]


def test_a_ratio_has_its_interval_seeds_and_runs(tmp_path):
    write_race(tmp_path)
    (measured,) = offered(tmp_path)["F1a"]
    assert measured.value == pytest.approx(math.sqrt(10 * 11 / (5 * 6)))
    # Welch's t on logarithms: variances ln(1.1)^2 / 4 and ln(1.2)^2 / 4
    assert (round(measured.low, 2), round(measured.high, 2)) == (1.04, 3.54)
    assert measured.unit == "times"
    assert measured.stated == (
        "1.91: tanh over ReLU, 18 % net, PyTorch's initial values, standardised input"
    )
    assert (measured.seeds, measured.dataset) == ((2, 2), "CIFAR-10")
    assert measured.split == "training images"
    assert measured.protocol == "centre view, no augmentation"
    tanh = "figure1-18pct-modern+learning_rate=0.02+activation=tanh"
    relu = "figure1-18pct-modern+learning_rate=0.01"
    assert measured.runs == tuple(f"{n}/seed-{s}" for n in (tanh, relu) for s in (1, 2))


def test_its_verdicts(tmp_path):
    write_race(tmp_path)
    assert words(tmp_path, "F1a") == ["direction reproduced"]  # 1 and 6 lie outside
    assert words(tmp_path, "A7") == ["direction reproduced"]  # the same ratio
    assert words(tmp_path, "F1b") == ["exact"]
    assert words(tmp_path, "F1c") == ["inconclusive"]  # 2 lies inside
    assert words(tmp_path, "X14") == ["inconclusive"]


def test_every_condition_has_its_own(tmp_path):
    for condition in ("figure1-18pct-modern", "figure1-13pct-original"):
        write_race(tmp_path, condition=condition)
    found = offered(tmp_path)
    conditions = [measured.stated.split(", ")[1] for measured in found["F1a"]]
    assert conditions == ["18 % net", "13 % net"]
    assert found["F1c"] == found["F1a"]
    assert {each.quantity for each in found["A7"]} == {"ReLU"}
    assert [each.value for each in found["A7"]] == [m.value for m in found["F1a"]]
    assert len(found["X14"]) == 1  # today's habits only


def test_arms_are_named(tmp_path):
    for arm in ("relu", "tanh", "logistic", "abs-tanh"):
        for seed in (1, 2):
            curve = CURVE_TO_5 if arm == "relu" else CURVE_TO_10
            write_run(tmp_path, curve, activation=arm, seed=seed)
    found = offered(tmp_path)
    assert [each.quantity for each in found["S3.1a"]] == ["tanh", "logistic"]
    assert [each.quantity for each in found["S3.1c"]] == [""]
    assert found["S3.1c"][0].stated.startswith("2.00: |tanh| over ReLU")


def test_inputs_are_compared_where_nothing_else_differs(tmp_path):
    for setting in ("modern", "original", "standardised"):
        write_race(tmp_path, condition=f"figure1-18pct-{setting}")
    found = offered(tmp_path)["X22"]
    assert [each.quantity for each in found] == ["ReLU", "tanh"]
    assert [each.value for each in found] == [1, 1]
    assert found[0].stated == (
        "1.00: ReLU, 18 % net, original initial values, centred 0–255 input over "
        "18 % net, original initial values, standardised input"
    )


def test_an_arm_that_never_arrives_is_a_bound(tmp_path):
    for seed in (1, 2):
        write_run(tmp_path, CURVE_TO_5, seed=seed)
        write_run(tmp_path, NEVER, activation="tanh", seed=seed)
    (measured,) = offered(tmp_path)["F1a"]
    assert measured.stated.startswith("at least 8.00: ")
    assert (measured.low, measured.high) == (pytest.approx(8), math.inf)


def test_a_bound_of_single_runs_has_no_interval(tmp_path):
    write_run(tmp_path, CURVE_TO_5)
    write_run(tmp_path, NEVER, activation="tanh")
    (measured,) = offered(tmp_path)["F1a"]
    assert measured.value == pytest.approx(8)
    assert not measured.has_interval
    assert words(tmp_path, "F1a") == ["inconclusive"]


def test_arms_that_both_never_arrive_say_nothing(tmp_path):
    write_run(tmp_path, NEVER)
    write_run(tmp_path, NEVER, activation="tanh")
    assert "F1a" not in offered(tmp_path)


def test_a_run_that_is_regularised_is_counted(tmp_path):
    write_race(tmp_path)
    (measured,) = offered(tmp_path)["F1b"]
    assert (measured.value, measured.stated) == (100, "8 of 8 runs")
    (run, *_) = (tmp_path / "cifar10/runs").glob("*/seed-1/recipe.json")
    run.write_text(
        run.read_text().replace('"weight_decay": 0.0', '"weight_decay": 0.1')
    )
    (measured,) = offered(tmp_path)["F1b"]
    assert (measured.value, measured.stated) == (87.5, "7 of 8 runs")
    assert words(tmp_path, "F1b") == ["contradicted"]


def test_without_runs_nothing_is_offered(tmp_path):
    assert offered(tmp_path) == {}
