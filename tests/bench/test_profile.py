"""A part of a step takes the time that it is made to take."""

import time

import torch

from repro.bench import ours
from repro.bench.profile import profiled


def test_a_part_of_a_step_is_what_it_takes(monkeypatch):
    """A layer that waits for 50 ms forward and backward, between others that do not."""

    class Waiting(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            time.sleep(0.05)
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            time.sleep(0.05)
            return g

    monkeypatch.setitem(ours.SETTINGS, "width", 0.1)
    training = ours.our_training(56, 2, 3, torch.device("cpu"), "float32")
    training.network.conv3.register_forward_pre_hook(
        lambda layer, inputs: (Waiting.apply(*inputs),)
    )
    parts = profiled(training, ours.our_epoch(training))
    assert {len(spent) for spent in parts.values()} == {3}
    for part in ("conv3, forward", "conv3, backward"):
        assert min(parts[part]) >= 50
        assert max(min(parts[name]) for name in parts if "conv3" not in name) < 50
