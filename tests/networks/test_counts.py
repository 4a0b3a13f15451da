"""The arithmetic of the paper's network and its ablations, from the live layers."""

import pytest

from repro.networks.counts import count_layers, layer_rows
from repro.recipes.presets import RECIPES
from repro.recipes.settings import override

# parameters, multiply-adds of one 224-pixel image
TOTALS = {
    "released-145": (60_965_224, 724_406_816),
    "paper-text": (60_965_224, 724_406_816),
    "R-dense": (62_378_344, 1_135_256_096),
    "R-half": (59_798_312, 391_514_384),
    "R-6conv": (61_555_304, None),
    "R-noc3": (60_301_288, None),
    "R-noc4": (60_301_288, None),
    "R-noc5": (79_396_968, None),
    "R-nofc7": (44_183_912, None),
    "R-pool2": (60_965_224, 724_406_816),
    "one-tower": (61_100_840, 714_188_480),
}


def counted(recipe, side=224, classes=1000):
    return count_layers(recipe, classes=classes, side=side)


@pytest.mark.parametrize("name", TOTALS)
def test_totals(name):
    layers = counted(RECIPES[name])
    parameters, multiply_adds = TOTALS[name]
    assert sum(layer.parameters for layer in layers) == parameters
    if multiply_adds:
        assert sum(layer.multiply_adds for layer in layers) == multiply_adds


def test_layer_by_layer():
    rows = [
        (layer.name, layer.shape, layer.towers, layer.parameters, layer.multiply_adds)
        for layer in counted(RECIPES["released-145"])
    ]
    assert rows == [
        ("conv1", (96, 55, 55), 1, 34_944, 105_415_200),
        ("conv2", (256, 27, 27), 2, 307_456, 223_948_800),
        ("conv3", (384, 13, 13), 1, 885_120, 149_520_384),
        ("conv4", (384, 13, 13), 2, 663_936, 112_140_288),
        ("conv5", (256, 13, 13), 2, 442_624, 74_760_192),
        ("fc6", (4096,), 1, 37_752_832, 37_748_736),
        ("fc7", (4096,), 1, 16_781_312, 16_777_216),
        ("fc8", (1000,), 1, 4_097_000, 4_096_000),
    ]


def test_neurons():
    layers = counted(RECIPES["released-145"])
    convolutions = sum(layer.neurons for layer in layers[:5])
    assert convolutions == 650_080
    assert sum(layer.neurons for layer in layers) == 659_272
    assert sum(layer.neurons for layer in counted(RECIPES["R-half"])) == 355_864
    assert sum(layer.neurons for layer in counted(RECIPES["one-tower"])) == 494_184


def test_without_both_middle_layers():
    recipe = override(RECIPES["released-145"], {"removed": ("conv3", "conv4")})
    assert sum(layer.parameters for layer in counted(recipe)) == 59_268_712


def test_caffes_crop_gives_the_same_maps():
    ours, caffe = counted(RECIPES["released-145"]), counted(RECIPES["caffe"], side=227)
    assert [layer.shape for layer in ours] == [layer.shape for layer in caffe]


def test_batch_normalisation_has_parameters_and_no_neurons_of_its_own():
    layers = counted(RECIPES["R-bn"])
    maps = 96 + 256 + 384 + 384 + 256
    plain = sum(layer.parameters for layer in counted(RECIPES["R-nolrn"]))
    assert sum(layer.parameters for layer in layers) == plain + 2 * maps
    assert sum(layer.neurons for layer in layers) == 659_272


def test_the_2012_network_from_the_input_to_the_classes():
    rows = layer_rows(RECIPES["released-145"], classes=1000, side=224)
    by_name = {row["name"]: row for row in rows}
    assert len(by_name) == len(rows)
    shapes = {row["name"]: row["shape"] for row in rows}
    for layer in counted(RECIPES["released-145"]):
        assert shapes[layer.name] == "x".join(map(str, layer.shape))
    sizes = {"input": "3x224x224", "pad": "3x227x227", "pool1": "96x27x27"}
    sizes |= {"pool2": "256x13x13", "pool5": "256x6x6", "flat": "9216"}
    assert {name: shapes[name] for name in sizes} == sizes
    assert list(shapes)[:3] == ["input", "pad", "conv1"]
    assert list(shapes)[-1] == "fc8"
    towers = [name for name, row in by_name.items() if row["towers"] == 2]
    assert towers == ["conv2", "conv4", "conv5"]
    assert [by_name["conv1"][key] for key in ("window", "stride")] == [11, 4]
    assert [by_name["pool1"][key] for key in ("window", "stride")] == [3, 2]
    assert by_name["norm1"] == {
        "name": "norm1",
        "kind": "CrossMapNorm",
        "shape": "96x55x55",
        "window": None,
        "stride": None,
        "towers": 1,
        "parameters": 0,
        "neurons": 0,
        "multiply_adds": 0,
    }


@pytest.mark.parametrize("side", [24, 32])
def test_a_cifar_net_with_locally_connected_layers(side):
    rows = layer_rows(RECIPES["cifar-13pct"], classes=10, side=side)
    local = next(row for row in rows if row["name"] == "local3")
    assert local["kind"] == "LocallyConnected2d"
    assert local["window"] == 3
    assert local["shape"] == f"32x{side // 4}x{side // 4}"
