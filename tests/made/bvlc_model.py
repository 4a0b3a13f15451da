"""A file with the structure of the model zoo's bvlcalexnet-9.onnx, and random weights.

The package onnx brings the same graph along for its own tests;
tests/weights/test_caffe.py compares the two.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SHAPES = {
    "conv1": (96, 3, 11, 11),
    "conv2": (256, 48, 5, 5),
    "conv3": (384, 256, 3, 3),
    "conv4": (384, 192, 3, 3),
    "conv5": (256, 192, 3, 3),
    "fc6": (4096, 9216),
    "fc7": (4096, 4096),
    "fc8": (1000, 4096),
}
NORM = ("LRN", {"size": 5, "alpha": 1e-4, "beta": 0.75, "bias": 1.0})
RELU = ("Relu", {})
DROPOUT = ("Dropout", {"ratio": 0.5})


def conv(name: str, stride: int, pad: int, **groups: int) -> tuple:
    kernel = SHAPES[name][2:]
    shape = {"strides": [stride] * 2, "pads": [pad] * 4, "kernel_shape": kernel}
    return "Conv", groups | shape, name


def pool(after: int = 0) -> tuple:
    pads = [0, 0, after, after]
    return "MaxPool", {"strides": [2, 2], "pads": pads, "kernel_shape": [3, 3]}


def connected(name: str) -> tuple:
    return "Gemm", {"transB": 1}, name


LAYERS = [
    *(conv("conv1", 4, 0), RELU, NORM, pool()),
    *(conv("conv2", 1, 2, group=2), RELU, NORM, pool()),
    *(conv("conv3", 1, 1), RELU),
    *(conv("conv4", 1, 1, group=2), RELU),
    *(conv("conv5", 1, 1, group=2), RELU, pool(after=1)),
    ("Reshape", {}),
    *(connected("fc6"), RELU, DROPOUT),
    *(connected("fc7"), RELU, DROPOUT),
    *(connected("fc8"), ("Softmax", {})),
]


def bvlc_model(share: int = 1) -> onnx.ModelProto:
    """The file, its widths divided by `share`; names are as there, values r0, r1, ..."""
    nodes, x = [], "data_0"
    for number, (op, attributes, *names) in enumerate(LAYERS):
        inputs = [x, *(f"{name}_{kind}_0" for name in names for kind in "wb")]
        inputs += ["OC2_DUMMY_1"] * (op == "Reshape")
        x = f"r{number}"
        nodes.append(helper.make_node(op, inputs, [x], **attributes))
    shapes = {"data_0": [1, 3, 224, 224]}, {x: [1, 1000 // share]}
    pixels, output = (
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in s.items()]
        for s in shapes
    )
    graph = helper.make_graph(nodes, "bvlc_alexnet", pixels, output)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)])
    put(model, "OC2_DUMMY_1", np.array([-1, 9216 // share]))
    rng = np.random.default_rng(0)
    for name, (outputs, inputs, *kernel) in SHAPES.items():
        inputs = inputs if name == "conv1" else inputs // share
        shape = (outputs // share, inputs, *kernel)
        scale = np.float32(1.5 * np.prod(shape[1:]) ** -0.5)
        put(model, f"{name}_w_0", rng.standard_normal(shape, np.float32) * scale)
        put(model, f"{name}_b_0", rng.random(shape[0], np.float32) * 0.5)
    return model


def put(model: onnx.ModelProto, name: str, array: np.ndarray) -> None:
    """Store an array; as in files of that time, it is an input too."""
    stored = numpy_helper.from_array(array, name)
    model.graph.initializer.append(stored)
    value = helper.make_tensor_value_info(name, stored.data_type, array.shape)
    model.graph.input.append(value)


def at_227(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same up to its logits for any number of images of 227 pixels, as in Caffe."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    shape = changed.graph.input[0].type.tensor_type.shape
    for value in (changed.graph.input[0], changed.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    shape.dim[2].dim_value = shape.dim[3].dim_value = 227
    last = [node for node in changed.graph.node if node.op_type == "MaxPool"][-1]
    next(a for a in last.attribute if a.name == "pads").ints[:] = [0, 0, 0, 0]
    changed.graph.output[0].name = changed.graph.node.pop().input[0]  # of Softmax
    return changed
