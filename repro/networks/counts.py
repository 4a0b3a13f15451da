"""Shapes, parameters, neurons and multiply-adds of a live network, layer by layer."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from repro.networks.build import meta_network, weighted
from repro.recipes.recipe import Recipe

COUNTS = ("parameters", "neurons", "multiply_adds")


@dataclass(frozen=True)
class LayerCount:
    """One layer with parameters. `shape` is its output for one image."""

    name: str
    kind: str
    shape: tuple[int, ...]
    towers: int  # 2: each half of the output sees its half of the input
    parameters: int
    neurons: int  # 0 of a batch normalisation, whose outputs are its inputs again
    multiply_adds: int  # of products with weights; biases and norms are not counted


def count_parameters(network: nn.Module) -> int:
    """Weights and biases together."""
    return sum(p.numel() for p in network.parameters())


def count_layers(recipe: Recipe, *, classes: int, side: int) -> list[LayerCount]:
    """The layers with parameters, counted on torch's meta device: nothing is computed."""
    network = meta_network(recipe, classes=classes, side=side).eval()
    computing = dict(weighted(network))
    x = torch.empty(1, 3, side, side, device="meta")
    counted = []
    for name, layer in network.named_children():
        with FlopCounterMode(display=False) as flops:
            x = layer(x)
        if hasattr(layer, "weight"):
            counted.append(
                LayerCount(
                    name=name,
                    kind=type(layer).__name__,
                    shape=tuple(x.shape[1:]),
                    towers=getattr(layer, "groups", getattr(layer, "towers", 1)),
                    parameters=count_parameters(layer),
                    neurons=x[0].numel() if name in computing else 0,
                    multiply_adds=flops.get_total_flops() // 2,
                )
            )
    return counted


def layer_rows(recipe: Recipe, *, classes: int, side: int) -> list[dict[str, Any]]:
    """The rows of layers.csv: every layer in order, the input first.

    `shape` is the output for one image, such as 96x55x55 (maps, height, width).
    `window` and `stride` are in pixels, and empty for layers that have none. Layers
    without weights count 0. Nothing is computed.
    """
    counted = {
        layer.name: layer for layer in count_layers(recipe, classes=classes, side=side)
    }
    network = meta_network(recipe, classes=classes, side=side).eval()
    x = torch.empty(1, 3, side, side, device="meta")
    rows = [_row("input", "Input", x)]
    for name, layer in network.named_children():
        x = layer(x)
        row = _row(name, type(layer).__name__, x)
        row |= {key: _pixels(layer, key) for key in ("window", "stride")}
        if name in counted:
            row |= {key: getattr(counted[name], key) for key in ("towers", *COUNTS)}
        rows.append(row)
    return rows


def _row(name: str, kind: str, x: torch.Tensor) -> dict[str, Any]:
    """The row of a layer without window, stride and weights, whose output is `x`."""
    shape = "x".join(map(str, x.shape[1:]))
    row = {"name": name, "kind": kind, "shape": shape, "window": None, "stride": None}
    return row | {"towers": 1} | dict.fromkeys(COUNTS, 0)


def _pixels(layer: nn.Module, key: str) -> int | None:
    """The side of a square layer's window, or its stride."""
    value = getattr(layer, "kernel_size" if key == "window" else key, None)
    return value[0] if isinstance(value, tuple) else value
