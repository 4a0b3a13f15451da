"""Networks in ONNX files: ours written, anyone's opened.

A file of ours is complete: it takes RGB pixels from 0 to 255, subtracts the mean image
itself, and carries the run's recipe.json and the names of the classes.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from repro.data.views import Pixels
from repro.runs.folder import replacing
from repro.trained.run import SavedNetwork, load_run, open_finished, training_pack
from repro.weights.onnx_graph import Graph, OnnxError, write_network

if TYPE_CHECKING:
    from onnx import ModelProto

MEAN, DIVISOR = "pixels/mean", "pixels/divisor"
RECORD, CLASSES, SYNSETS = "recipe.json", "classes", "synsets"  # metadata
PROTOCOL = (
    "input 'pixels': float32, N x 3 x {side} x {side}, RGB, 0 to 255, the centre of an "
    "image whose shorter side was scaled to {stored} pixels; the mean image is "
    "subtracted inside; outputs 'logits' and 'probabilities': N x {classes}"
)


def export_onnx(
    run: Path, target: Path, *, checkpoint: str | None = None, data: Path | None = None
) -> Path:
    """Write the network of a complete run as an ONNX file, at once; return `target`.

    The weights are those that `repro export` takes, or those of `checkpoint` (last.pt
    or best.pt); `data` is where packed data lives. Raises OnnxError, RunError,
    RecipeError and PackMissing.
    """
    need_onnx()
    target = Path(target)
    if target.suffix != ".onnx":
        raise OnnxError(f"{target}: the name of the file must end in .onnx")
    finished = open_finished(Path(run))
    checkpoint = checkpoint or finished.weights
    saved = load_run(finished, checkpoint=checkpoint, data=data)
    if saved.pack:
        training_pack(finished, data)  # whose mean image it is
    content = onnx_model(saved, checkpoint).SerializeToString(deterministic=True)
    try:
        with replacing(target) as file:
            file.write(content)
    except OSError as error:
        raise OnnxError(f"cannot write {target}: {error.strerror}") from error
    return target


def onnx_model(saved: SavedNetwork, checkpoint: str = "last.pt") -> "ModelProto":
    """The model of a network: (N, 3, side, side) pixels to logits and probabilities.

    Raises OnnxError for a layer without an ONNX form.
    """
    graph = Graph()
    seen = _scaled(graph, "pixels", saved.pixels)
    logits = write_network(saved.network, graph, seen, saved.side)
    graph.node("Identity", [logits], "logits")
    graph.node("Softmax", ["logits"], "probabilities", axis=1)
    classes = len(list(saved.network.parameters())[-1])
    outputs = {key: ["batch", classes] for key in ("logits", "probabilities")}
    pixels = ["batch", 3, saved.side, saved.side]
    model = graph.model(saved.record["name"], {"pixels": pixels}, outputs)
    for key, value in _metadata(saved, checkpoint, classes).items():
        model.metadata_props.add(key=key, value=value)
    return model


def _scaled(graph: Graph, pixels: str, scale: Pixels) -> str:
    """What `Pixels.scale` does."""
    mean = graph.array(MEAN, scale.mean.permute(2, 0, 1)[None])
    centred = graph.node("Sub", [pixels, mean], "pixels/centred")
    if (scale.divisor == 1).all():
        return centred
    divisor = graph.array(DIVISOR, scale.divisor[None, :, None, None])
    return graph.node("Div", [centred, divisor], "pixels/scaled")


def _metadata(saved: SavedNetwork, checkpoint: str, classes: int) -> dict[str, str]:
    stored = saved.record["profile"]["side"]
    protocol = PROTOCOL.format(side=saved.side, stored=stored, classes=classes)
    texts = {
        "recipe": saved.record["name"],
        "pixels": protocol,
        "checkpoint": checkpoint,
        RECORD: json.dumps(saved.record),
    }
    if saved.pack:
        unnamed = [""] * (classes - len(saved.pack.classes))  # outputs without images
        texts[CLASSES] = json.dumps([*saved.pack.classes, *unnamed])
        if "synsets" in saved.pack.manifest:
            texts[SYNSETS] = json.dumps([*saved.pack.manifest["synsets"], *unnamed])
    return texts


def need_onnx() -> None:
    """Raise OnnxError saying how to install onnx where it is not."""
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise OnnxError(
            f"the package onnx cannot be imported ({error}); "
            "run `pip install -e '.[export]'` in the checkout"
        ) from error


def open_model(path: Path) -> "ModelProto":
    """The model in an ONNX file; raises OnnxError where it is not one."""
    need_onnx()
    import onnx

    try:
        model = onnx.load(path)
    except OSError as error:
        raise OnnxError(f"cannot read {path}: {error.strerror or error}") from error
    except Exception as error:  # protobuf has kinds of its own
        raise OnnxError(f"{path}: not an ONNX file, or a damaged one") from error
    if not model.graph.node:
        raise OnnxError(f"{path}: not an ONNX file, or an empty one")
    return model


def metadata(model: "ModelProto") -> dict[str, Any]:
    """What `export_onnx` wrote beside the network; empty for a file of others."""
    return {entry.key: entry.value for entry in model.metadata_props}


def arrays(model: "ModelProto") -> dict[str, np.ndarray]:
    """The arrays stored in a model, by name."""
    from onnx import numpy_helper

    return {
        stored.name: numpy_helper.to_array(stored).copy()
        for stored in model.graph.initializer
    }
