"""Every layer in ONNX computes what it computes here."""

import pytest
import torch
from torch import nn

pytest.importorskip("onnx")

from repro.networks.build import meta_network
from repro.networks.layers import ACTIVATIONS
from repro.networks.response_norm import CrossMapNorm
from repro.recipes.presets import RECIPES
from repro.weights.onnx_files import onnx_model
from repro.weights.onnx_graph import Graph, OnnxError, write_layer, write_network
from tests.made.onnx_oracle import (
    ROUNDING,
    as_input,
    distance,
    evaluated,
    logits,
    saved_network,
    views,
)

THIN = 1 / 16


def agreement(saved, count=2):
    images = views(saved.side, count)
    found = evaluated(onnx_model(saved), as_input(images), "logits")
    return distance(found, logits(saved, images))


@pytest.mark.parametrize("name", ["caffe", "released-145", "paper-text", "one-tower"])
def test_the_2012_network_at_its_own_size(name):
    assert agreement(saved_network(name, 256, width=THIN)) < ROUNDING


def test_caffe_at_its_full_width():
    assert agreement(saved_network("caffe", 256, classes=1000)) < ROUNDING


@pytest.mark.parametrize("name", ["R-nocomm", "R-bn", "R-gap", "R-6conv", "R-pool2"])
def test_its_variants(name):
    changes = {"stem_kernel": 5, "stem_stride": 1, "stem_padding": (2, 2)}
    assert agreement(saved_network(name, 64, width=THIN, **changes)) < ROUNDING


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize(
    "name", ["cifar-80sec", "cifar-18pct", "cifar-13pct", "cifar-11pct"]
)
def test_the_cifar_nets(name, activation):
    saved = saved_network(name, 32, width=0.2, activation=activation)
    assert agreement(saved, count=3) < ROUNDING


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_activation(name):
    layer, graph = ACTIVATIONS[name](), Graph()
    write_layer(layer, graph, "y", "pixels", (5,))
    model = graph.model("one layer", {"pixels": ["batch", 5]}, {"y": ["batch", 5]})
    x = torch.linspace(-3, 3, 10).reshape(2, 5)
    assert evaluated(model, x.numpy()) == pytest.approx(layer(x).numpy(), rel=1e-6)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_has_a_form(name):
    side = 32 if RECIPES[name].network.layout.startswith("cifar") else 224
    network = meta_network(RECIPES[name], classes=10, side=side).eval()
    graph = Graph()
    assert write_network(network, graph, "pixels", side) == [*network._modules][-1]
    parameters = {name for name, _ in network.named_parameters()}
    assert parameters <= graph.arrays.keys()


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (nn.Softplus(), "conv9 (Softplus)"),
        (CrossMapNorm(4, alpha=1.0, beta=0.75, k=1.0), "size=4 is even"),
    ],
)
def test_what_has_no_form_is_refused(layer, said):
    with pytest.raises(OnnxError) as refused:
        write_layer(layer, Graph(), "conv9", "x", (4, 3, 3))
    assert said in str(refused.value)


def test_the_oracle_sees_the_response_norm():
    """Without it the outputs differ by far more than what is allowed above."""
    saved = saved_network("caffe", 256, width=THIN)
    model, images = onnx_model(saved), views(saved.side)
    for norm in (saved.network.norm1, saved.network.norm2):
        norm.alpha = 0.0
    assert (
        distance(evaluated(model, as_input(images), "logits"), logits(saved, images))
        > 0.01
    )


def test_shapes_follow_rounding_up():
    pool = nn.MaxPool2d(3, 2, ceil_mode=True)
    for side in (5, 6, 7, 8):
        graph = Graph()
        write_layer(pool, graph, "pool", "x", (1, side, side))
        attributes = {a.name: list(a.ints) for a in graph.nodes[0].attribute}
        after = attributes["pads"][2]
        assert attributes["pads"] == [0, 0, after, after]
        expected = pool(torch.zeros(1, 1, side, side)).shape[-1]
        assert (side + after - 3) // 2 + 1 == expected
