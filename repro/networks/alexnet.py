"""The 2012 network and its variants as named layers.

Sources: sections 3.2 to 3.5 and 4.2; layers-145.cfg of the released code. A stage is a
convolution with what follows it, in the released order: convolution, normalisation,
pooling, activation where the normalisation sees signed values (conv1), else
convolution, activation, normalisation, pooling. Pooling and an activation that never
falls commute.
"""

from torch import nn

from repro.networks.layers import ACTIVATIONS, MaskDropout, TowerLinear
from repro.networks.response_norm import CrossMapNorm, SameMapNorm
from repro.recipes.recipe import Network, Normalisation

KERNELS = {"conv2": 5, "conv3": 3, "conv4": 3, "conv5": 3}
POOLED = ("conv1", "conv2", "conv5")

Layers = list[tuple[str, nn.Module]]


def alexnet_layers(
    network: Network, normalisation: Normalisation, *, classes: int, side: int
) -> Layers:
    """(B, 3, side, side) to (B, classes), layer by layer.

    Removing a convolution leaves its normalisation and pooling where they were, so that
    sizes stay.
    """
    layers: Layers = []
    maps, size = 3, side
    for index, width in enumerate(network.channels, start=1):
        name = f"conv{index}"
        if name not in network.removed:
            wanted = _scaled(width, network)
            convolution, size = _convolution(network, name, maps, wanted, size)
            layers += convolution
            maps = wanted
        after, size = _after(network, normalisation, name, maps, size)
        layers += after
    if network.sixth_convolution:
        layers += _same_size(network, "conv6", maps, maps)
        layers += [("active6c", ACTIVATIONS[network.activation]())]
    if network.head == "average":
        layers += [("average", nn.AdaptiveAvgPool2d(1)), ("flat", nn.Flatten())]
        layers += [("drop8", _dropout(network)), ("fc8", nn.Linear(maps, classes))]
        return layers
    return [*layers, ("flat", nn.Flatten()), *_head(network, maps * size**2, classes)]


def _scaled(width: int, network: Network) -> int:
    """`width` scaled, and a multiple of the number of towers."""
    share = round(width * network.width / network.towers)
    return max(1, share) * network.towers


def _convolution(
    network: Network, name: str, maps: int, wanted: int, size: int
) -> tuple[Layers, int]:
    if name != "conv1":
        return _same_size(network, name, maps, wanted), size
    before, after = network.stem_padding
    kernel, stride = network.stem_kernel, network.stem_stride
    even = before == after
    layers: Layers = [] if even else [("pad", nn.ZeroPad2d((before, after) * 2))]
    padding = before if even else 0
    layers += [(name, nn.Conv2d(maps, wanted, kernel, stride, padding))]
    return layers, (size + before + after - kernel) // stride + 1


def _same_size(network: Network, name: str, maps: int, wanted: int) -> Layers:
    kernel = KERNELS.get(name, 3)
    joined = name in network.joined or name == "conv6" or maps == 3
    groups = 1 if joined else network.towers
    convolution = nn.Conv2d(maps, wanted, kernel, padding=kernel // 2, groups=groups)
    return [(name, convolution)]


def _after(
    network: Network, normalisation: Normalisation, name: str, maps: int, size: int
) -> tuple[Layers, int]:
    """Activation, normalisation and pooling of a stage, in their order."""
    index = name[-1]
    active: Layers = [(f"active{index}", ACTIVATIONS[network.activation]())]
    norms = _norms(network, normalisation, name, maps)
    pool: Layers = []
    if name in POOLED:
        pool = [(f"pool{index}", nn.MaxPool2d(network.pool_size, 2))]
        size = (size - network.pool_size) // 2 + 1
    if name in network.removed:
        return [*norms, *pool], size
    if name in normalisation.before_activation:
        return [*norms, *pool, *active], size
    return [*active, *norms, *pool], size


def _norms(
    network: Network, normalisation: Normalisation, name: str, maps: int
) -> Layers:
    chosen, index = normalisation, name[-1]
    if chosen.normaliser == "none":
        return []
    layers: Layers = []
    if name in chosen.normalised:
        layers += [(f"norm{index}", normaliser(chosen, maps, network.towers))]
    if name in chosen.second_norm:  # `rnorm` of layers-145.cfg
        second = SameMapNorm(5, alpha=1e-3, beta=0.75, k=1.0)
        layers += [(f"second{index}", second)]
    return layers


def normaliser(chosen: Normalisation, maps: int, towers: int = 1) -> nn.Module:
    """The layer that `chosen` describes, for this many maps."""
    constants = {"alpha": chosen.alpha, "beta": chosen.beta, "k": chosen.k}
    if chosen.normaliser == "batch":
        return nn.BatchNorm2d(maps)
    if chosen.normaliser == "same-map":
        return SameMapNorm(chosen.size, **constants)
    if chosen.normaliser == "none":
        return nn.Identity()
    return CrossMapNorm(
        chosen.size,
        **constants,
        divided=chosen.divided,
        towers=1 if chosen.across_towers else towers,
    )


def _head(network: Network, features: int, classes: int) -> Layers:
    layers: Layers = []
    for name, width in zip(("fc6", "fc7"), network.hidden, strict=True):
        if name in network.removed:
            continue
        wanted, index = _scaled(width, network), name[-1]
        drop = [(f"drop{index}", _dropout(network))]
        active = [(f"active{index}", ACTIVATIONS[network.activation]())]
        connected = [(name, _connected(network, name, features, wanted))]
        if network.layout == "one-tower":  # torchvision drops the inputs
            layers += [*drop, *connected, *active]
        else:
            layers += [*connected, *active, *drop]
        features = wanted
    return [*layers, ("fc8", _connected(network, "fc8", features, classes))]


def _connected(network: Network, name: str, features: int, wanted: int) -> nn.Module:
    if network.towers == 1 or name in network.joined:
        return nn.Linear(features, wanted)
    return TowerLinear(features, wanted, network.towers)


def _dropout(network: Network) -> nn.Module:
    inverted = network.dropout_kind == "inverted"
    return nn.Dropout(network.dropout) if inverted else MaskDropout(network.dropout)
