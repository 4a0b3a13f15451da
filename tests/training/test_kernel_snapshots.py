"""Kernels after the first epochs and powers of two, and what an export makes of them."""

import numpy as np
import torch

from repro.networks.build import build_network
from repro.recipes.presets import RELEASED_145
from repro.recipes.settings import override
from repro.training.kernel_snapshots import by_epoch, keep, kernels

RECIPE = override(RELEASED_145, {"width": 0.05})


def network(value):
    built = build_network(RECIPE, classes=3, side=224)
    torch.nn.init.constant_(built.conv1.weight, value)
    return built


def test_kernels_are_a_copy_of_the_first_layer():
    built = network(0.5).to(memory_format=torch.channels_last)
    found = kernels(built)
    assert found.shape == (4, 3, 11, 11)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    torch.nn.init.zeros_(built.conv1.weight)
    assert (found == 0.5).all()


def test_the_first_eight_epochs_and_powers_of_two_are_kept(tmp_path):
    for epoch in range(1, 20):
        keep(tmp_path, network(epoch), epoch)
    kept = [1, 2, 3, 4, 5, 6, 7, 8, 16]
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"kernels-epoch-{epoch}.npy" for epoch in kept}
    found = by_epoch(tmp_path, network(0), network(19), list(range(20)))
    assert found["epochs"].tolist() == [0, *kept, 19]
    assert found["kernels"].shape == (11, 4, 3, 11, 11)
    assert found["kernels"][:, 0, 0, 0, 0].tolist() == [0, *kept, 19]


def test_a_run_without_any_has_the_first_and_the_last(tmp_path):
    first, last = network(0), network(9)
    assert by_epoch(tmp_path, first, last, [0, 1, 2])["epochs"].tolist() == [0, 2]
    assert by_epoch(tmp_path, first, last, [0])["epochs"].tolist() == [0]
    alone = by_epoch(tmp_path, first, last, [])
    assert alone["epochs"].tolist() == [-1]
    assert (alone["kernels"] == 9).all()
