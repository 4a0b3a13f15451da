"""Several runs together: the mean of their probabilities, by hand."""

import shutil

import numpy as np
import pandas as pd
import pytest
import torch

from repro.data.packs import open_pack
from repro.export.ensemble import write_ensemble
from repro.recipes.settings import override
from repro.runs import folder as runs
from repro.runs.folder import RunError, run_folder
from repro.trained.classifier import probabilities
from repro.trained.run import classifier, open_finished
from tests.made.tiny_finished_run import (
    CPU,
    SMALL,
    write_finished_run,
    write_tiny_splits,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Two networks that see other crops, and their data."""
    root = tmp_path_factory.mktemp("ensemble")
    write_tiny_splits(root / "data")
    short = override(SMALL, {"epochs": 1})
    for seed, recipe in enumerate((short, override(short, {"crop": "centre"}))):
        run = run_folder(root, "smoke", "tiny", seed)
        write_finished_run(run, root / "data", recipe, seed=seed)
    return root


@pytest.fixture
def root(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "root")


@pytest.fixture
def both(root):
    return [run_folder(root, "smoke", "tiny", seed) for seed in (0, 1)]


def average(members, root, **options):
    return write_ensemble(members, device=CPU, data=root / "data", **options)


def test_two_networks_against_their_mean_by_hand(root, both):
    folder = average(both, root)
    assert folder == root.resolve() / "smoke/ensembles/tiny-x2"
    frame = pd.read_csv(folder / "errors.csv")
    assert frame["views"].tolist() == [1, 10]
    assert set(frame["networks"]) == {2} and set(frame["split"]) == {"test"}
    test = open_pack("cifar10-subset", "test", root / "data")
    images, total = torch.from_numpy(test.images.copy()), 0
    for run in both:
        one = classifier(open_finished(run), root / "data", CPU)
        total = total + probabilities(one, images, 10)
    order = np.argsort(-total.numpy(), axis=1, kind="stable")
    right = order == test.labels[:, None]
    assert frame["top1_error"][1] == pytest.approx(1 - right[:, 0].mean())
    assert frame["top5_error"][1] == pytest.approx(1 - right[:, :5].any(1).mean())
    assert frame["n"][1] == 30
    with np.load(folder / "predictions.npz") as arrays:
        assert np.array_equal(arrays["classes_10"], order[:, :5])
        assert arrays["class_names"].tolist() == list(test.classes)
    manifest = runs.read_json(folder / "manifest.json")
    assert manifest["members"] == ["tiny/seed-0", "tiny/seed-1"]
    assert len(set(manifest["weights_sha256"])) == 2


def test_the_same_weights_are_not_averaged_again(root, both):
    folder = average(both, root)
    before = (folder / "manifest.json").stat().st_mtime_ns
    assert average(both, root) == folder
    assert (folder / "manifest.json").stat().st_mtime_ns == before
    (folder / "errors.csv").unlink()  # comes back
    average(both, root)
    assert (folder / "errors.csv").exists()
    shutil.copy(both[0] / "best.pt", both[1] / "best.pt")
    again = (folder / "manifest.json").read_bytes()
    average(both, root)
    assert (folder / "manifest.json").read_bytes() != again


def test_one_network_is_an_ensemble_of_one(root, both):
    folder = average(both[:1], root, name="alone")
    assert folder.name == "alone"
    assert pd.read_csv(folder / "errors.csv")["networks"].tolist() == [1, 1]


def test_what_cannot_be_averaged_is_refused(root, both):
    with pytest.raises(RunError, match="twice"):
        average(both[:1] * 2, root)
    with pytest.raises(RunError, match="no run here"):
        average([both[0], root], root)
    with pytest.raises(RunError, match="needs runs"):
        average([], root)
    elsewhere = shutil.copytree(both[0], root / "elsewhere")
    with pytest.raises(RunError, match="takes folders reports/<profile>/runs"):
        average([both[0], elsewhere], root)
    assert not (root / "smoke/ensembles").exists()
