"""What is not a finished run of this program, on this data, is refused in one line."""

import shutil

import pytest
import torch

from repro.data.packs import PackMissing
from repro.recipes.recipe import RecipeError
from repro.runs import folder
from repro.runs.folder import RunError
from repro.trained.run import (
    classifier,
    one_data_set,
    open_finished,
    pack_for_test,
    training_pack,
    whole,
)
from repro.training.evaluate import evaluate
from tests.made.tiny_finished_run import (
    CPU,
    SMALL,
    write_finished_run,
    write_photographs,
    write_tiny_splits,
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("finished")
    write_tiny_splits(root / "data")
    write_finished_run(root / "run", root / "data")
    return root


@pytest.fixture
def run(root, tmp_path):
    shutil.copytree(root / "run", tmp_path / "run")
    return tmp_path / "run"


def edit(path, **changes):
    folder.write_json(path, folder.read_json(path) | changes)


def test_the_record_gives_recipe_profile_and_seed(root):
    finished = open_finished(root / "run")
    assert finished.recipe == SMALL
    assert finished.seed == 1
    assert finished.profile.dataset == "cifar10-subset"
    assert finished.weights == "best.pt"


def test_the_weights_are_those_that_validation_chose(root):
    finished = open_finished(root / "run")
    pack = training_pack(finished, root / "data")
    one = classifier(finished, root / "data", CPU)
    frame = folder.read_metrics(root / "run")
    split = whole(pack)
    held_out = type(split)(split.images, split.labels, split.indices[-100:])
    measured = evaluate(one.network, held_out, one.augmentation, one.pixels, device=CPU)
    best = frame["val_top1_error"].iloc[1:].min()
    assert measured["top1_error"] == pytest.approx(best)


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


def test_other_images_than_it_was_trained_on(root, tmp_path):
    write_photographs(tmp_path, "cifar10-subset", "train", images=50, side=32)
    finished = open_finished(root / "run")
    with pytest.raises(RunError, match="trained on other images"):
        training_pack(finished, tmp_path)
    with pytest.raises(PackMissing):
        training_pack(finished, tmp_path / "none")


@pytest.mark.parametrize(
    ("side", "classes", "reason"),
    [(32, ("cat", "dog"), "other classes"), (28, None, "images of .28, 28. pixels")],
)
def test_a_test_split_that_does_not_belong(root, tmp_path, side, classes, reason):
    finished = open_finished(root / "run")
    train = training_pack(finished, root / "data")
    names = classes or train.classes
    write_photographs(
        tmp_path, "cifar10-subset", "test", images=20, side=side, classes=names
    )
    with pytest.raises(RunError, match=reason):
        pack_for_test(finished, train, tmp_path)


def test_weights_that_cannot_be_used(root, run):
    finished = open_finished(run)
    (run / "best.pt").write_bytes(b"nothing")
    with pytest.raises(RunError, match="best.pt: damaged"):
        classifier(finished, root / "data", CPU)
    torch.save(torch.nn.Linear(2, 10).state_dict(), run / "best.pt")
    with pytest.raises(RunError, match="best.pt: not of this recipe"):
        classifier(finished, root / "data", CPU)
    (run / "best.pt").unlink()
    (run / "last.pt").unlink()
    with pytest.raises(RunError, match="no weights here"):
        open_finished(run).weights_sha256()


def test_weights_from_elsewhere_have_no_splits(root, run):
    edit(run / "manifest.json", splits={}, data=None)
    finished = open_finished(run)
    assert finished.weights == "last.pt"
    assert len(training_pack(finished, root / "data").labels) == 260


def test_one_data_set_or_none(root):
    finished = open_finished(root / "run")
    assert one_data_set([finished, finished]) == "cifar10-subset"
    with pytest.raises(RunError, match="not none"):
        one_data_set([])
