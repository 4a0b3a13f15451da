"""Some classes of a data set: labels, splits, errors and everything behind them."""

import numpy as np
import pandas as pd
import pytest

from repro.data.class_subset import of_classes
from repro.data.packs import open_pack
from repro.export import codes
from repro.export.ensemble import write_ensemble
from repro.export.export import export
from repro.machine.devices import Compute
from repro.recipes.profiles import SMOKE
from repro.recipes.recipe import Recipe, RecipeError
from repro.recipes.settings import override
from repro.runs import folder as runs
from repro.runs.folder import RunError
from repro.trained.run import open_finished, pack_for_test, training_pack
from repro.training.prepare import prepare
from tests.made.tiny_finished_run import CPU, SMALL, write_finished_run

PAIR = ("class 7", "class 2")  # image i of the tiny data is of class i mod 10
OF_PAIR = override(SMALL, {"classes": PAIR})


@pytest.fixture(scope="module")
def run(data):
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(codes, "STEPS", 2)  # of the auto-encoders
    folder = data / "runs" / "pair" / "seed-1"
    write_finished_run(folder, data, OF_PAIR)
    export(folder, device=CPU, data=data, say=lambda line: None)
    monkeypatch.undo()
    return folder


def test_labels_follow_the_order_asked_for_and_rows_stay(data):
    whole = open_pack(SMOKE.dataset, "train", data)
    pack = of_classes(whole, PAIR)
    assert pack.classes == PAIR
    rows = np.sort(np.r_[2:260:10, 7:260:10])
    assert np.array_equal(pack.rows, rows)
    assert np.array_equal(pack.labels[rows], (rows % 10 == 2).astype(int))
    assert set(pack.labels[np.setdiff1d(np.arange(260), rows)]) == {-1}
    assert pack.images is whole.images and pack.mean is whole.mean
    again = of_classes(pack, ("class 2", "class 7"))
    assert np.array_equal(again.labels[rows], 1 - pack.labels[rows])
    assert (again.labels >= 0).sum() == len(rows)


def test_all_classes_are_the_pack_itself(data):
    whole = open_pack(SMOKE.dataset, "train", data)
    assert of_classes(whole, ()) is of_classes(whole, whole.classes) is whole
    assert np.array_equal(whole.rows, np.arange(260))


def test_a_class_that_is_not_there_is_named(data):
    whole = open_pack(SMOKE.dataset, "train", data)
    with pytest.raises(RecipeError, match="cifar10-subset has no cat; its classes: cl"):
        of_classes(whole, ("class 1", "cat"))


@pytest.mark.parametrize("classes", [("cat",), ("cat", "dog", "cat")])
def test_one_class_or_one_twice_is_no_choice(classes):
    with pytest.raises(RecipeError, match="no class, or two or more, each once"):
        override(Recipe(), {"classes": classes})


@pytest.mark.parametrize(("by_class", "held", "val"), [(False, 100, 20), (True, 4, 8)])
def test_validation_images_are_those_of_the_whole_set(data, by_class, held, val):
    """So a network of some classes has seen none that one of all was judged on."""
    profile = type(SMOKE)(
        **vars(SMOKE) | {"validation_images": held, "validation_by_class": by_class}
    )
    pack = open_pack(SMOKE.dataset, "train", data)
    of_all, of_pair = (
        prepare(
            recipe, profile, pack, seed=0, run=data / "none", compute=Compute(CPU)
        ).splits
        for recipe in (SMALL, OF_PAIR)
    )
    assert len(of_pair["val"]) == val and len(of_pair["train"]) == 52 - val
    for split in ("train", "val"):
        wanted = [row for row in of_all[split].indices if row % 10 in (2, 7)]
        assert of_pair[split].indices.tolist() == wanted


def test_classes_of_which_none_is_held_out_are_refused(data):
    one = {"validation_images": 1, "validation_by_class": False}  # of class 9
    profile = type(SMOKE)(**vars(SMOKE) | one)
    pack = open_pack(SMOKE.dataset, "train", data)
    with pytest.raises(RunError, match="no image of class 7, class 2 is held out"):
        prepare(OF_PAIR, profile, pack, seed=0, run=data / "none", compute=Compute(CPU))


def test_the_network_has_as_many_outputs_whatever_the_profile_has(data):
    pack = open_pack(SMOKE.dataset, "train", data)
    wide = type(SMOKE)(**vars(SMOKE) | {"classes": 12})
    training = prepare(
        OF_PAIR, wide, pack, seed=0, run=data / "none", compute=Compute(CPU)
    )
    assert len(list(training.network.parameters())[-1]) == training.classes == 2


def test_training_and_export_know_the_classes_alone(run, data):
    manifest = runs.read_json(run / "manifest.json")
    assert manifest["splits"] == {"train": 32, "val": 20}
    with np.load(run / "predictions.npz") as arrays:
        assert arrays["class_names"].tolist() == list(PAIR)
        assert arrays["labels"].tolist() == [1, 0, 1, 0, 1, 0]  # of 30 test images
        assert arrays["classes_1"].shape == (6, 2)
    errors = pd.read_csv(run / "errors.csv")
    assert errors["n"].tolist() == [20, 20, 6, 6]
    assert (errors["top5_error"] == 0).all()
    metrics = runs.read_metrics(run)
    assert metrics["val_top1_error"].min() == errors["top1_error"][0]
    with np.load(run / "examples.npz") as arrays:
        assert {index % 10 for index in arrays["index"]} == {2, 7}
        shown = dict(zip(arrays["index"] % 10, arrays["class_name"], strict=True))
    assert shown == {2: "class 2", 7: "class 7"}
    with np.load(run / "neighbors.npz") as arrays:
        assert arrays["database_size"] == 32
        assert {index % 10 for index in arrays["features_index"].ravel()} == {2, 7}


def test_the_record_brings_the_classes_back(run, data):
    finished = open_finished(run)
    assert finished.recipe == OF_PAIR
    train = training_pack(finished, data)
    assert train.classes == pack_for_test(finished, train, data).classes == PAIR


def test_networks_of_other_classes_are_not_averaged(run, data):
    other = data / "runs" / "other" / "seed-1"
    write_finished_run(
        other, data, override(SMALL, {"classes": ("class 1", "class 3")})
    )
    with pytest.raises(
        RunError, match=r"subset \(class 1, class 3\), cifar10-subset \("
    ):
        write_ensemble([run, other], device=CPU, data=data)
