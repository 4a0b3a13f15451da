"""bvlc_alexnet from an ONNX file, compared node by node with our `caffe` recipe.

The file of the ONNX model zoo says 224 x 224 pixels and pads the last pooling, so that
maps of 54, 26, 12, 6 pixels come out; Caffe trained on 227 x 227, with 55, 27, 13, 6.
The weights are the same and fit both; here they run as they were trained, and the
file's input size and pooling pads are not compared. Everything else is: CaffeNet, say,
has the same shapes in another order of layers.
"""

from typing import TYPE_CHECKING

import numpy as np

from repro.networks.build import meta_network, weighted
from repro.recipes.presets import find_recipe
from repro.weights.class_order import ImportRefused
from repro.weights.onnx_files import arrays
from repro.weights.onnx_graph import Graph, write_network

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

RECIPE, SIDE = "caffe", 227
# Of BGR pixels, in Caffe's 00-classification example: ilsvrc_2012_mean.npy, averaged.
BGR_MEAN = (104.0069879317889, 116.66876761696767, 122.6789143406786)
COMPARED = {  # attribute: what is meant where it is left away
    "Conv": {
        "strides": (1, 1),
        "pads": (0,) * 4,
        "auto_pad": b"NOTSET",
        "dilations": (1, 1),
        "group": 1,
    },
    "LRN": {"size": None, "alpha": 1e-4, "beta": 0.75, "bias": 1.0},
    "MaxPool": {"kernel_shape": None, "strides": (1, 1)},
    "Gemm": {"transA": 0, "transB": 0, "alpha": 1.0, "beta": 1.0},
}
IGNORED = {"Dropout", "Reshape", "Flatten", "Softmax", "Identity"}  # at test

Described = tuple[str, dict[str, object]]


def caffe_state(model: "ModelProto") -> dict[str, np.ndarray]:
    """The weights under our names, for RGB pixels.

    Caffe reads images as BGR and the file does not say otherwise, so the input channels
    of conv1 are turned round. Raises ImportRefused naming the first node that differs
    from bvlc_alexnet; shapes are for the caller to compare.
    """
    nodes = [node for node in _chain(model) if node.op_type not in IGNORED]
    network = meta_network(find_recipe(RECIPE), classes=1000, side=SIDE)
    wanted = [_described(node) for node in _our_nodes(network)]
    found = [_described(node) for node in nodes]
    for number, (there, ours) in enumerate(zip(found, wanted, strict=False), start=1):
        if there != ours:
            raise ImportRefused(
                f"not bvlc_alexnet: its layer {number} is {_shown(there, ours)}, "
                f"recipe {RECIPE} has {_shown(ours, there)}"
            )
    if len(found) != len(wanted):
        raise ImportRefused(
            f"not bvlc_alexnet: {len(found)} layers, recipe {RECIPE} has {len(wanted)}"
        )
    state = _state(nodes, [name for name, _ in weighted(network)], arrays(model))
    first = state["conv1.weight"]
    if first.ndim == 4 and first.shape[1] == 3:
        state["conv1.weight"] = np.ascontiguousarray(first[:, ::-1])
    return state


def _chain(model: "ModelProto") -> list["NodeProto"]:
    """The nodes from the input to the end; each must feed one other."""
    initial = {stored.name for stored in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in initial]
    readers: dict[str, list] = {}
    for node in model.graph.node:
        for name in node.input[:1]:  # what the layer is applied to
            readers.setdefault(name, []).append(node)
    found: list = []
    x = inputs[0].name if inputs else ""
    while x in readers:
        if len(readers[x]) > 1 or len(found) > len(model.graph.node):
            raise ImportRefused(f"not bvlc_alexnet: {x!r} feeds more than one layer")
        found += readers[x]
        x = found[-1].output[0]
    return found


def _our_nodes(network) -> list["NodeProto"]:
    graph = Graph()
    write_network(network, graph, "pixels", SIDE)
    return [node for node in graph.nodes if node.op_type not in IGNORED]


def _described(node: "NodeProto") -> Described:
    """Kind and attributes, numbers rounded as float32 rounds them."""
    from onnx import helper

    given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    attributes = {}
    for name, default in COMPARED.get(node.op_type, {}).items():
        value = given.get(name, default)
        if isinstance(value, float):
            value = float(f"{value:.6g}")
        attributes[name] = tuple(value) if isinstance(value, list) else value
    return node.op_type, attributes


def _shown(described: Described, other: Described) -> str:
    """The kind, with the attributes in which two of a kind differ."""
    kind, attributes = described
    if kind != other[0]:
        return kind
    differing = {k: v for k, v in attributes.items() if v != other[1][k]}
    return kind + "".join(f" {name}={value}" for name, value in differing.items())


def _state(
    nodes: list["NodeProto"], names: list[str], stored: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Weights and biases by the order of the layers that have some."""
    state: dict[str, np.ndarray] = {}
    with_weights = [node for node in nodes if node.op_type in ("Conv", "Gemm")]
    for name, node in zip(names, with_weights, strict=True):
        if len(node.input) != 3:
            raise ImportRefused(f"not bvlc_alexnet: its {name} has no bias")
        for kind, source in zip(("weight", "bias"), node.input[1:], strict=True):
            if source not in stored:
                raise ImportRefused(
                    f"the file does not hold {name}.{kind} ({source!r})"
                )
            state[f"{name}.{kind}"] = stored[source]
    return state
