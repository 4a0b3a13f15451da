"""Section 5: the update rule, written out."""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

from repro.checks.number import SMALL, Checked, relative_deviation
from repro.recipes.presets import PAPER_TEXT
from repro.training.schedule import rates_at
from repro.training.update_rule import build_optimizer, set_rates

EPOCHS, STEPS = 20, 10  # of the schedule, and updates in each
STALLED = 0.5  # validation error of every epoch
WAIT = 3  # epochs that are no better, before each of three drops


def checked() -> list[Checked]:
    """The rule."""
    return [rule()]


def rule() -> Checked:
    """The weights of a small network under given gradients, across all drops."""
    layers = [("conv1", nn.Conv2d(3, 4, 3)), ("fc2", nn.Linear(5, 6))]
    network = nn.Sequential(OrderedDict(layers)).double()
    rng = np.random.default_rng(0)
    weights = [layer.weight for _, layer in layers]
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(size=parameter.shape)))
    w = [weight.detach().numpy().copy() for weight in weights]
    v = [np.zeros_like(each) for each in w]
    plan = PAPER_TEXT.optimisation
    optimizer = build_optimizer(network, plan)
    for epoch in range(EPOCHS):
        rates = rates_at(plan, epoch, [STALLED] * epoch)
        set_rates(optimizer, rates, in_velocity=plan.rate_in_velocity)
        rate = 0.01 / 10 ** min(3, max(0, epoch - 1) // WAIT)
        for _ in range(STEPS):
            for parameter in network.parameters():
                parameter.grad = torch.from_numpy(rng.normal(size=parameter.shape))
            optimizer.step()
            for i, weight in enumerate(weights):
                gradient = weight.grad.numpy()
                v[i] = 0.9 * v[i] - 0.0005 * rate * w[i]
                v[i] = v[i] - rate * gradient
                w[i] = w[i] + v[i]
    found = [
        relative_deviation(weight.detach().numpy(), each)
        for weight, each in zip(weights, w, strict=True)
    ]
    return Checked(
        claim="S5.2",
        measured=max(found),
        expected=0,
        tolerance=SMALL,
        n=sum(each.size for each in w),
        counted="weights",
        compared=f"weights of paper-text at 64 bits after {EPOCHS * STEPS} updates "
        "from 0.01 across three drops of the rate with section 5's two lines in NumPy",
    )
