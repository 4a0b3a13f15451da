"""The arithmetic behind Figure 1, on curves whose crossings are known."""

import math

import pytest

from analysis.evidence import runs as results
from analysis.topics.activations import race
from tests.made.runs import CURVE_TO_5, CURVE_TO_10, write_race, write_run


def load(reports):
    return results.load("cifar10", reports).named(race.RECIPES)


def results_of(reports):
    return race.results(load(reports))


def test_the_crossing_is_interpolated(tmp_path):
    write_run(tmp_path, (0.9, 0.5, 0.3, 0.2), seed=1)
    row = race.crossings(load(tmp_path)).iloc[0]
    assert row["epochs"] == pytest.approx(2.5)
    assert row["condition"] == "18pct-modern"
    assert row["lowest_error"] == 0.2
    assert row["trained"] == 3


def test_an_arm_that_diverged_never_arrives(tmp_path):
    write_run(tmp_path, CURVE_TO_5, seed=1)
    write_run(tmp_path, CURVE_TO_5, seed=2, status="failed", stop="loss is nan")
    write_run(tmp_path, CURVE_TO_5, seed=3, status="running")
    crossings = race.crossings(load(tmp_path))
    assert crossings["epochs"].tolist() == [5, math.inf]
    assert crossings["outcome"].tolist()[1] == "diverged"


def test_results_leave_out_the_seed_that_searched(tmp_path):
    write_race(tmp_path)
    table = results_of(tmp_path)
    relu, tanh = table[table["condition"] == "18pct-modern"].itertuples()
    assert (relu.seeds, relu.reached, relu.epochs) == (2, 2, 5.5)
    assert (tanh.low, tanh.high, tanh.learning_rate) == (10, 11, 0.02)
    assert tanh.ratio.value == pytest.approx(math.sqrt(10 * 11 / (5 * 6)))
    assert relu.ratio is None


def test_declared_arms_without_runs_have_no_seeds(tmp_path):
    write_race(tmp_path)
    table = results_of(tmp_path)
    empty = table[table["seeds"] == 0]
    assert empty[["condition", "activation"]].values.tolist() == [
        ["18pct-original", "relu"],
        ["18pct-original", "tanh"],
        ["13pct-modern", "relu"],
        ["13pct-modern", "tanh"],
    ]


def test_what_has_not_run_names_its_experiment(tmp_path):
    assert race.waiting(load(tmp_path), results_of(tmp_path)) == ["activations"]
    write_race(tmp_path)
    table = results_of(tmp_path)
    both = ["activations", "activations-further"]
    assert race.waiting(load(tmp_path), table) == both
    core = table[table["condition"].str.startswith("18pct")].assign(seeds=1)
    assert race.waiting(load(tmp_path), core) == []
    rest = table.assign(seeds=table["condition"].str.startswith("18pct").astype(int))
    assert race.waiting(load(tmp_path), rest) == ["activations-further"]


def test_an_arm_that_is_not_declared_but_has_run_is_shown(tmp_path):
    write_run(tmp_path, CURVE_TO_5, activation="logistic")
    arms = race.declared(load(tmp_path))
    assert arms["18pct-modern"] == ["relu", "tanh", "logistic"]


def test_an_override_makes_a_condition_of_its_own(tmp_path):
    write_run(tmp_path, CURVE_TO_5, condition="figure1-18pct-modern+width=0.5")
    assert "18pct-modern+width=0.5" in race.declared(load(tmp_path))


def test_seeds_of_another_rate_do_not_count(tmp_path):
    for seed in (1, 2):
        write_run(tmp_path, CURVE_TO_5, seed=seed)
    write_run(tmp_path, CURVE_TO_10, rate=0.5, seed=3)
    table = results_of(tmp_path)
    assert table.iloc[0][["seeds", "epochs", "learning_rate"]].tolist() == [2, 5, 0.01]


def test_grid_marks_the_chosen_rates(tmp_path):
    write_race(tmp_path)
    table = results_of(tmp_path)
    grid = race.grid(load(tmp_path), table)
    assert grid["learning_rate"].tolist() == [0.01, 0.04, 0.02, 0.08]
    assert grid["chosen"].tolist() == [True, False, True, False]
    assert grid["epochs"].tolist() == [5, math.inf, 10, math.inf]
    assert grid["trained"].tolist() == [6, 2, 11, 2]
    assert grid["error_then"].tolist() == pytest.approx([0.25, 0.7, 0.25, 0.7])


def test_curves_hold_the_counted_runs_only(tmp_path):
    write_race(tmp_path)
    table = results_of(tmp_path)
    curves = race.curves(load(tmp_path), table)
    assert sorted(set(curves["seed"])) == [1, 2]
    first = curves[(curves["activation"] == "relu") & (curves["seed"] == 1)]
    assert first["train_top1_error"].tolist() == list(CURVE_TO_5)


def test_without_runs_every_table_is_empty(tmp_path):
    table = results_of(tmp_path)
    assert race.crossings(load(tmp_path)).empty and table.empty
    assert race.grid(load(tmp_path), table).empty
    assert race.curves(load(tmp_path), table).empty


def test_the_rate_of_the_search_counts_not_the_one_with_most_seeds(tmp_path):
    write_run(tmp_path, CURVE_TO_5, rate=0.02, seed=0)
    write_run(tmp_path, CURVE_TO_10, rate=0.01, seed=0)
    for seed in (1, 2, 3):
        write_run(tmp_path, CURVE_TO_10, rate=0.01, seed=seed)
    crossings = race.crossings(load(tmp_path))
    assert race.counted(crossings, "18pct-modern", "relu").empty
    write_run(tmp_path, CURVE_TO_5, rate=0.02, seed=1)
    crossings = race.crossings(load(tmp_path))
    found = race.counted(crossings, "18pct-modern", "relu")
    assert found[["learning_rate", "seed"]].values.tolist() == [[0.02, 1]]


def test_an_arm_with_too_few_seeds_still_waits(tmp_path):
    write_race(tmp_path)
    runs = load(tmp_path)
    table = results_of(tmp_path)
    runs.declared["activations"]["seeds"] = 3
    done = table.assign(seeds=3)
    assert race.waiting(runs, done) == []
    done.loc[0, "seeds"] = 2
    assert race.waiting(runs, done) == ["activations"]
