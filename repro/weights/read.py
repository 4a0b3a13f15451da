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
from repro.recipes.recorded_recipe import from_dict
from repro.weights import caffe, torchvision
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
        """The scaling, as `Pixels.scale` does it; no colour noise."""
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
        scale = (torchvision.MEAN, torchvision.STD)
        mean, divisor = (np.float32(np.multiply(255, values)) for values in scale)
        return ForeignWeights(
            kind="torchvision's alexnet, state dict",
            name=torchvision.RECIPE,
            recipe=find_recipe(torchvision.RECIPE),
            side=torchvision.SIDE,
            state=torchvision.torchvision_state(source),
            mean=mean,
            divisor=divisor,
        )
    if kind != "ONNX":
        raise ImportRefused(
            "unknown kind of file; known: an ONNX file of ours or of bvlc_alexnet "
            "(.onnx), torchvision's alexnet (.pth, .pt)"
        )
    model = open_model(source)
    about = metadata(model)
    if RECORD in about:
        return _ours(model, about)
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
