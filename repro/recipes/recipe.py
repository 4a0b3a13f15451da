"""What is trained and how: frozen recipes, one named field per difference.

A recipe is data. It imports no torch, so that the command line can list and check
recipes at once. Sources: "layers" are the definition files of the authors' released
CIFAR-10 nets (cuda-convnet, `example-layers/`); sections are those of the 2012 paper.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Literal

from repro.errors import ReproError

Layout = Literal[
    "2012", "one-tower", "cifar-80sec", "cifar-18pct", "cifar-13pct", "cifar-11pct"
]
Activation = Literal["relu", "tanh", "logistic", "abs-tanh"]
Head = Literal["connected", "average"]
Dropout = Literal["mask", "inverted"]
Normaliser = Literal["cross-map", "same-map", "batch", "none"]
Scheme = Literal["gaussian", "torch"]
Schedule = Literal["constant", "fixed", "plateau", "cosine"]
Crop = Literal["random", "shared", "centre", "whole"]
Pixels = Literal["centred", "standardised"]
ColourNoise = Literal["released", "text", "none"]


class RecipeError(ReproError):
    """An unknown recipe, an unknown field or a value a field cannot take."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """The layers. `width` multiplies every hidden width.

    All but `layout`, `activation` and `width` shape the 2012 layout alone. With two
    towers the first half of a layer's channels is tower 1; a layer that is not in
    `joined` sees its own tower only (section 3.2).
    """

    layout: Layout = "2012"
    activation: Activation = "relu"  # section 3.1
    width: float = 1.0
    towers: int = 2
    joined: tuple[str, ...] = ("conv3", "fc6", "fc7", "fc8")
    removed: tuple[str, ...] = ()
    sixth_convolution: bool = False  # released code, layers-146: after the last pool
    channels: tuple[int, ...] = (96, 256, 384, 384, 256)
    hidden: tuple[int, ...] = (4096, 4096)
    head: Head = "connected"
    stem_kernel: int = 11
    stem_stride: int = 4
    stem_padding: tuple[int, ...] = (0, 3)  # left and top, right and bottom
    pool_size: int = 3  # section 3.4: windows of 3, stride 2
    dropout: float = 0.5  # fc6 and fc7
    dropout_kind: Dropout = "mask"  # section 4.2: mask in training, x 0.5 at test


@dataclass(frozen=True, kw_only=True)
class Normalisation:
    """Section 3.3. `alpha` is divided by the number of summands where `divided`."""

    normaliser: Normaliser = "cross-map"
    normalised: tuple[str, ...] = ("conv1", "conv2")
    before_activation: tuple[str, ...] = ("conv1",)  # released code: below the ReLU
    k: float = 2.0
    size: int = 5
    alpha: float = 0.0001
    beta: float = 0.75
    divided: bool = True  # released code; the paper prints alpha undivided
    across_towers: bool = False
    second_norm: tuple[str, ...] = ("conv2",)  # released code: same-map, 5 x 5, on top


@dataclass(frozen=True, kw_only=True)
class InitialValues:
    """Standard deviations of the Gaussian initial weights, and positive biases.

    `scheme="torch"` ignores them and takes PyTorch's own defaults, weights and biases.
    """

    scheme: Scheme = "gaussian"
    stem_std: float = 0.01  # first convolution
    std: float = 0.01  # second convolution
    middle_std: float = 0.03  # third layer to the last but fully connected ones
    hidden_std: float = 0.01  # fully connected, hidden
    output_std: float = 0.01  # fully connected, to the classes
    positive_bias: float = 1.0
    biased: tuple[str, ...] = ("conv2", "conv4", "conv5", "conv6", "fc6", "fc7")


@dataclass(frozen=True, kw_only=True)
class Optimisation:
    """Section 5. Weight decay is multiplied by the rate; biases are not decayed.

    `drop_epochs`, the late phase and the warm-up are epochs of a run of `epochs`; a
    shorter or longer run scales them (`with_epochs`).
    """

    learning_rate: float = 0.01
    bias_rate_factor: float = 2.0  # released files: epsB is twice the first epsW
    bias_rate_drops: bool = False  # released files: epsB mostly stays
    momentum: float = 0.9
    rate_in_velocity: bool = True  # section 5: the rate is inside the velocity
    weight_decay: float = 0.0005  # convolutions
    hidden_weight_decay: float = 0.0005  # locally and fully connected, hidden
    output_weight_decay: float = 0.0005
    batch_size: int = 128
    epochs: int = 93  # layer-params-145-2010: drops after 23, 51, 78 of 93 epochs
    schedule: Schedule = "fixed"
    drop_epochs: tuple[int, ...] = (23, 51, 78)
    drop_factor: float = 0.1
    patience: int = 3  # plateau: epochs without a better validation error
    warmup_epochs: int = 5  # cosine
    late_epochs: tuple[int, ...] = (68, 72)  # conv1 slow, colour noise off; conv1 still
    late_rate: float = 0.00001  # of conv1 between the two
    stop_train_error: float = 0.0  # end after the first epoch at or below; 0: never


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Section 4.1 and the scale of the pixels that the network sees."""

    crop: Crop = "random"  # drawn per image; "shared": per 32 images, as released
    crop_share: float = 0.875  # of the side: 224 of 256, 56 of 64, 28 of 32
    flip: bool = True
    pixels: Pixels = "centred"  # 0-255, training mean image removed; or unit variance
    input_scale: float = 1.0  # multiplies what the network sees
    colour_noise: ColourNoise = "released"
    colour_sigma: float = 0.1
    colour_divisor: float = 1.1  # released code: training input, while the noise is on


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides a training run, but for data set and seed."""

    network: Network = Network()
    normalisation: Normalisation = Normalisation()
    initial_values: InitialValues = InitialValues()
    optimisation: Optimisation = Optimisation()
    augmentation: Augmentation = Augmentation()
    train_share: float = 1.0  # of the training images, per class
    hold_out: bool = True  # False: nothing is chosen on held-out images, train on all
    classes: tuple[str, ...] = ()  # of the data set, in label order; (): all of them
    pretrained: str = (
        ""  # whose run gives the initial weights of all but the last layer
    )

    def __post_init__(self) -> None:
        _check(self)


PARTS = MappingProxyType(
    {
        "network": Network,
        "normalisation": Normalisation,
        "initial_values": InitialValues,
        "optimisation": Optimisation,
        "augmentation": Augmentation,
    }
)


def _check(recipe: Recipe) -> None:
    network, optimisation = recipe.network, recipe.optimisation
    for owner, name in (
        (network, "width"),
        (network, "stem_kernel"),
        (network, "stem_stride"),
        (network, "pool_size"),
        (optimisation, "learning_rate"),
        (optimisation, "batch_size"),
        (optimisation, "epochs"),
        (optimisation, "bias_rate_factor"),
        (optimisation, "drop_factor"),
        (optimisation, "patience"),
        (optimisation, "late_rate"),
        (recipe.augmentation, "input_scale"),
        (recipe.augmentation, "crop_share"),
        (recipe.augmentation, "colour_divisor"),
        (recipe, "train_share"),
    ):
        _need(owner, name, lambda value: 0 < value < float("inf"), "above 0")
    _need(optimisation, "warmup_epochs", lambda value: value >= 0, "at least 0")
    for owner, name in ((recipe.augmentation, "crop_share"), (recipe, "train_share")):
        _need(owner, name, lambda value: value <= 1, "at most 1")
    for owner, name in ((optimisation, "momentum"), (network, "dropout")):
        _need(owner, name, lambda value: 0 <= value < 1, "at least 0 and below 1")
    within = recipe.normalisation.normaliser == "same-map"
    _need(
        recipe.normalisation,
        "size",
        lambda value: value >= 1 and (value % 2 or not within),
        "at least 1, and odd within a map",
    )
    _need(network, "towers", lambda value: value in (1, 2), "1 or 2")
    for name, count in (("channels", 5), ("hidden", 2)):
        _need(network, name, partial(_widths, count), f"{count} widths above 0")
    _need(network, "stem_padding", lambda value: len(value) == 2, "two numbers")
    for name in ("drop_epochs", "late_epochs"):
        _need(optimisation, name, _rising, "rising epochs, the first at least 1")
    _need(
        optimisation, "late_epochs", lambda value: len(value) in (0, 2), "0 or 2 epochs"
    )
    _need(
        recipe,
        "classes",
        lambda value: len(value) != 1 and len(set(value)) == len(value),
        "no class, or two or more, each once",
    )
    if optimisation.schedule == "plateau" and not recipe.hold_out:
        raise RecipeError("schedule=plateau: needs hold_out=true, to see the plateau")
    _need_among(network, "removed", REMOVABLE)
    for owner, name in (
        (network, "joined"),
        (recipe.normalisation, "normalised"),
        (recipe.normalisation, "before_activation"),
        (recipe.normalisation, "second_norm"),
        (recipe.initial_values, "biased"),
    ):
        _need_among(owner, name, LAYERS)
    if network.layout.startswith("cifar"):
        _check_unused(network)


def _check_unused(network: Network) -> None:
    """A field that the layout does not have would change a name and nothing else."""
    plain = Network(layout=network.layout)
    for name, value in vars(network).items():
        if name not in ("activation", "width") and value != getattr(plain, name):
            raise RecipeError(f"{name}={value}: layout {network.layout} has no {name}")


LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5", "conv6", "fc6", "fc7", "fc8")
REMOVABLE = tuple(name for name in LAYERS if name not in ("conv6", "fc8"))


def _widths(count: int, value: tuple[int, ...]) -> bool:
    return len(value) == count and min(value) > 0


def _rising(epochs: tuple[int, ...]) -> bool:
    return list(epochs) == sorted(set(epochs)) and all(epoch >= 1 for epoch in epochs)


def _need(owner: object, name: str, holds: Callable, wanted: str) -> None:
    value = getattr(owner, name)
    if not holds(value):
        raise RecipeError(f"{name}={value}: must be {wanted}")


def _need_among(owner: object, name: str, known: tuple[str, ...]) -> None:
    allowed = "among " + ", ".join(known)
    _need(owner, name, lambda value: set(value) <= set(known), allowed)


def crop_size(augmentation: Augmentation, side: int) -> int:
    """Pixels of the square that the network sees, of images of this side."""
    share = 1.0 if augmentation.crop == "whole" else augmentation.crop_share
    return round(side * share)


def with_epochs(recipe: Recipe, epochs: int) -> Recipe:
    """The recipe over `epochs` epochs, drops, late phase and warm-up at the same shares.

    Events that rounding would join are kept one epoch apart.
    """
    optimisation = recipe.optimisation
    share, warmup = epochs / optimisation.epochs, optimisation.warmup_epochs
    if warmup and optimisation.schedule == "cosine":
        warmup = max(1, round(warmup * share))
    return replace(
        recipe,
        optimisation=replace(
            optimisation,
            epochs=epochs,
            drop_epochs=_scaled(optimisation.drop_epochs, share),
            late_epochs=_scaled(optimisation.late_epochs, share),
            warmup_epochs=warmup,
        ),
    )


def _scaled(events: tuple[int, ...], share: float) -> tuple[int, ...]:
    moved: list[int] = []
    for event in events:
        moved.append(max(round(event * share), moved[-1] + 1 if moved else 1))
    return tuple(moved)
