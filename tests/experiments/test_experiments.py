"""Which runs an experiment asks for, and when they end."""

import math

import pytest
import torch

from repro.experiments import experiments, session, tasks
from repro.experiments.experiments import left, reproduce
from repro.experiments.session import Session
from repro.machine.devices import Compute
from repro.machine.ranks import Ranks
from repro.recipes.presets import RECIPES
from repro.recipes.profiles import CIFAR10, SMOKE, TINY_IMAGENET, ProfileError
from repro.recipes.settings import run_name

CPU = torch.device("cpu")
stops = []  # what the experiment says of runs whose loss is 0.1


@pytest.fixture
def made(monkeypatch):
    """(name of the run, recipe, seed) of every training, and what was exported."""
    trained, exported = [], []
    stops.clear()

    def train(recipe, profile, *, name, seed, run, compute, stop, **_):
        assert compute.precision == "bfloat16"
        end = {"epoch": 1, "running_loss": 0.1}
        stops.append(stop([end]))
        trained.append((name, recipe, seed))
        return [end]

    monkeypatch.setattr(session, "train", train)
    monkeypatch.setattr(
        tasks, "export", lambda run, **_: exported.append((run.parent.name, run))
    )
    return trained, exported


def a_session(profile, reports, changes=None, **options):
    said = options.pop("said", [])
    compute = Compute(CPU, "bfloat16", **options)
    return Session(profile, reports, compute, changes or {}, say=said.append)


def test_r0_is_trained_with_every_seed_and_exported(made, tmp_path):
    trained, exported = made
    reproduce(a_session(TINY_IMAGENET, tmp_path), ("released",))
    assert [(name, seed) for name, _, seed in trained] == [
        ("released-145", seed) for seed in range(3)
    ]
    assert [run for _, run in exported] == [
        tmp_path / f"tiny-imagenet/runs/released-145/seed-{k}" for k in range(3)
    ]


def test_fewer_epochs_move_the_drops_and_name_the_run(made, tmp_path):
    trained, exported = made
    reproduce(a_session(TINY_IMAGENET, tmp_path, {"epochs": 31}), ("released",))
    name, recipe, _ = trained[0]
    assert name == exported[0][0] == "released-145+epochs=31"
    assert recipe.optimisation.drop_epochs == (8, 17, 26)  # a third of 23, 51, 78
    assert set(stops) == {None}


def test_ablations_come_seed_by_seed_with_every_variant_exported(made, tmp_path):
    trained, exported = made
    reproduce(a_session(CIFAR10, tmp_path), ("ablations",))
    names = list(CIFAR10.ablations)
    assert [name for name, _, _ in trained] == names * 3
    assert [seed for _, _, seed in trained] == sorted([0, 1, 2] * len(names))
    assert {recipe.optimisation.epochs for _, recipe, _ in trained} == {15}
    assert {recipe.network.width for _, recipe, _ in trained} == {0.25}
    assert len(exported) == len(trained)


def test_the_other_variants_run_when_asked_for(made, tmp_path):
    trained, exported = made
    assert "ablations-further" not in CIFAR10.experiments
    reproduce(a_session(CIFAR10, tmp_path), ("ablations-further",))
    names = [name for name, _, seed in trained if seed == 0]
    assert sorted({*names, *CIFAR10.ablations}) == sorted(
        name for name in RECIPES if name.startswith("R-")
    )
    assert not {*names} & {*CIFAR10.ablations}
    epochs = {name: recipe.optimisation.epochs for name, recipe, _ in trained}
    longer = {"R-long": 30, "R-frac-0.5": 30, "R-frac-0.25": 60}
    assert {name: epochs.pop(name) for name in longer} == longer
    assert set(epochs.values()) == {15}
    widths = {name: recipe.network.width for name, recipe, _ in trained}
    assert (widths["R-wide-0.5"], widths["R-wide-2"]) == (0.125, 0.5)
    assert len(exported) == len(trained) == 3 * len(names)


def test_several_ranks_leave_out_what_they_cannot_train(made, tmp_path):
    trained, _ = made
    ranks = Ranks(1, 2)
    reproduce(a_session(CIFAR10, tmp_path, ranks=ranks), ("ablations-further",))
    names = {name for name, _, _ in trained}
    assert "R-bn" not in names and "R-long" in names


def test_the_normalisation_pair_and_its_strict_toggle(made, tmp_path):
    trained, _ = made
    reproduce(a_session(CIFAR10, tmp_path, {"epochs": 52}), ("normalisation",))
    assert [seed for _, _, seed in trained] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    without, toggled, other = (recipe for _, recipe, _ in trained[:3])
    assert toggled.normalisation == other.normalisation  # of the 11 % net
    assert without.normalisation.normaliser == "none"
    assert vars(toggled) | {"normalisation": None} == (
        vars(without) | {"normalisation": None}
    )
    assert other.network.layout == "cifar-11pct"
    assert {recipe.optimisation.drop_epochs for _, recipe, _ in trained} == {(50, 51)}


def test_transfer_trains_the_source_before_what_starts_from_it(made, tmp_path):
    trained, exported = made
    reproduce(a_session(CIFAR10, tmp_path, {"width": 0.1}), ("transfer",))
    arms = ["source", "scratch", "finetuned"] * 3
    assert [name for name, _, _ in trained] == [f"transfer-{a}+width=0.1" for a in arms]
    assert [seed for _, _, seed in trained] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert len(exported) == 9


def test_the_plateau_experiment_is_a_full_grid(made, tmp_path, monkeypatch):
    trained, exported = made
    pack = type("Pack", (), {"classes": ("a", "b")})
    monkeypatch.setattr(experiments, "open_pack", lambda *_: pack)
    reproduce(a_session(SMOKE, tmp_path), ("plateau",))
    plan = SMOKE.plateau
    cells = {
        (
            recipe.augmentation.input_scale,
            recipe.initial_values.middle_std,
            recipe.initial_values.positive_bias,
            seed,
        )
        for _, recipe, seed in trained
    }
    assert len(cells) == len(trained) == 3 * 2 * 3 * plan.seeds
    assert set(stops) == {"left ln(2)"}
    assert trained[0][0] == run_name(
        "plateau", {"input_scale": 1.0, "middle_std": 0.01, "positive_bias": 0.0}
    )
    assert not exported


def test_when_a_loss_has_left_the_plateau():
    start = {"epoch": 0}

    def classes():
        return 10

    assert left(classes, [start]) is None
    assert left(classes, [start, {"epoch": 1, "running_loss": math.log(10)}]) is None
    below = {"epoch": 2, "running_loss": 0.98 * math.log(10)}
    assert left(classes, [start, below]) == "left ln(10)"


def test_an_unknown_experiment_names_the_known_ones(tmp_path):
    with pytest.raises(ProfileError, match="known: activations"):
        reproduce(a_session(SMOKE, tmp_path), ("ablations",))
