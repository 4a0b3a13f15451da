"""The peers are what their names say: counted by hand and against ours."""

import pytest
import torch

from repro.bench import ours as bench_training
from repro.bench.contestants import contestants, impossible
from repro.bench.measuring import BenchError
from repro.bench.ours import our_epoch, our_training, recipe_at
from repro.bench.peers import bare_loop, naive_net, plain_sgd, torchvision_net
from repro.bench.step import flop_per_image
from repro.networks.counts import count_parameters

CPU = torch.device("cpu")


def test_the_naive_net_has_the_parameters_of_the_paper():
    """60,965,224: claims.md 3.1, with groups."""
    network = naive_net(recipe_at(224, 1), classes=1000, side=224)
    assert count_parameters(network) == 60_965_224


def test_torchvisions_net_is_its_own_at_224_and_has_our_first_layer_at_56():
    with torch.device("meta"):
        whole = torchvision_net(recipe_at(224, 1), classes=1000, side=224)
        small = torchvision_net(recipe_at(56, 1), classes=1000, side=56)
        out = small(torch.empty(2, 3, 56, 56))
    assert count_parameters(whole) == 61_100_840  # claims.md 3.1
    assert small.features[0].stride == (2, 2)
    assert out.shape == (2, 1000)


def test_flop_of_a_step_is_three_passes_without_the_input_of_conv1():
    """2 x (3 x 724,406,816 - 105,415,200): the sums of claims.md 3.1."""
    assert flop_per_image(recipe_at(224, 1), 224) == 2 * (3 * 724_406_816 - 105_415_200)


def test_other_sides_are_refused():
    with pytest.raises(BenchError, match=r"--side 100: .* for 224, 56"):
        recipe_at(100, 1)


def test_a_bare_loop_trains():
    network = torch.nn.Linear(4, 3)
    before = network.weight.detach().clone()
    images, labels = torch.eye(3, 4), torch.arange(3)
    bare_loop(
        network, plain_sgd(network), images, labels, steps=2, precision="float32"
    )()
    moved = network.weight.detach() - before
    assert moved[:, :3].abs().min() > 0
    # column 3 sees no input: weight decay alone
    first = 1 - 1e-4 * 5e-4
    second = first - 1e-4 * (0.9 * 5e-4 + 5e-4 * first)
    torch.testing.assert_close(network.weight[:, 3], before[:, 3] * second)


def test_ours_is_the_training_of_repro_train(monkeypatch):
    """The epoch moves first and last weights; images at the profile's side."""
    monkeypatch.setitem(bench_training.SETTINGS, "width", 0.1)
    training = our_training(56, 2, 2, CPU, "bfloat16")
    assert training.recipe.optimisation.batch_size == 2
    assert training.splits["train"].images.shape == (4, 64, 64, 3)
    watched = [training.network.conv1.weight, training.network.fc8.bias]
    before = [parameter.detach().clone() for parameter in watched]
    our_epoch(training)()
    for parameter, old in zip(watched, before, strict=True):
        assert not torch.equal(parameter, old)


def test_without_a_compiler_the_compiled_peer_is_left_out(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    left_out = impossible(CPU)
    ours, peer = left_out
    for name in (ours, peer):
        assert name in contestants(56, 1, 1, CPU) and name.endswith("compiled")
        assert left_out[name] == "no C++ compiler for torch.compile"
    assert (ours, "alexnet" in peer) == ("ours, bfloat16, compiled", True)
