"""An ONNX graph as it grows: nodes in order, and the arrays they use.

The package onnx is an extra, so it is imported only where it is used.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from repro.errors import ReproError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

OPSET = 17  # ONNX 1.12, 2022
IR_VERSION = 8


class OnnxError(ReproError):
    """An ONNX file that cannot be read or written; the text is one line."""


def need_onnx() -> None:
    """Raise OnnxError saying how to install onnx where it is not."""
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise OnnxError(
            f"the package onnx cannot be imported ({error}); "
            "run `pip install -e '.[export]'` in the checkout"
        ) from error


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
