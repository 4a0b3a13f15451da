"""The authors' CIFAR-10 nets as named layers.

Sources: `example-layers/` and `layers-cifar/` of the released code. Sizes follow its
ceil rounding: 32-16-8-4 and 24-12-6-3. Convolutions keep the size.
"""

from torch import nn

from repro.networks.alexnet import Layers, normaliser
from repro.networks.layers import ACTIVATIONS, LocallyConnected2d
from repro.recipes.recipe import Network, Normalisation


def cifar_layers(
    network: Network, normalisation: Normalisation, *, classes: int, side: int
) -> Layers:
    """(B, 3, side, side) to (B, classes), layer by layer."""
    local = network.layout in ("cifar-13pct", "cifar-11pct")
    return (_local_net if local else _plain_net)(network, normalisation, classes, side)


def _plain_net(
    network: Network, normalisation: Normalisation, classes: int, side: int
) -> Layers:
    """`80sec` and `18pct`: three convolutions, then one or two connected layers."""
    wide, wider = _width(32, network), _width(64, network)
    active = ACTIVATIONS[network.activation]
    layers = [
        ("conv1", nn.Conv2d(3, wide, 5, padding=2)),
        ("pool1", nn.MaxPool2d(3, 2, ceil_mode=True)),
        ("active1", active()),
        ("norm1", normaliser(normalisation, wide)),
        ("conv2", nn.Conv2d(wide, wide, 5, padding=2)),
        ("active2", active()),
        ("pool2", nn.AvgPool2d(3, 2, ceil_mode=True)),
        ("norm2", normaliser(normalisation, wide)),
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


def _local_net(
    network: Network, normalisation: Normalisation, classes: int, side: int
) -> Layers:
    """`conv-local`: two convolutions, two locally connected layers, one connected."""
    wide, narrow = _width(64, network), _width(32, network)
    third = wide if network.layout == "cifar-11pct" else narrow
    active, quarter = ACTIVATIONS[network.activation], _halved(side, 2)
    return [
        ("conv1", nn.Conv2d(3, wide, 5, padding=2)),
        ("active1", active()),
        ("pool1", nn.MaxPool2d(3, 2, ceil_mode=True)),
        ("norm1", normaliser(normalisation, wide)),
        ("conv2", nn.Conv2d(wide, wide, 5, padding=2)),
        ("active2", active()),
        ("norm2", normaliser(normalisation, wide)),
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


def _halved(side: int, times: int) -> int:
    for _ in range(times):
        side = -(-side // 2)  # windows of 3, stride 2, rounded up
    return side
