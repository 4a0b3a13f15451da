"""Parameters, neurons and multiply-adds of a live network, layer by layer."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from repro.networks.build import meta_network, weighted
from repro.recipes.recipe import Recipe


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
