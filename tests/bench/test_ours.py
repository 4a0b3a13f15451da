"""Our training without a run folder trains as `repro train` does."""

import pytest
import torch

from repro.bench import ours
from repro.bench.measuring import BenchError


def test_other_sides_are_refused():
    with pytest.raises(BenchError, match=r"--side 100: .*224, 56"):
        ours.recipe_at(100, 1)


def test_ours_is_the_training_of_repro_train(monkeypatch):
    """The epoch moves first and last weights; images at the profile's side."""
    monkeypatch.setitem(ours.SETTINGS, "width", 0.1)
    training = ours.our_training(56, 2, 2, torch.device("cpu"), "bfloat16")
    assert training.recipe.optimisation.batch_size == 2
    assert training.splits["train"].images.shape == (4, 64, 64, 3)
    watched = [training.network.conv1.weight, training.network.fc8.bias]
    before = [parameter.detach().clone() for parameter in watched]
    ours.our_epoch(training)()
    for parameter, old in zip(watched, before, strict=True):
        assert not torch.equal(parameter, old)
