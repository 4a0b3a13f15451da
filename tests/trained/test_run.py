"""Finished runs read back, and what is said of those that cannot be."""

import shutil

import numpy as np
import pytest
import torch

from repro.data.packs import PackMissing
from repro.data.views import Pixels
from repro.recipes.recipe import RecipeError
from repro.runs import folder
from repro.runs.folder import RunError
from repro.trained.run import (
    classifier,
    load_run,
    one_data_set,
    open_finished,
    pack_for_test,
    read_state,
    training_pack,
    whole,
    write_pixels,
)
from repro.training.evaluate import evaluate
from repro.training.prepare import held_out
from tests.made.tiny_finished_run import (
    CPU,
    SMALL,
    write_photographs,
)


@pytest.fixture
def run(trained, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(trained, tmp_path / "run")


def edit(path, **changes):
    folder.write_json(path, folder.read_json(path) | changes)


def test_the_record_gives_recipe_profile_and_seed(trained):
    finished = open_finished(trained)
    assert finished.recipe == SMALL
    assert finished.seed == 1
    assert finished.profile.dataset == "cifar10-subset"
    assert finished.weights == "best.pt"


def test_the_weights_are_those_that_validation_chose(data, trained):
    finished = open_finished(trained)
    pack = training_pack(finished, data)
    one = classifier(finished, data, CPU)
    frame = folder.read_metrics(trained)
    split = whole(pack)
    rows = held_out(pack.labels, 10, by_class=True)
    val = type(split)(split.images, split.labels, rows)
    measured = evaluate(one.network, val, one.augmentation, one.pixels, device=CPU)
    best = frame["val_top1_error"].iloc[1:].min()
    assert measured["top1_error"] == pytest.approx(best)


def test_the_last_weights_are_those_of_the_last_row(data, trained):
    saved = load_run(open_finished(trained), checkpoint="last.pt", data=data)
    split = whole(saved.pack)
    rows = held_out(saved.pack.labels, 10, by_class=True)
    val = type(split)(split.images, split.labels, rows)
    augmentation = saved.recipe.augmentation
    measured = evaluate(saved.network, val, augmentation, saved.pixels, device=CPU)
    last = folder.read_metrics(trained)["val_loss"].iloc[-1]
    assert measured["loss"] == pytest.approx(last, rel=1e-6)


def test_a_recorded_scaling_wins_and_needs_no_data(data, run, tmp_path):
    rng = np.random.default_rng(0)
    mean = torch.from_numpy(rng.random((24, 24, 3), np.float32))
    divisor = torch.tensor([2.0, 3.0, 4.0])
    write_pixels(run, Pixels(mean, divisor, torch.ones(3, 3)))
    for place in (data, tmp_path / "nowhere"):
        pixels = load_run(open_finished(run), data=place).pixels
        assert torch.equal(pixels.mean, mean)
        assert torch.equal(pixels.divisor, divisor)
        assert not pixels.colour.any()


def test_without_data_or_recorded_scaling_the_next_step_is_named(run, tmp_path):
    with pytest.raises(PackMissing, match="run `repro data"):
        load_run(open_finished(run), data=tmp_path / "nowhere")


def test_without_validation_the_last_weights_count(run):
    edit(run / "manifest.json", splits={"train": 260})
    assert open_finished(run).weights == "last.pt"
    (run / "best.pt").unlink()
    edit(run / "manifest.json", splits={"train": 160, "val": 100})
    assert open_finished(run).weights == "last.pt"


@pytest.mark.parametrize("status", ["running", "failed"])
def test_only_complete_runs_are_opened(run, status):
    edit(run / "manifest.json", status=status)
    with pytest.raises(RunError, match=f"the run is {status}; only a complete one"):
        open_finished(run)


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(RunError, match="no run here"):
        open_finished(tmp_path)


def test_a_record_that_says_too_little_or_too_much(run):
    record = folder.read_json(run / "recipe.json")
    edit(run / "recipe.json", recipe=record["recipe"] | {"depth": 8})
    with pytest.raises(RecipeError, match=r"recipe.json: .*unknown depth"):
        open_finished(run)
    edit(run / "recipe.json", recipe=record["recipe"], profile={"name": "smoke"})
    with pytest.raises(RunError, match="its record lacks 'dataset'"):
        open_finished(run)
    (run / "recipe.json").write_text("{")
    with pytest.raises(RunError, match="not readable as JSON"):
        open_finished(run)


def test_other_images_than_it_was_trained_on(trained, tmp_path):
    write_photographs(tmp_path, "cifar10-subset", "train", images=50, side=32)
    finished = open_finished(trained)
    with pytest.raises(RunError, match="trained on other images"):
        training_pack(finished, tmp_path)
    with pytest.raises(PackMissing):
        training_pack(finished, tmp_path / "none")


@pytest.mark.parametrize(
    ("side", "classes", "reason"),
    [(32, ("cat", "dog"), "other classes"), (28, None, "images of .28, 28. pixels")],
)
def test_a_test_split_that_does_not_belong(
    data, trained, tmp_path, side, classes, reason
):
    finished = open_finished(trained)
    train = training_pack(finished, data)
    names = classes or train.classes
    write_photographs(
        tmp_path, "cifar10-subset", "test", images=20, side=side, classes=names
    )
    with pytest.raises(RunError, match=reason):
        pack_for_test(finished, train, tmp_path)


def test_weights_from_elsewhere_have_no_splits(data, run):
    edit(run / "manifest.json", splits={}, data=None)
    finished = open_finished(run)
    assert finished.weights == "last.pt"
    assert len(training_pack(finished, data).labels) == 260


def test_one_data_set_or_none(trained):
    finished = open_finished(trained)
    assert one_data_set([finished, finished]) == "cifar10-subset"
    with pytest.raises(RunError, match="not none"):
        one_data_set([])


def spoil_weights(run):
    (run / "best.pt").write_bytes(b"not weights")


def spoil_scaling(run):
    (run / "pixels.npz").write_bytes(b"not arrays")


def remove_weights(run):
    (run / "best.pt").unlink()


def other_recipe(run):
    record = folder.read_json(run / "recipe.json")
    record["recipe"]["network"]["width"] = 0.2
    folder.write_json(run / "recipe.json", record)


def other_classes(run):
    state = read_state(run / "best.pt")
    state["fc4.weight"], state["fc4.bias"] = state["fc4.weight"][:7], torch.zeros(7)
    torch.save(state, run / "best.pt")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_weights, "damaged checkpoint"),
        (spoil_scaling, "damaged"),
        (remove_weights, "no best.pt here"),
        (other_recipe, "not of this recipe: size mismatch"),
        (other_classes, "tells 7 classes apart, cifar10-subset has 10"),
    ],
)
def test_what_cannot_be_read_is_one_line(data, run, spoil, said):
    spoil(run)
    with pytest.raises(RunError) as error:
        load_run(open_finished(run), checkpoint="best.pt", data=data)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_weights_that_are_gone_have_no_hash(run):
    for name in ("best.pt", "last.pt"):
        (run / name).unlink()
    with pytest.raises(RunError, match="no weights here"):
        open_finished(run).weights_sha256()
