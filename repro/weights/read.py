"""Weights from elsewhere made ready for one of our recipes: three kinds of files.

What a network does depends on the scaling of its pixels as much as on its weights. The
scaling is kept as the weights' authors had it, beside untouched weights, and not folded
into conv1: torchvision pads with zeros after it has subtracted its mean colour, so that
zero means that colour. The factor could be folded exactly; the offset could not: into
the bias it would be wrong along the edge, and our mean image differs from place to
place. (v - 255 mean) / (255 std) is (v / 255 - mean) / std, exactly.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from repro.data.views import Pixels
from repro.networks.build import build_network, meta_network
from repro.recipes.presets import find_recipe
from repro.recipes.recipe import Recipe, RecipeError
from repro.recipes.settings import from_dict
from repro.weights import caffe
from repro.weights.class_order import ImportRefused
from repro.weights.onnx_files import (
    CLASSES,
    DIVISOR,
    MEAN,
    RECORD,
    SYNSETS,
    arrays,
    metadata,
    open_model,
)

if TYPE_CHECKING:
    from onnx import ModelProto

SUFFIXES = {".onnx": "ONNX", ".pth": "torch", ".pt": "torch"}

# torchvision's alexnet is our recipe `one-tower`.
ONE_TOWER, SIDE = "one-tower", 224
LAYERS = {
    "features.0": "conv1",
    "features.3": "conv2",
    "features.6": "conv3",
    "features.8": "conv4",
    "features.10": "conv5",
    "classifier.1": "fc6",
    "classifier.4": "fc7",
    "classifier.6": "fc8",
}
# Of RGB values in [0, 1]: torchvision.transforms._presets, ImageClassification.
RGB_MEAN, RGB_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class ForeignWeights:
    """What a file holds, under our names."""

    kind: str  # in words
    name: str  # of the recipe
    recipe: Recipe
    side: int  # pixels of the square that the network sees
    state: dict[str, Tensor]
    mean: np.ndarray  # subtracted from RGB 0-255: (3,), or (side, side, 3)
    divisor: np.ndarray  # (3,)
    classes: tuple[str, ...] | None = None  # or synsets, in the order of the outputs

    @property
    def outputs(self) -> int:
        """How many classes the weights tell apart."""
        return list(self.state.values())[-1].numel()

    @property
    def pixels(self) -> Pixels:
        """The scaling that `Pixels.scale` does, without colour noise."""
        mean = np.broadcast_to(self.mean, (self.side, self.side, 3))
        mean, divisor = (np.array(part, np.float32) for part in (mean, self.divisor))
        return Pixels(
            torch.from_numpy(mean), torch.from_numpy(divisor), torch.zeros(3, 3)
        )


def read_weights(source: Path) -> ForeignWeights:
    """The weights in `source`: an ONNX file, ours or bvlc_alexnet, or torchvision's.

    Names, shapes, types and finiteness are as the recipe needs them. Raises
    ImportRefused naming the first that is not, and OnnxError.
    """
    if not source.is_file():
        raise ImportRefused(f"{source}: no such file")
    try:
        weights = _read(source)
        _check(weights)
    except ImportRefused as error:
        raise ImportRefused(f"{source}: {error}") from error
    return weights


def _read(source: Path) -> ForeignWeights:
    kind = SUFFIXES.get(source.suffix.lower())
    if kind == "torch":
        return _torchvision(source)
    if kind != "ONNX":
        raise ImportRefused(
            "unknown kind of file; known: an ONNX file of ours or of bvlc_alexnet "
            "(.onnx), torchvision's alexnet (.pth, .pt)"
        )
    model = open_model(source)
    about = metadata(model)
    return _ours(model, about) if RECORD in about else _caffe(model)


def _torchvision(source: Path) -> ForeignWeights:
    mean, std = (np.float32(np.multiply(255, part)) for part in (RGB_MEAN, RGB_STD))
    return ForeignWeights(
        kind="torchvision's alexnet, state dict",
        name=ONE_TOWER,
        recipe=find_recipe(ONE_TOWER),
        side=SIDE,
        state=torchvision_state(source),
        mean=mean,
        divisor=std,
    )


def _caffe(model: "ModelProto") -> ForeignWeights:
    return ForeignWeights(
        kind="bvlc_alexnet, ONNX, taken to be for BGR pixels as Caffe's are",
        name=caffe.RECIPE,
        recipe=find_recipe(caffe.RECIPE),
        side=caffe.SIDE,
        state=_tensors(caffe.caffe_state(model)),
        mean=np.float32(caffe.BGR_MEAN[::-1]),
        divisor=np.ones(3, np.float32),
    )


def _ours(model: "ModelProto", about: dict[str, Any]) -> ForeignWeights:
    stored = arrays(model)
    try:
        record = json.loads(about[RECORD])
        listed = json.loads(about.get(SYNSETS) or about.get(CLASSES) or "null")
        name, recipe = record["name"], from_dict(record["recipe"])
        mean = np.ascontiguousarray(stored[MEAN][0].transpose(1, 2, 0))
    except (KeyError, ValueError, TypeError, RecipeError) as error:
        raise ImportRefused(f"a damaged file of this project: {error}") from error
    divisor = stored.get(DIVISOR, np.ones((1, 3, 1, 1), np.float32))
    return ForeignWeights(
        kind="a network of this project, ONNX",
        name=name,
        recipe=recipe,
        side=mean.shape[0],
        state=_tensors({k: v for k, v in stored.items() if "/" not in k}),
        mean=mean,
        divisor=divisor.reshape(3),
        classes=listed and tuple(listed),
    )


def _tensors(stored: dict[str, np.ndarray]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in stored.items()}


def torchvision_state(source: Path) -> dict[str, Tensor]:
    """The weights under our names; shapes are for the caller to compare.

    Raises ImportRefused for an unreadable file, and naming a key that is missing or one
    too many.
    """
    try:
        state = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:80]
        raise ImportRefused(f"not a file of weights alone ({reason})") from error
    return _renamed(state)


def _renamed(state: Any) -> dict[str, Tensor]:
    names = {
        f"{theirs}.{kind}": f"{ours}.{kind}"
        for theirs, ours in LAYERS.items()
        for kind in ("weight", "bias")
    }
    keys = set(state) if isinstance(state, dict) else set()
    if missing := [key for key in names if key not in keys]:
        wrapped = keys & {"state_dict", "model", "network"}
        hint = f" (save what is under {min(wrapped)!r} alone)" if wrapped else ""
        raise ImportRefused(f"not torchvision's alexnet: no {missing[0]!r}{hint}")
    if unknown := sorted(map(str, keys - names.keys())):
        raise ImportRefused(f"not torchvision's alexnet: {unknown[0]!r} is unknown")
    for key in names:
        if not isinstance(state[key], Tensor):
            raise ImportRefused(f"not torchvision's alexnet: {key!r} is no tensor")
    return {ours: state[theirs] for theirs, ours in names.items()}


def _check(weights: ForeignWeights) -> None:
    """Compare with the recipe's network; raise ImportRefused at the first mismatch."""
    if not weights.state:
        raise ImportRefused("no weights in it")
    network = meta_network(weights.recipe, classes=weights.outputs, side=weights.side)
    wanted = network.state_dict()
    for name, ours in wanted.items():
        if name.endswith("num_batches_tracked"):
            continue  # counts steps; no value depends on it
        if reason := _mismatch(ours, weights.state.get(name)):
            raise ImportRefused(f"{name} {reason} (recipe {weights.name})")
    if unknown := sorted(weights.state.keys() - wanted.keys()):
        raise ImportRefused(f"{unknown[0]} is unknown to recipe {weights.name}")


def _mismatch(ours: Tensor, theirs: Tensor | None) -> str | None:
    if theirs is None:
        return "is missing"
    if theirs.shape != ours.shape:
        return f"is {tuple(theirs.shape)}, needed is {tuple(ours.shape)}"
    if theirs.dtype != ours.dtype:
        return f"is {theirs.dtype}, needed is {ours.dtype}"
    if not theirs.isfinite().all():
        return "holds values that are not finite"
    return None


def network_of(weights: ForeignWeights) -> nn.Sequential:
    """The recipe's network with these weights, in evaluation mode."""
    network = build_network(weights.recipe, classes=weights.outputs, side=weights.side)
    network.load_state_dict(network.state_dict() | weights.state)
    return network.eval()
