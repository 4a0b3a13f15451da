"""A network as an ONNX graph: the graph as it grows, and each kind of layer as nodes.

The value that a layer makes has the layer's name, and a parameter has its name in the
network's state dict. Names with a "/" are of constants and of steps in between. The
package onnx is an extra, so it is imported only where it is used.
"""

from dataclasses import dataclass, field
from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from repro.errors import ReproError
from repro.networks.layers import AbsTanh, LocallyConnected2d, MaskDropout, TowerLinear
from repro.networks.response_norm import CrossMapNorm, SameMapNorm

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

OPSET = 17  # ONNX 1.12, 2022
IR_VERSION = 8
SAME_FUNCTION = {nn.ReLU: "Relu", nn.Tanh: "Tanh", nn.Sigmoid: "Sigmoid"}

Shape = tuple[int, ...]


class OnnxError(ReproError):
    """An ONNX file that cannot be read or written; the text is one line."""


@dataclass
class Graph:
    """Nodes in order, and the arrays they use, by name."""

    nodes: "list[NodeProto]" = field(default_factory=list)
    arrays: dict[str, Tensor | np.ndarray] = field(default_factory=dict)

    def node(self, op: str, inputs: list[str], output: str, **attributes) -> str:
        """Add a node with one output; return the output's name."""
        from onnx import helper

        node = helper.make_node(op, inputs, [output], name=output, **attributes)
        self.nodes.append(node)
        return output

    def split(self, x: str, name: str, parts: int, size: int) -> list[str]:
        """Add a node that cuts axis 1 of `x` into `parts` of `size`; return them."""
        from onnx import helper

        outputs = [f"{name}/in{part}" for part in range(parts)]
        sizes = self.array(f"{name}/sizes", np.full(parts, size, np.int64))
        self.nodes.append(helper.make_node("Split", [x, sizes], outputs, axis=1))
        return outputs

    def array(self, name: str, value: Tensor | np.ndarray) -> str:
        """Keep a parameter or a constant; return its name."""
        self.arrays[name] = value
        return name

    def model(
        self, name: str, inputs: dict[str, list], outputs: dict[str, list]
    ) -> "ModelProto":
        """The whole as a checked model; shapes by name, of float32 values."""
        from onnx import TensorProto, checker, helper

        def values(shapes: dict[str, list]) -> list:
            kind = TensorProto.FLOAT
            return [
                helper.make_tensor_value_info(key, kind, shape)
                for key, shape in shapes.items()
            ]

        arrays = [_stored(key, array) for key, array in self.arrays.items()]
        graph = helper.make_graph(
            self.nodes, name, values(inputs), values(outputs), arrays
        )
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(
            graph,
            opset_imports=opset,
            ir_version=IR_VERSION,
            producer_name="alexnet-repro",
        )
        checker.check_model(model)
        return model


def _stored(name: str, array: Tensor | np.ndarray) -> "TensorProto":
    from onnx import numpy_helper

    if isinstance(array, Tensor):
        array = array.detach().cpu().numpy()
    return numpy_helper.from_array(np.array(array, order="C"), name)


@torch.inference_mode()
def write_network(network: nn.Sequential, graph: Graph, x: str, side: int) -> str:
    """Add every layer for the (B, 3, side, side) value `x`; return the logits' name.

    Raises OnnxError for a layer without an ONNX form.
    """
    device = next(network.parameters()).device
    sample = torch.zeros(1, 3, side, side, device=device)
    for name, layer in network.named_children():
        x = write_layer(layer, graph, name, x, tuple(sample.shape[1:]))
        sample = layer(sample)
    return x


@singledispatch
def write_layer(layer: nn.Module, graph: Graph, name: str, x: str, shape: Shape) -> str:
    """Add the nodes of one layer in evaluation mode; return the value it makes.

    `shape` is of the value `x`, for one image. Raises OnnxError.
    """
    if type(layer) in SAME_FUNCTION:
        return graph.node(SAME_FUNCTION[type(layer)], [x], name)
    raise OnnxError(f"layer {name} ({type(layer).__name__}) has no ONNX form here")


@write_layer.register(nn.Dropout)  # inverted: nothing to do at test
@write_layer.register(nn.Identity)
def _(layer: nn.Module, graph: Graph, name: str, x: str, shape: Shape) -> str:
    return x


@write_layer.register
def _(layer: MaskDropout, graph: Graph, name: str, x: str, shape: Shape) -> str:
    kept = graph.array(f"{name}/kept", np.float32(1 - layer.p))
    return graph.node("Mul", [x, kept], name)


@write_layer.register
def _(layer: AbsTanh, graph: Graph, name: str, x: str, shape: Shape) -> str:
    signed = graph.node("Tanh", [x], f"{name}/signed")
    return graph.node("Abs", [signed], name)


@write_layer.register
def _(layer: nn.ZeroPad2d, graph: Graph, name: str, x: str, shape: Shape) -> str:
    left, right, top, bottom = layer.padding
    pads = np.array([0, 0, top, left, 0, 0, bottom, right], np.int64)
    return graph.node("Pad", [x, graph.array(f"{name}/pads", pads)], name)


@write_layer.register
def _(layer: nn.Conv2d, graph: Graph, name: str, x: str, shape: Shape) -> str:
    return graph.node(
        "Conv",
        [x, *_parameters(layer, graph, name)],
        name,
        kernel_shape=layer.kernel_size,
        strides=layer.stride,
        pads=layer.padding * 2,
        group=layer.groups,
    )


@write_layer.register
def _(layer: nn.MaxPool2d, graph: Graph, name: str, x: str, shape: Shape) -> str:
    return graph.node("MaxPool", [x], name, **_windows(layer, shape))


@write_layer.register
def _(layer: nn.AvgPool2d, graph: Graph, name: str, x: str, shape: Shape) -> str:
    # what lies beyond the edge is not counted, in torch as in ONNX
    return graph.node("AveragePool", [x], name, **_windows(layer, shape))


def _windows(layer: nn.MaxPool2d | nn.AvgPool2d, shape: Shape) -> dict[str, list[int]]:
    """Rounding up as padding after the end, on which all programs agree."""
    kernel, stride, side = layer.kernel_size, layer.stride, shape[-1]
    after = -(side - kernel) % stride if layer.ceil_mode else 0
    pads = [0, 0, after, after]
    return {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": pads}


@write_layer.register
def _(
    layer: nn.AdaptiveAvgPool2d, graph: Graph, name: str, x: str, shape: Shape
) -> str:
    assert layer.output_size == 1, layer.output_size
    return graph.node("GlobalAveragePool", [x], name)


@write_layer.register
def _(layer: CrossMapNorm, graph: Graph, name: str, x: str, shape: Shape) -> str:
    if layer.size % 2 == 0:
        raise OnnxError(
            f"layer {name}: size={layer.size} is even, ONNX centres windows"
        )
    constants = {"size": layer.size, "alpha": layer.alpha}
    constants |= {"beta": layer.beta, "bias": layer.k}
    if layer.towers == 1:
        return graph.node("LRN", [x], name, **constants)
    towers = graph.split(x, name, layer.towers, shape[0] // layer.towers)
    normed = [
        graph.node("LRN", [tower], f"{name}/{k}", **constants)
        for k, tower in enumerate(towers)
    ]
    return graph.node("Concat", normed, name, axis=1)


@write_layer.register
def _(layer: SameMapNorm, graph: Graph, name: str, x: str, shape: Shape) -> str:
    square = graph.node("Mul", [x, x], f"{name}/square")
    mean = graph.node(
        "AveragePool",
        [square],
        f"{name}/mean",
        kernel_shape=[layer.size] * 2,
        strides=[1, 1],
        pads=[layer.size // 2] * 4,
        count_include_pad=1,
    )
    scale = mean
    for step, op, value in (
        ("scaled", "Mul", layer.alpha),
        ("shifted", "Add", layer.k),
        ("power", "Pow", -layer.beta),
    ):
        number = graph.array(f"{name}/{op}", np.float32(value))
        scale = graph.node(op, [scale, number], f"{name}/{step}")
    return graph.node("Mul", [x, scale], name)


@write_layer.register
def _(layer: nn.BatchNorm2d, graph: Graph, name: str, x: str, shape: Shape) -> str:
    statistics = [
        graph.array(f"{name}.running_{kind}", getattr(layer, f"running_{kind}"))
        for kind in ("mean", "var")
    ]
    inputs = [x, *_parameters(layer, graph, name), *statistics]
    return graph.node("BatchNormalization", inputs, name, epsilon=layer.eps)


@write_layer.register
def _(layer: nn.Flatten, graph: Graph, name: str, x: str, shape: Shape) -> str:
    return graph.node("Flatten", [x], name, axis=1)


@write_layer.register
def _(layer: nn.Linear, graph: Graph, name: str, x: str, shape: Shape) -> str:
    return graph.node("Gemm", [x, *_parameters(layer, graph, name)], name, transB=1)


@write_layer.register
def _(layer: TowerLinear, graph: Graph, name: str, x: str, shape: Shape) -> str:
    weight, bias = _parameters(layer, graph, name)
    products = []
    for k, tower in enumerate(
        graph.split(x, name, layer.towers, shape[0] // layer.towers)
    ):
        number = graph.array(f"{name}/{k}", np.int64(k))
        own = graph.node("Gather", [weight, number], f"{name}/weight{k}")
        products.append(
            graph.node("Gemm", [tower, own], f"{name}/product{k}", transB=1)
        )
    joined = graph.node("Concat", products, f"{name}/joined", axis=1)
    return graph.node("Add", [joined, bias], name)


@write_layer.register
def _(layer: LocallyConnected2d, graph: Graph, name: str, x: str, shape: Shape) -> str:
    """Its patches are a convolution with kernels that each copy one pixel."""
    weight, bias = _parameters(layer, graph, name)
    maps, kernel = shape[0], layer.kernel_size
    copies = np.eye(kernel**2, dtype=np.float32).reshape(-1, 1, kernel, kernel)
    pixels = graph.array(f"{name}/copies", np.tile(copies, (maps, 1, 1, 1)))
    pads = [kernel // 2] * 4
    patches = graph.node("Conv", [x, pixels], f"{name}/patches", pads=pads, group=maps)
    flat = graph.array(f"{name}/flat", np.array([0, 0, -1]))
    x = graph.node("Reshape", [patches, flat], f"{name}/rows")
    x = graph.node("Transpose", [x], f"{name}/places", perm=[2, 0, 1])
    x = graph.node("MatMul", [x, weight], f"{name}/products")
    x = graph.node("Add", [x, bias], f"{name}/sums")
    x = graph.node("Transpose", [x], f"{name}/maps", perm=[1, 2, 0])
    square = graph.array(f"{name}/square", np.array([0, -1, layer.side, layer.side]))
    return graph.node("Reshape", [x, square], name)


def _parameters(layer: nn.Module, graph: Graph, name: str) -> list[str]:
    return [
        graph.array(f"{name}.{kind}", getattr(layer, kind))
        for kind in ("weight", "bias")
    ]
