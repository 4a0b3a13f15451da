"""From a recipe to a network with named layers, its initial values and its counts."""

from collections import OrderedDict
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from repro.networks.alexnet import alexnet_layers
from repro.networks.cifar_nets import cifar_layers
from repro.recipes.recipe import InitialValues, Recipe


def build_network(recipe: Recipe, *, classes: int, side: int) -> nn.Sequential:
    """(B, 3, side, side) pixels to (B, classes) logits, layers under their names."""
    cifar = recipe.network.layout.startswith("cifar")
    layers = cifar_layers if cifar else alexnet_layers
    built = layers(recipe.network, recipe.normalisation, classes=classes, side=side)
    return nn.Sequential(OrderedDict(built))


def meta_network(recipe: Recipe, *, classes: int, side: int) -> nn.Sequential:
    """The same layers without memory, to count them."""
    with torch.device("meta"):
        return build_network(recipe, classes=classes, side=side)


def weighted(network: nn.Sequential) -> Iterator[tuple[str, nn.Module]]:
    """Convolutions, locally and fully connected layers by name, in order.

    The last one gives the logits.
    """
    for name, layer in network.named_children():
        if name.startswith(("conv", "local", "fc")):
            yield name, layer


def initialise(network: nn.Sequential, values: InitialValues) -> None:
    """Draw the initial weights from torch's current random state."""
    layers = dict(weighted(network))
    for name, layer in layers.items():
        layer.reset_parameters()
        if values.scheme == "gaussian":
            last = name == list(layers)[-1]
            nn.init.normal_(layer.weight, std=_std(name, last, values))
            bias = values.positive_bias if name in values.biased else 0.0
            nn.init.constant_(layer.bias, bias)


def _std(name: str, is_output: bool, values: InitialValues) -> float:
    if is_output:
        return values.output_std
    if name == "conv1":
        return values.stem_std
    if name.startswith("fc"):
        return values.hidden_std
    return values.std if name == "conv2" else values.middle_std


def outputs(network: nn.Sequential, x: Tensor, names: set[str]) -> dict[str, Tensor]:
    """The outputs of the named layers for the input `x`; the last one is the logits.

    Raises KeyError naming a layer that is not there.
    """
    found: dict[str, Tensor] = {}
    for name, layer in network.named_children():
        x = layer(x)
        if name in names:
            found[name] = x
    if missing := names - found.keys():
        raise KeyError(f"no layer called {', '.join(sorted(missing))}")
    return found
