"""The authors' CIFAR-10 nets as named layers.

Sources: `example-layers/` and `layers-cifar/` of the released code. Sizes follow its
ceil rounding: 32-16-8-4 and 24-12-6-3. Convolutions keep the size.
"""

from collections import OrderedDict

import torch
from torch import nn

from repro.layers import ACTIVATIONS, LocallyConnected2d, SameMapNorm
from repro.recipes import InitialValues, Network


def build_network(network: Network, *, classes: int, side: int) -> nn.Sequential:
    """(B, 3, side, side) pixels to (B, classes) logits, layers under their names."""
    build = _local_net if network.layout in LOCAL else _plain_net
    return nn.Sequential(OrderedDict(build(network, classes, side)))


LOCAL = ("cifar-13pct", "cifar-11pct")


def _plain_net(network: Network, classes: int, side: int) -> list:
    """`80sec` and `18pct`: three convolutions, then one or two connected layers."""
    wide, wider = _width(32, network), _width(64, network)
    active = ACTIVATIONS[network.activation]
    layers = [
        ("conv1", nn.Conv2d(3, wide, 5, padding=2)),
        ("pool1", nn.MaxPool2d(3, 2, ceil_mode=True)),
        ("active1", active()),
        ("norm1", _normalisation(network)),
        ("conv2", nn.Conv2d(wide, wide, 5, padding=2)),
        ("active2", active()),
        ("pool2", nn.AvgPool2d(3, 2, ceil_mode=True)),
        ("norm2", _normalisation(network)),
        ("conv3", nn.Conv2d(wide, wider, 5, padding=2)),
        ("active3", active()),
        ("pool3", nn.AvgPool2d(3, 2, ceil_mode=True)),
        ("flat", nn.Flatten()),
    ]
    features = wider * _halved(side, 3) ** 2
    if network.layout == "cifar-80sec":
        hidden = _width(64, network)
        layers += [("fc4", nn.Linear(features, hidden)), ("active4", active())]
        layers += [("fc5", nn.Linear(hidden, classes))]
    else:
        layers += [("fc4", nn.Linear(features, classes))]
    return layers


def _local_net(network: Network, classes: int, side: int) -> list:
    """`conv-local`: two convolutions, two locally connected layers, one connected."""
    wide, narrow = _width(64, network), _width(32, network)
    third = wide if network.layout == "cifar-11pct" else narrow
    active, quarter = ACTIVATIONS[network.activation], _halved(side, 2)
    return [
        ("conv1", nn.Conv2d(3, wide, 5, padding=2)),
        ("active1", active()),
        ("pool1", nn.MaxPool2d(3, 2, ceil_mode=True)),
        ("norm1", _normalisation(network)),
        ("conv2", nn.Conv2d(wide, wide, 5, padding=2)),
        ("active2", active()),
        ("norm2", _normalisation(network)),
        ("pool2", nn.MaxPool2d(3, 2, ceil_mode=True)),
        ("local3", LocallyConnected2d(wide, third, 3, quarter)),
        ("active3", active()),
        ("local4", LocallyConnected2d(third, narrow, 3, quarter)),
        ("active4", active()),
        ("flat", nn.Flatten()),
        ("fc5", nn.Linear(narrow * quarter**2, classes)),
    ]


def _width(full: int, network: Network) -> int:
    return max(1, round(full * network.width))


def _normalisation(network: Network) -> nn.Module:
    """18pct: 3 x 3 pixels of one map; 11pct: 9 neighbouring maps. Both divide by n."""
    if network.normalisation == "same-map":
        return SameMapNorm(3, alpha=5e-5, beta=0.75)
    if network.normalisation == "cross-map":
        return nn.LocalResponseNorm(9, alpha=1e-3, beta=0.75, k=1.0)
    return nn.Identity()


def _halved(side: int, times: int) -> int:
    for _ in range(times):
        side = -(-side // 2)  # windows of 3, stride 2, rounded up
    return side


def initialise(network: nn.Sequential, values: InitialValues) -> None:
    """Draw the initial weights from torch's current random state."""
    last = list(dict(network.named_children()))[-1]
    for name, layer in network.named_children():
        if not hasattr(layer, "weight"):
            continue
        layer.reset_parameters()
        if values.scheme == "gaussian":
            nn.init.normal_(layer.weight, std=_std(name, name == last, values))
            nn.init.zeros_(layer.bias)


def _std(name: str, is_output: bool, values: InitialValues) -> float:
    if is_output:
        return values.output_std
    if name == "conv1":
        return values.stem_std
    if name.startswith("fc"):
        return values.hidden_std
    return values.middle_std if name[-1] in "345" else values.std


def count_parameters(network: nn.Module) -> int:
    """Weights and biases together."""
    return sum(p.numel() for p in network.parameters())


def meta_network(network: Network, *, classes: int, side: int) -> nn.Sequential:
    """The same layers without memory, to count them."""
    with torch.device("meta"):
        return build_network(network, classes=classes, side=side)
