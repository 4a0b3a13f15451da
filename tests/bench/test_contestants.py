"""The peers are what their names say, counted by hand."""

import torch

from repro.bench.contestants import (
    COMPILED,
    OURS_COMPILED,
    bare_loop,
    contestants,
    impossible,
    naive_net,
    plain_sgd,
    torchvision_net,
)
from repro.bench.ours import recipe_at
from repro.networks.counts import count_parameters

CPU = torch.device("cpu")


def test_the_naive_net_has_the_parameters_of_the_paper():
    """They are 60,965,224 where conv2, conv4 and conv5 have two groups."""
    network = naive_net(recipe_at(224, 1), classes=1000, side=224)
    assert count_parameters(network) == 60_965_224


def test_torchvisions_net_is_its_own_at_224_and_has_our_first_layer_at_56():
    with torch.device("meta"):
        whole = torchvision_net(recipe_at(224, 1), classes=1000, side=224)
        small = torchvision_net(recipe_at(56, 1), classes=1000, side=56)
        out = small(torch.empty(2, 3, 56, 56))
    assert count_parameters(whole) == 61_100_840
    assert small.features[0].stride == (2, 2)
    assert out.shape == (2, 1000)


def test_a_bare_loop_trains():
    network = torch.nn.Linear(4, 3)
    before = network.weight.detach().clone()
    images, labels = torch.eye(3, 4), torch.arange(3)
    bare_loop(network, plain_sgd(network), [(images, labels)] * 2)()
    moved = network.weight.detach() - before
    assert moved[:, :3].abs().min() > 0
    # column 3 sees no input: weight decay alone
    first = 1 - 1e-4 * 5e-4
    second = first - 1e-4 * (0.9 * 5e-4 + 5e-4 * first)
    torch.testing.assert_close(network.weight[:, 3], before[:, 3] * second)


def test_without_a_compiler_what_is_compiled_is_left_out(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    left_out = impossible(CPU)
    assert set(left_out) == {OURS_COMPILED, COMPILED}
    assert set(left_out) < set(contestants(56, 1, 1, CPU))
    assert "no C++ compiler" in left_out[COMPILED]
