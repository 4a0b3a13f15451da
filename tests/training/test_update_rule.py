"""The paper's update rule and the schedule against sequences worked out by hand."""

from collections import OrderedDict

import torch
from torch import nn

from repro.recipes.presets import CIFAR_18PCT
from repro.recipes.recipe import Optimisation
from repro.training.schedule import Rates
from repro.training.update_rule import build_optimizer, set_rates


def network():
    torch.manual_seed(0)
    layers = [("conv1", nn.Conv2d(1, 2, 1)), ("flat", nn.Flatten())]
    return nn.Sequential(OrderedDict([*layers, ("fc2", nn.Linear(2, 2))])).double()


def follow(rates, *, in_velocity, decay=0.0005, bias_factor=1.0):
    """Weights of both layers after one step a rate, with gradients 1, 2, 3, ..."""
    net = network()
    optimisation = Optimisation(
        learning_rate=rates[0],
        weight_decay=decay,
        output_weight_decay=decay,
        bias_rate_factor=bias_factor,
    )
    optimizer = build_optimizer(net, optimisation)
    start = [p.detach().clone() for p in net.parameters()]
    for step, rate in enumerate(rates):
        rates = Rates(rate, rate, rate * bias_factor)
        set_rates(optimizer, rates, in_velocity=in_velocity)
        for parameter in net.parameters():
            parameter.grad = torch.full_like(parameter, step + 1.0)
        optimizer.step()
    return start, [p.detach() for p in net.parameters()]


def by_hand(w, rates, *, decay, factor=1.0):
    """Section 5's two lines, in a loop."""
    v = torch.zeros_like(w)
    for step, rate in enumerate(rates):
        v = 0.9 * v - decay * factor * rate * w - factor * rate * (step + 1.0)
        w = w + v
    return w


RATES = [0.1, 0.1, 0.1, 0.01, 0.01, 0.001]


def test_rule_is_the_papers_across_drops_and_biases_do_not_decay():
    start, end = follow(RATES, in_velocity=True, bias_factor=2.0)
    decays, factors = (0.0005, 0.0, 0.0005, 0.0), (1.0, 2.0, 1.0, 2.0)
    for w, measured, decay, factor in zip(start, end, decays, factors, strict=True):
        expected = by_hand(w, RATES, decay=decay, factor=factor)
        torch.testing.assert_close(measured, expected, rtol=1e-12, atol=0)


def test_rule_equals_torchs_at_constant_rate_and_differs_after_a_drop():
    net = network()
    plain = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.0)
    for step in range(4):
        for parameter in net.parameters():
            parameter.grad = torch.full_like(parameter, step + 1.0)
        plain.step()
    _, ours = follow([0.1] * 4, in_velocity=True, decay=0.0)
    for a, b in zip(ours, net.parameters(), strict=True):
        torch.testing.assert_close(a, b.detach(), rtol=1e-14, atol=0)
    # after the drop torch scales down what has gathered: less far for some steps
    start, ours = follow(RATES[:4], in_velocity=True, decay=0.0)
    _, torchs = follow(RATES[:4], in_velocity=False, decay=0.0)
    # v after gradients 1, 2, 3 at 0.1: -0.1 * (0.81 + 1.8 + 3) = -0.561; then 0.9 v;
    # torch keeps -0.0561 of it
    new = 0.01 * 4
    gone = 0.1 * (1 + (0.9 + 2) + (0.81 + 1.8 + 3))
    for w, a, b in zip(start, ours, torchs, strict=True):
        torch.testing.assert_close(a, w - gone - 0.9 * 0.561 - new)
        torch.testing.assert_close(b, w - gone - 0.9 * 0.0561 - new)


def test_groups_by_rate_and_decay():
    optimizer = build_optimizer(network(), CIFAR_18PCT.optimisation)
    set_rates(optimizer, Rates(0.1, 0.2, 0.3), in_velocity=True)
    groups = {
        (g["kind"], g["weight_decay"], g["lr"], len(g["params"]))
        for g in optimizer.param_groups
    }
    assert groups == {
        ("stem", 0.004, 0.2, 1),
        ("stem_biases", 0.0, 0.3, 1),
        ("weights", 1.0, 0.1, 1),
        ("biases", 0.0, 0.3, 1),
    }


def test_a_frozen_stem_does_not_coast():
    net = network()
    optimizer = build_optimizer(net, Optimisation())
    for frozen in (False, True, True):
        rates = Rates(0.1, 1e-5, 0.1, stem_frozen=frozen)
        set_rates(optimizer, rates, in_velocity=True)
        before = [p.detach().clone() for p in net.parameters()]
        optimizer.zero_grad(set_to_none=True)
        net(torch.ones(1, 1, 1, 1, dtype=torch.float64)).sum().backward()
        optimizer.step()
        moved = [
            not torch.equal(p, was)
            for p, was in zip(net.parameters(), before, strict=True)
        ]
        assert moved == [not frozen, not frozen, True, True]
