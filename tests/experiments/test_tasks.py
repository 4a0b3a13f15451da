"""What a task names, does and needs."""

import pickle
from dataclasses import dataclass, field

import pytest
import torch

from repro.experiments import session as session_module
from repro.experiments import tasks as task_module
from repro.experiments.experiments import EXPERIMENTS
from repro.experiments.rate_search import Search
from repro.experiments.session import Session
from repro.experiments.tasks import Average, Chain, Run
from repro.machine.devices import Compute
from repro.recipes.profiles import CIFAR10, PROFILES, SMOKE

CHANGES = {"positive_bias": 0.5}


def a_session(reports, profile=SMOKE, changes=None):
    return Session(profile, reports, Compute(torch.device("cpu")), changes or {})


@dataclass(frozen=True)
class Step:
    """A task that notes its name."""

    name: str
    done: list = field(default_factory=list)
    weights = "stay"

    def __str__(self):
        return self.name

    def folders(self, session):
        return [session.reports / self.name]

    def carry_out(self, session):
        self.done.append(self.name)
        return self.name.upper()


def test_a_chain_does_its_tasks_in_order(tmp_path):
    done = []
    chain = Chain((Step("first", done), Step("second", done)))
    assert chain.carry_out(a_session(tmp_path)) == ["FIRST", "SECOND"]
    assert done == ["first", "second"]
    assert str(chain) == "first, then second"
    assert chain.folders(a_session(tmp_path)) == [
        tmp_path / "first",
        tmp_path / "second",
    ]


def test_a_chain_returns_weights_if_one_of_its_tasks_does():
    run = Run("released-145", {}, 0)
    returned = Run("released-145", {}, 1, weights="returned")
    assert Chain((run,)).weights == "stay"
    assert Chain((run, returned)).weights == "returned"


@pytest.mark.parametrize("exported", ["nothing", "comparison", "all"])
def test_a_run_trains_and_exports_what_is_asked(tmp_path, monkeypatch, exported):
    trained, written = [], []

    def train(recipe, profile, *, seed, run, stop, **_):
        trained.append((recipe.initial_values.positive_bias, seed, run, stop([])))
        return [{}]

    monkeypatch.setattr(session_module, "train", train)
    monkeypatch.setattr(
        task_module,
        "export",
        lambda run, *, comparison, **_: written.append((run, comparison)),
    )
    run = Run("released-145", CHANGES, 3, exported, stop=lambda rows: "enough")
    run.carry_out(a_session(tmp_path))
    folder = tmp_path / "smoke/runs/released-145+positive_bias=0.5/seed-3"
    assert trained == [(0.5, 3, folder, "enough")]
    assert run.folders(a_session(tmp_path)) == [folder]
    assert str(run) == "released-145+positive_bias=0.5 seed-3"
    expected = {"nothing": [], "comparison": [(folder, True)], "all": [(folder, False)]}
    assert written == expected[exported]


def test_folders_know_what_set_adds(tmp_path):
    changed = a_session(tmp_path, changes={"epochs": 2})
    runs = tmp_path / "smoke/runs/released-145+epochs=2"
    average = Average("released-145", (0, 1))
    assert average.folders(changed) == [
        runs / "seed-0",
        runs / "seed-1",
        tmp_path / "smoke/ensembles/released-145+epochs=2-x2",
    ]
    [run] = Run("released-145", {}, 4).folders(changed)
    assert run == runs / "seed-4"


def test_a_search_knows_its_runs_from_those_that_are_there(tmp_path):
    search = Search(SMOKE.activations, "figure1-18pct-modern", "relu")
    made = tmp_path / "smoke/runs/figure1-18pct-modern+learning_rate=0.01"
    assert search.folders(a_session(tmp_path)) == []
    for seed in (0, 1):
        (made / f"seed-{seed}").mkdir(parents=True)
    assert search.folders(a_session(tmp_path)) == [made / "seed-0"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_tasks_of_every_experiment_can_be_pickled(tmp_path, name):
    [first, *_] = EXPERIMENTS[name](a_session(tmp_path, CIFAR10))
    tasks = next(first)
    assert tasks and pickle.loads(pickle.dumps(tasks)) is not tasks
    assert len({str(task) for task in tasks}) == len(tasks)


def test_seeds_return_their_weights_only_where_they_are_averaged(tmp_path):
    for profile in PROFILES.values():
        [plan] = EXPERIMENTS["released"](a_session(tmp_path, profile))
        seeds = next(plan)
        assert len(seeds) == profile.seeds
        several = profile.seeds > 1
        assert {run.weights for run in seeds} == {"returned" if several else "stay"}
        if several:
            assert plan.send([None] * len(seeds)) == [
                Average("released-145", tuple(range(profile.seeds)))
            ]
