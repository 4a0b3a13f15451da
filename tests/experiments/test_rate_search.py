"""Figure 1's experiment: the search for the fastest rate, and what it leaves."""

import math

import pytest
import torch

from repro.experiments import session
from repro.experiments.experiments import reproduce
from repro.experiments.rate_search import beaten, beyond, fastest_rate
from repro.experiments.session import Session
from repro.machine.devices import Compute
from repro.recipes.profiles import SMOKE, Activations
from repro.runs import folder
from repro.training.epoch import Diverged

PLAN = Activations(conditions=("figure1-18pct-modern",), rate_steps=(1, 2, 0.5))
EPOCHS = {0.005: 20.0, 0.01: 9.0, 0.02: 6.0, 0.04: 5.0, 0.08: 5.5}  # by rate


def curve(epochs_needed, epochs=40):
    """Rows whose error falls by the same amount each epoch, to 25 % after `needed`."""
    fall = 0.65 / epochs_needed
    return [{"epoch": k, "train_top1_error": 0.9 - fall * k} for k in range(epochs + 1)]


@pytest.fixture
def trained(monkeypatch, tmp_path):
    """A session in which training returns made-up curves; what was asked for."""
    asked, ended = [], {}

    def fake_train(recipe, profile, *, seed, stop, pause, run, **_):
        rate = recipe.optimisation.learning_rate
        asked.append((rate, seed, pause, run))
        if run in ended:
            return ended[run]
        if rate > 0.1:
            raise Diverged("loss is nan")
        rows = []
        for row in curve(EPOCHS[rate]):
            rows.append(row)
            if row["train_top1_error"] <= 0.25 + 1e-9 or stop(rows):
                ended[run] = rows
                break
            if row["epoch"] == pause:
                break
        return rows

    monkeypatch.setattr(session, "train", fake_train)
    a_session = Session(
        SMOKE, tmp_path, Compute(torch.device("cpu")), {}, say=lambda line: None
    )
    return a_session, asked, ended


def test_the_race_drops_the_slow_and_goes_on_past_an_edge(trained):
    a_session, asked, ended = trained
    assert fastest_rate(a_session, PLAN, "figure1-18pct-modern", "relu") == 0.04
    laps = [(rate, pause) for rate, _, pause, _ in asked]
    assert laps[:3] == [(0.01, 4), (0.02, 4), (0.005, 4)]
    # 0.02 arrives and, being the highest, is raced against 0.04, and that against 0.08
    assert laps.index((0.02, 8)) < laps.index((0.04, 4)) < laps.index((0.08, 4))
    last = {rate: ended[run][-1]["epoch"] for rate, _, _, run in asked}
    assert last == {0.01: 4, 0.02: 6, 0.005: 4, 0.04: 5, 0.08: 5}
    assert {seed for _, seed, _, _ in asked} == {0}


def test_a_rate_that_diverges_is_out(trained, monkeypatch):
    a_session, _, _ = trained
    monkeypatch.setitem(EPOCHS, 0.04, 4.5)
    monkeypatch.setitem(EPOCHS, 0.08, 4.2)
    assert fastest_rate(a_session, PLAN, "figure1-18pct-modern", "relu") == 0.08


def test_the_rate_is_counted_with_other_seeds_than_it_was_chosen_with(trained):
    a_session, asked, _ = trained
    reproduce(a_session, ("activations",))
    counted = [(seed, run.parent.name) for _, seed, _, run in asked if seed]
    plan = SMOKE.activations
    assert len(counted) == plan.seeds * len(plan.arms)
    assert {seed for seed, _ in counted} == set(range(1, plan.seeds + 1))
    assert counted[-1][1] == (
        "figure1-18pct-modern+activation=tanh+batch_size=32+learning_rate=0.02"
    )


def test_a_run_is_beaten_when_another_has_arrived_or_is_far_ahead_after_a_lap():
    fast, slow = curve(6.0), curve(12.0)
    assert beaten(slow[:4], [fast]) is None  # 16 points behind, within a lap
    assert beaten(slow[:5], [fast]) == "beaten: 21.7 points behind another rate"
    close = [row | {"train_top1_error": row["train_top1_error"] + 0.04} for row in fast]
    assert beaten(close[:5], [slow, fast]) is None
    assert beaten(close[:7], [fast]) == "beaten: another rate needed 6.00 epochs"
    assert beaten(fast[:7], [fast]) is None  # it has arrived itself
    assert beaten(slow, []) is None


def test_where_no_rate_arrives_the_slower_ones_still_drop_out():
    never, slower = curve(60.0), curve(90.0)
    assert "points behind" in beaten(slower[:17], [never])
    assert beaten(never[:17], [slower]) is None


def test_where_the_search_goes_on():
    assert beyond({1: 5.0, 2: 4.0, 0.5: 7.0}) == [4]
    assert beyond({1: 5.0, 2: 6.0, 0.5: 4.0}) == [0.25]
    assert beyond({1: 4.0, 2: 6.0, 0.5: 7.0}) == []
    assert beyond({1: math.inf, 2: math.inf, 0.5: math.inf}) == []
    assert beyond({1: 5.0, 2: 4.0}) == []  # two rates, as in the smoke profile


def test_set_reaches_every_run_and_its_name(trained):
    a_session, asked, _ = trained
    changed = Session(
        a_session.profile,
        a_session.reports,
        a_session.compute,
        {"batch_size": 64},
        say=a_session.say,
    )
    changed.run("figure1-18pct-modern", {"learning_rate": 0.01}, 0)
    expected = "figure1-18pct-modern+batch_size=64+learning_rate=0.01"
    assert asked[-1][3] == folder.run_folder(a_session.reports, "smoke", expected, 0)
