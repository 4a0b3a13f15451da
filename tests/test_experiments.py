"""Figure 1's experiment: the search for the fastest rate, and what it leaves."""

import math

import pytest
import torch

from repro import experiments, runs
from repro.experiments import Laboratory, beaten, beyond, fastest_rate, reproduce
from repro.profiles import SMOKE, Activations, ProfileError
from repro.train import Diverged

PLAN = Activations(conditions=("figure1-18pct-modern",), rate_steps=(1, 2, 0.5))
EPOCHS = {0.005: 9.0, 0.01: 6.0, 0.02: 4.0, 0.04: 3.0, 0.08: 5.0}  # by rate


def curve(epochs_needed, epochs=12):
    """Rows whose error falls by the same amount each epoch, to 25 % after `needed`."""
    fall = 0.65 / epochs_needed
    return [{"epoch": k, "train_top1_error": 0.9 - fall * k} for k in range(epochs + 1)]


@pytest.fixture
def trained(monkeypatch, tmp_path):
    """A laboratory in which training returns made-up curves; what was asked for."""
    asked = []

    def fake_train(recipe, profile, *, seed, stop, run, **_):
        rate = recipe.optimisation.learning_rate
        asked.append((rate, seed, run))
        if rate > 0.05:
            raise Diverged("loss is nan")
        rows = []
        for row in curve(EPOCHS[rate]):
            rows.append(row)
            if row["train_top1_error"] <= 0.25 + 1e-9 or stop(rows):
                break
        return rows

    monkeypatch.setattr(experiments, "train", fake_train)
    lab = Laboratory(SMOKE, tmp_path, torch.device("cpu"), {}, say=lambda line: None)
    return lab, asked


def test_the_search_goes_on_past_an_edge_and_survives_divergence(trained):
    lab, asked = trained
    assert fastest_rate(lab, PLAN, "figure1-18pct-modern", "relu") == 0.04
    assert [rate for rate, _, _ in asked] == [0.01, 0.02, 0.005, 0.04, 0.08]
    assert {seed for _, seed, _ in asked} == {0}


def test_the_rate_is_counted_with_other_seeds_than_it_was_chosen_with(trained):
    lab, asked = trained
    reproduce(lab, ("activations",))
    counted = [(seed, run.parent.name) for _, seed, run in asked if seed]
    plan = SMOKE.activations
    assert len(counted) == plan.seeds * len(plan.arms)
    assert {seed for seed, _ in counted} == set(range(1, plan.seeds + 1))
    assert counted[-1][1] == (
        "figure1-18pct-modern+activation=tanh+batch_size=32+learning_rate=0.02"
    )


def test_a_run_is_beaten_once_the_leader_had_arrived_or_is_far_ahead():
    leader = curve(6.0)
    behind = curve(12.0)
    assert beaten(behind[:2], leader) is None  # too early to tell
    assert "points behind" in beaten(behind[:4], leader)  # half way: 0.9 - 0.054 * 3
    close = [
        row | {"train_top1_error": row["train_top1_error"] + 0.02} for row in leader
    ]
    assert beaten(close[:6], leader) is None
    assert "needed 6.00 epochs" in beaten(close[:7], leader)
    assert beaten(leader[:7], leader) is None  # it has arrived itself
    assert beaten(behind, []) is None


def test_a_leader_that_never_arrived_is_still_a_leader():
    leader, behind = curve(40.0), curve(80.0)  # both end after 12 epochs
    assert beaten(behind[:4], leader) is None  # 2.4 points behind
    assert "4.9 points behind" in beaten(behind[:7], leader)
    close = [
        row | {"train_top1_error": row["train_top1_error"] + 0.02} for row in leader
    ]
    assert beaten(close, leader) is None


def test_where_the_search_goes_on():
    assert beyond({1: 5.0, 2: 4.0, 0.5: 7.0}) == [4]
    assert beyond({1: 5.0, 2: 6.0, 0.5: 4.0}) == [0.25]
    assert beyond({1: 4.0, 2: 6.0, 0.5: 7.0}) == []
    assert beyond({1: math.inf, 2: math.inf, 0.5: math.inf}) == []
    assert beyond({1: 5.0, 2: 4.0}) == []  # two rates, as in the smoke profile


def test_set_reaches_every_run_and_its_name(trained):
    lab, asked = trained
    changed = Laboratory(
        lab.profile, lab.reports, lab.device, {"batch_size": 64}, say=lab.say
    )
    changed.run("figure1-18pct-modern", {"learning_rate": 0.01}, 0, lambda rows: None)
    expected = "figure1-18pct-modern+batch_size=64+learning_rate=0.01"
    assert asked[-1][2] == runs.run_folder(lab.reports, "smoke", expected, 0)


def test_an_unknown_experiment_names_the_known_ones(trained):
    with pytest.raises(ProfileError, match="known: activations"):
        reproduce(trained[0], ("ablations",))
