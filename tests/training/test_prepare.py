"""Which images a run trains on and which are held out; the pre-flight of a run."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from repro.data.packs import open_pack
from repro.machine.devices import Compute
from repro.recipes.profiles import SMOKE, fitted
from repro.recipes.recipe import Recipe
from repro.recipes.settings import override
from repro.runs import folder
from repro.runs.folder import RunError
from repro.training.prepare import held_out, prepare, share_per_class
from repro.training.train import train
from tests.made.tiny_data import write_tiny_data

CPU = torch.device("cpu")
LABELS = np.repeat(np.arange(4), 10)


def test_the_last_images_are_held_out():
    assert held_out(LABELS, 3, by_class=False).tolist() == [37, 38, 39]


def test_so_many_of_every_class_are_held_out():
    chosen = held_out(LABELS, 3, by_class=True)
    assert (np.diff(chosen) > 0).all()
    assert np.bincount(LABELS[chosen]).tolist() == [3, 3, 3, 3]
    assert np.array_equal(chosen, held_out(LABELS, 3, by_class=True))


def test_the_same_share_of_every_class():
    chosen = share_per_class(LABELS, 0.25)
    assert np.bincount(LABELS[chosen]).tolist() == [3, 3, 3, 3]  # 2.5 rounded up
    assert np.array_equal(share_per_class(LABELS, 1.0), np.arange(40))
    assert set(share_per_class(LABELS, 0.5)) >= set(chosen)


def test_classes_that_are_all_held_out_are_refused(tmp_path):
    write_tiny_data(tmp_path)
    pack = open_pack(SMOKE.dataset, "train", tmp_path)
    greedy = replace(SMOKE, validation_images=26, validation_by_class=True)
    with pytest.raises(RunError, match=r"26 a class\); train on all with --set hold"):
        prepare(Recipe(), greedy, pack, seed=0, run=tmp_path, compute=Compute(CPU))
    everything = override(fitted(Recipe(), SMOKE), {"hold_out": False})
    training = prepare(
        everything, greedy, pack, seed=0, run=tmp_path, compute=Compute(CPU)
    )
    assert list(training.splits) == ["train"] and len(training.splits["train"]) == 260


def test_a_profile_can_have_more_outputs_than_the_images_have_classes(tmp_path):
    write_tiny_data(tmp_path)
    pack = open_pack(SMOKE.dataset, "train", tmp_path)
    for classes, outputs in ((12, 12), (7, 10)):
        wide = replace(SMOKE, classes=classes)
        recipe = fitted(Recipe(), wide)
        training = prepare(
            recipe, wide, pack, seed=0, run=tmp_path, compute=Compute(CPU)
        )
        assert training.network.fc8.out_features == outputs
        assert training.classes == 10  # whose logarithm is the plateau


def test_the_pre_flight_is_recorded_and_a_low_one_reported(tmp_path):
    """The 2012 network: 0.03 in its middle layers carries the image, 0.01 does not."""
    write_tiny_data(tmp_path / "data")
    signal = {}
    for std in (0.03, 0.001):
        changes = {"middle_std": std, "epochs": 1, "drop_epochs": (), "late_epochs": ()}
        said = []
        train(
            override(fitted(Recipe(), SMOKE), changes),
            SMOKE,
            name="tiny",
            seed=0,
            run=tmp_path / str(std),
            compute=Compute(CPU),
            pause=0,
            data=tmp_path / "data",
            say=said.append,
        )
        signal[std] = folder.read_json(tmp_path / str(std) / "manifest.json")[
            "preflight"
        ]
        assert any("pre-flight" in line for line in said) == (signal[std] < 0.03)
    assert 0 < signal[0.001] < signal[0.03]
    assert signal[0.001] < 0.03
