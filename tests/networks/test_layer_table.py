"""The layer list of the 2012 network, as Figure 2 draws it."""

import pytest

from repro.networks.layer_table import layer_rows
from repro.recipes.presets import CIFAR_13PCT, RELEASED_145


def test_the_2012_network_from_the_input_to_the_classes():
    rows = layer_rows(RELEASED_145, classes=1000, side=224)
    by_name = {row["name"]: row for row in rows}
    assert len(by_name) == len(rows)
    shapes = {
        "input": "3x224x224",
        "pad": "3x227x227",
        "conv1": "96x55x55",
        "pool1": "96x27x27",
        "conv2": "256x27x27",
        "pool2": "256x13x13",
        "conv3": "384x13x13",
        "conv5": "256x13x13",
        "pool5": "256x6x6",
        "flat": "9216",
        "fc6": "4096",
        "fc8": "1000",
    }
    assert {name: by_name[name]["shape"] for name in shapes} == shapes
    assert sum(row["parameters"] for row in rows) == 60_965_224
    assert sum(row["neurons"] for row in rows) == 659_272
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
    order = [name for name in by_name if name in shapes]
    assert order == list(shapes)


@pytest.mark.parametrize("side", [24, 32])
def test_a_cifar_net_with_locally_connected_layers(side):
    rows = layer_rows(CIFAR_13PCT, classes=10, side=side)
    local = next(row for row in rows if row["name"] == "local3")
    assert local["kind"] == "LocallyConnected2d"
    assert local["window"] == 3
    assert local["shape"] == f"32x{side // 4}x{side // 4}"
