"""The operations and the memory of a training step, beside sums by hand."""

import torch

from repro.bench.contestants import NCHW
from repro.bench.ours import recipe_at
from repro.bench.step import flop_per_image, peak_memory


def test_flop_of_a_step_is_three_passes_without_the_input_of_conv1():
    """2 x (3 x 724,406,816 - 105,415,200): the multiply-adds of all layers and of conv1."""
    assert flop_per_image(recipe_at(224, 1), 224) == 2 * (3 * 724_406_816 - 105_415_200)


def test_peak_memory_is_at_least_weights_gradients_and_velocities():
    """torchvision's network on 56 pixels: 57 million parameters, three times 4 bytes."""
    used = peak_memory(NCHW, 56, 1, torch.device("cpu"))
    assert 3 * 4 * 57e6 / 2**20 < used < 4096
