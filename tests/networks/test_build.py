"""The CIFAR nets: published parameter counts, sizes, initial values."""

import numpy as np
import pytest
import torch

from repro.networks.build import build_network, initialise, meta_network, outputs
from repro.networks.counts import count_parameters
from repro.recipes.presets import RECIPES
from repro.recipes.recipe import InitialValues, Recipe
from repro.recipes.settings import override

# counted from the released definition files, at 32 and 24 pixels
COUNTS = {
    "cifar-18pct": (89_578, 85_098),
    "cifar-80sec": (145_578, 116_906),
    "cifar-13pct": (1_901_386, 1_116_490),
}


def plain(layout, **changes):
    """The layout without normalisation."""
    return override(Recipe(), {"layout": layout, "normaliser": "none", **changes})


@pytest.mark.parametrize("layout", COUNTS)
@pytest.mark.parametrize(("side", "column"), [(32, 0), (24, 1)])
def test_parameters(layout, side, column):
    network = meta_network(plain(layout), classes=10, side=side)
    assert count_parameters(network) == COUNTS[layout][column]


def test_11pct_has_64_maps_in_local3():
    # by hand at 24 px: convs 4,864 + 102,464; 36 positions x (64 * 576 + 64) and
    # (32 * 576 + 32); output 1,152 x 10 + 10
    network = meta_network(RECIPES["cifar-11pct"], classes=10, side=24)
    assert network.local3.weight.shape == (36, 64 * 9, 64)
    expected = 4_864 + 102_464 + 36 * (36_864 + 64) + 36 * (18_432 + 32) + 11_530
    assert count_parameters(network) == expected


@pytest.mark.parametrize(("side", "sizes"), [(32, (16, 8, 4)), (24, (12, 6, 3))])
def test_pooling_rounds_up(side, sizes):
    x = torch.zeros(1, 3, side, side)
    network = build_network(plain("cifar-18pct"), classes=10, side=side)
    pooled = []
    for name, layer in network.named_children():
        x = layer(x)
        if name.startswith("pool"):
            pooled.append(x.shape[-1])
    assert tuple(pooled) == sizes
    assert x.shape == (1, 10)


def test_average_pooling_divides_by_the_window_inside_the_map():
    # 16 pixels, windows of 3 with stride 2: the eighth window holds 2 pixels
    network = build_network(plain("cifar-18pct"), classes=10, side=32)
    pooled = network.pool2(torch.ones(1, 1, 16, 16))
    assert torch.equal(pooled, torch.ones(1, 1, 8, 8))


@pytest.mark.parametrize("layout", ["cifar-80sec", "cifar-11pct"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "abs-tanh"])
def test_every_activation_is_everywhere(layout, activation):
    built = build_network(plain(layout, activation=activation), classes=10, side=24)
    kinds = {type(v) for k, v in built.named_children() if k.startswith("active")}
    assert len(kinds) == 1
    value = next(iter(kinds))()(torch.tensor(-1.0)).item()
    expected = {
        "relu": 0.0,
        "tanh": np.tanh(-1),
        "logistic": 1 / (1 + np.e),
        "abs-tanh": np.tanh(1),
    }
    assert value == pytest.approx(expected[activation], rel=1e-6)


def test_width_scales_hidden_layers_and_never_reaches_zero():
    half = plain("cifar-18pct", width=0.5)
    assert meta_network(half, classes=10, side=32).conv3.weight.shape[:2] == (32, 16)
    thin = plain("cifar-18pct", width=0.001)
    assert meta_network(thin, classes=10, side=32).conv3.weight.shape[:2] == (1, 1)


@pytest.mark.parametrize(
    ("recipe", "stds"),
    [
        ("cifar-18pct", {"conv1": 1e-4, "conv2": 0.01, "conv3": 0.01, "fc4": 0.01}),
        ("cifar-80sec", {"conv1": 1e-4, "conv3": 0.01, "fc4": 0.1, "fc5": 0.1}),
        (
            "cifar-13pct",
            {"conv1": 1e-4, "conv2": 0.01, "local3": 0.04, "local4": 0.04, "fc5": 0.01},
        ),
    ],
)
def test_original_initial_values(recipe, stds):
    torch.manual_seed(0)
    network = build_network(RECIPES[recipe], classes=10, side=32)
    initialise(network, RECIPES[recipe].initial_values)
    for name, std in stds.items():
        layer = network.get_submodule(name)
        measured = layer.weight.std().item()
        error = std * (2 * layer.weight.numel()) ** -0.5  # of a standard deviation
        assert abs(measured - std) < 5 * error, name
        assert not layer.bias.any()


def test_torch_values_are_torchs_own():
    torch.manual_seed(3)
    network = build_network(plain("cifar-18pct"), classes=10, side=32)
    initialise(network, InitialValues(scheme="torch"))
    for layer, fan_in in [(network.conv2, 32 * 25), (network.fc4, 1024)]:
        bound = fan_in**-0.5
        assert 0.95 * bound < layer.weight.abs().max() <= bound
        assert layer.bias.abs().max() > 0


def test_named_outputs():
    network = build_network(plain("cifar-18pct"), classes=10, side=24).eval()
    x = torch.randn(2, 3, 24, 24)
    found = outputs(network, x, {"pool3", "fc4"})
    assert found["pool3"].shape == (2, 64, 3, 3)
    assert torch.equal(found["fc4"], network(x))
    with pytest.raises(KeyError, match="fc9"):
        outputs(network, x, {"fc9"})
