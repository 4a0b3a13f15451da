"""Run folders read back, and what is said of those that cannot be."""

import shutil

import numpy as np
import pytest
import torch

from repro.data.packs import PackMissing, open_pack
from repro.data.views import Pixels
from repro.machine.devices import find_device
from repro.recipes.profiles import SMOKE
from repro.runs import folder
from repro.runs.folder import RunError
from repro.trained.network import load_run, read_state, write_pixels
from repro.training.evaluate import evaluate
from repro.training.prepare import prepare
from tests.made.tiny_run import tiny_recipe, train_tiny_run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A trained run, its data and its metrics."""
    root = tmp_path_factory.mktemp("trained")
    run, rows = train_tiny_run(root)
    return run, root, rows


@pytest.fixture
def run(trained, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(trained[0], tmp_path / "run")


def test_a_network_read_back_measures_what_training_measured(trained):
    run, data, rows = trained
    recipe = tiny_recipe()
    saved = load_run(run, data=data)
    assert saved.recipe == recipe
    device = find_device("cpu")
    pack = open_pack(SMOKE.dataset, "train", data)
    splits = prepare(recipe, SMOKE, pack, seed=0, run=run, device=device).splits
    measured = evaluate(
        saved.network, splits["val"], recipe.augmentation, saved.pixels, device=device
    )
    assert measured["loss"] == pytest.approx(rows[-1]["val_loss"], rel=1e-6)
    assert load_run(run, checkpoint="best.pt", data=data).network is not None


def test_a_recorded_scaling_wins_and_needs_no_data(run, trained, tmp_path):
    rng = np.random.default_rng(0)
    mean = torch.from_numpy(rng.random((24, 24, 3), np.float32))
    divisor = torch.tensor([2.0, 3.0, 4.0])
    write_pixels(run, Pixels(mean, divisor, torch.ones(3, 3)))
    for data in (trained[1], tmp_path / "nowhere"):
        pixels = load_run(run, data=data).pixels
        assert torch.equal(pixels.mean, mean)
        assert torch.equal(pixels.divisor, divisor)
        assert not pixels.colour.any()


def test_without_data_or_recorded_scaling_the_next_step_is_named(run, tmp_path):
    with pytest.raises(PackMissing, match="run `repro data"):
        load_run(run, data=tmp_path / "nowhere")


def spoil_weights(run):
    (run / "last.pt").write_bytes(b"not weights")


def spoil_scaling(run):
    (run / "pixels.npz").write_bytes(b"not arrays")


def remove_weights(run):
    (run / "last.pt").unlink()


def other_recipe(run):
    record = folder.read_json(run / "recipe.json")
    record["recipe"]["network"]["width"] = 0.2
    folder.write_json(run / "recipe.json", record)


def no_profile(run):
    record = folder.read_json(run / "recipe.json")
    folder.write_json(run / "recipe.json", {"recipe": record["recipe"]})


def other_classes(run):
    state = read_state(run / "last.pt")
    state["fc4.weight"], state["fc4.bias"] = state["fc4.weight"][:7], torch.zeros(7)
    torch.save(state, run / "last.pt")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_weights, "damaged checkpoint"),
        (spoil_scaling, "damaged"),
        (remove_weights, "no last.pt here"),
        (other_recipe, "not of this recipe: size mismatch"),
        (no_profile, "'profile' is missing"),
        (other_classes, "tells 7 classes apart, cifar10-subset has 10"),
    ],
)
def test_what_cannot_be_read_is_one_line(run, trained, spoil, said):
    spoil(run)
    with pytest.raises(RunError) as error:
        load_run(run, data=trained[1])
    assert said in str(error.value)
    assert "\n" not in str(error.value)
