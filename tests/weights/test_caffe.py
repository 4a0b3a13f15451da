"""bvlc_alexnet's graph is read in order, and any other one is refused by its layer."""

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from onnx import helper

from repro.weights.caffe import caffe_state
from repro.weights.class_order import ImportRefused
from repro.weights.onnx_files import arrays
from tests.made.bvlc_model import bvlc_model


@pytest.fixture
def model():
    return bvlc_model(share=16)


def test_weights_come_under_our_names_whatever_theirs_are(model):
    stored = arrays(model)
    for node in model.graph.node:  # a file that names nothing
        for position, name in enumerate(node.input):
            node.input[position] = f"x{name}"
        for position, name in enumerate(node.output):
            node.output[position] = f"x{name}"
    for entry in [*model.graph.input, *model.graph.initializer]:
        entry.name = f"x{entry.name}"
    state = caffe_state(model)
    assert list(state)[:2] == ["conv1.weight", "conv1.bias"]
    for name, array in state.items():
        layer, kind = name.split(".")
        theirs = stored[f"{layer}_{kind[0]}_0"]
        if name == "conv1.weight":
            theirs = theirs[:, [2, 1, 0]]  # BGR to RGB
        assert np.array_equal(array, theirs), name
    assert len(state) == 16


def layer(model, output):
    return next(node for node in model.graph.node if node.output[0] == output)


def attribute(node, name):
    return next(entry for entry in node.attribute if entry.name == name)


def pool_first(model):
    """CaffeNet: the same shapes, each normalisation after its pooling."""
    norm, pool = layer(model, "r2"), layer(model, "r3")
    norm.op_type, pool.op_type = pool.op_type, norm.op_type
    first, second = list(norm.attribute), list(pool.attribute)
    for node, attributes in ((norm, second), (pool, first)):
        node.ClearField("attribute")
        node.attribute.extend(attributes)


def other_constant(model):
    attribute(layer(model, "r2"), "bias").f = 2.0


def other_padding(model):
    attribute(layer(model, "r0"), "pads").ints[:] = [2, 2, 2, 2]


def no_groups(model):
    attribute(layer(model, "r4"), "group").i = 1


def shorter(model):
    model.graph.node.remove(layer(model, "r21"))


def branched(model):
    again = layer(model, "r1")
    model.graph.node.append(helper.make_node("Relu", again.input, ["other"]))


def without_bias(model):
    del layer(model, "r0").input[2]


def without_weights(model):
    del model.graph.initializer[-2:]


def without_nodes(model):
    model.graph.ClearField("node")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (pool_first, "layer 3 is MaxPool"),
        (other_constant, "layer 3 is LRN bias=2.0"),
        (other_padding, "layer 1 is Conv pads=(2, 2, 2, 2)"),
        (no_groups, "layer 5 is Conv group=1"),
        (shorter, "19 layers"),
        (branched, "'r0'"),
        (without_bias, "conv1 has no bias"),
        (without_weights, "fc8.weight"),
        (without_nodes, "0 layers"),
    ],
)
def test_another_graph_is_refused_by_its_first_difference(model, change, said):
    change(model)
    with pytest.raises(ImportRefused) as refused:
        caffe_state(model)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_structure_is_that_of_the_real_file():
    """The package onnx brings it along, with constants in place of weights."""
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    if not (folder / "light_bvlc_alexnet.onnx").exists():
        pytest.skip("this version of onnx brings no light_bvlc_alexnet.onnx")
    real = onnx.load(folder / "light_bvlc_alexnet.onnx")
    layers = [node for node in real.graph.node if node.op_type != "ConstantOfShape"]
    for ours, theirs in zip(bvlc_model(16).graph.node, layers, strict=True):
        assert (ours.op_type, ours.input[1:]) == (theirs.op_type, theirs.input[1:])
        assert attributes(ours) == attributes(theirs), ours.op_type
    with pytest.raises(ImportRefused, match="conv1.weight"):
        caffe_state(real)


def attributes(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}  # float32
