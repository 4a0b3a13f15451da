"""The live list of layers with shapes and counts, for layers.csv and Figure 2."""

from typing import Any

import torch

from repro.networks.build import meta_network
from repro.networks.counts import count_layers
from repro.recipes.recipe import Recipe

COUNTS = ("parameters", "neurons", "multiply_adds")


def layer_rows(recipe: Recipe, *, classes: int, side: int) -> list[dict[str, Any]]:
    """One row per layer in order, the input first; nothing is computed.

    `shape` is the output for one image, as 96x55x55 (maps, height, width); `window` and
    `stride` are in pixels, empty for layers without. Layers without weights count 0.
    """
    counted = {
        layer.name: layer for layer in count_layers(recipe, classes=classes, side=side)
    }
    x = torch.empty(1, 3, side, side, device="meta")
    rows = [_row("input", "Input", x) | dict.fromkeys(COUNTS, 0)]
    network = meta_network(recipe, classes=classes, side=side).eval()
    for name, layer in network.named_children():
        x = layer(x)
        row = _row(name, type(layer).__name__, x)
        row["window"] = _pixels(layer, "kernel_size")
        row["stride"] = _pixels(layer, "stride")
        known = counted.get(name)
        row["towers"] = known.towers if known else 1
        row |= {key: getattr(known, key) if known else 0 for key in COUNTS}
        rows.append(row)
    return rows


def _row(name: str, kind: str, x: torch.Tensor) -> dict[str, Any]:
    shape = "x".join(map(str, x.shape[1:]))
    start = {"name": name, "kind": kind, "shape": shape}
    return start | {"window": None, "stride": None, "towers": 1}


def _pixels(layer: torch.nn.Module, name: str) -> int | None:
    """A square layer's size along one side."""
    value = getattr(layer, name, None)
    return value[0] if isinstance(value, tuple) else value
