"""What is trained and how: frozen recipes, one named field per difference.

A recipe is data. It imports no torch, so that the command line can list and check
recipes at once. Sources: "layers" are the definition files of the authors' released
CIFAR-10 nets (cuda-convnet, `example-layers/`); sections are those of the 2012 paper.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass, replace
from functools import partial
from typing import Any, Literal, get_type_hints

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
        ""  # recipe whose run gives all initial weights but the last layer's
    )

    def __post_init__(self) -> None:
        _check(self)


_KINDS = get_type_hints(Recipe)
PARTS = {name: kind for name, kind in _KINDS.items() if is_dataclass(kind)}
WHOLE = {name: kind for name, kind in _KINDS.items() if name not in PARTS}  # the others
LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5", "conv6", "fc6", "fc7", "fc8")
REMOVABLE = tuple(name for name in LAYERS if name not in ("conv6", "fc8"))


def field_values(recipe: Recipe) -> dict[str, Any]:
    """Every field by its name; names are unique over the parts."""
    parts = [vars(getattr(recipe, name)) for name in PARTS]
    return {name: value for part in parts for name, value in part.items()} | {
        name: getattr(recipe, name) for name in WHOLE
    }


def _widths(count: int, value: tuple[int, ...]) -> bool:
    return len(value) == count and min(value) > 0


def _rising(epochs: tuple[int, ...]) -> bool:
    return list(epochs) == sorted(set(epochs)) and all(epoch >= 1 for epoch in epochs)


def _distinct(names: tuple[str, ...]) -> bool:
    return len(names) != 1 and len(set(names)) == len(names)


# What must hold, in words and as a test, and of which fields.
RANGES: tuple[tuple[str, Callable[[Any], bool], tuple[str, ...]], ...] = (
    (
        "above 0",
        lambda value: 0 < value < math.inf,
        (
            *("width", "stem_kernel", "stem_stride", "pool_size"),
            *("learning_rate", "batch_size", "epochs", "bias_rate_factor"),
            *("drop_factor", "patience", "late_rate", "input_scale", "crop_share"),
            *("colour_divisor", "train_share"),
        ),
    ),
    ("at least 0", lambda value: value >= 0, ("warmup_epochs",)),
    ("at most 1", lambda value: value <= 1, ("crop_share", "train_share")),
    ("at least 0 and below 1", lambda value: 0 <= value < 1, ("momentum", "dropout")),
    ("at least 1", lambda value: value >= 1, ("size",)),
    ("1 or 2", lambda value: value in (1, 2), ("towers",)),
    ("5 widths above 0", partial(_widths, 5), ("channels",)),
    ("2 widths above 0", partial(_widths, 2), ("hidden",)),
    ("two numbers", lambda value: len(value) == 2, ("stem_padding",)),
    ("rising epochs, the first at least 1", _rising, ("drop_epochs", "late_epochs")),
    ("0 or 2 epochs", lambda value: len(value) in (0, 2), ("late_epochs",)),
    ("no class, or two or more, each once", _distinct, ("classes",)),
    (f"among {', '.join(REMOVABLE)}", set(REMOVABLE).issuperset, ("removed",)),
    (
        f"among {', '.join(LAYERS)}",
        set(LAYERS).issuperset,
        ("joined", "normalised", "before_activation", "second_norm", "biased"),
    ),
)


def _check(recipe: Recipe) -> None:
    network, norm, found = recipe.network, recipe.normalisation, field_values(recipe)
    for wanted, holds, names in RANGES:
        for name in names:
            if not holds(found[name]):
                raise RecipeError(f"{name}={found[name]}: must be {wanted}")
    if norm.normaliser == "same-map" and norm.size % 2 == 0:
        raise RecipeError(f"size={norm.size}: must be odd within a map")
    if recipe.optimisation.schedule == "plateau" and not recipe.hold_out:
        raise RecipeError("schedule=plateau: needs hold_out=true, to see the plateau")
    if network.layout.startswith("cifar"):
        # A field that the layout does not have would change a name and nothing else.
        plain = Network(layout=network.layout)
        for name, value in vars(network).items():
            if name not in ("activation", "width") and value != getattr(plain, name):
                layout = f"layout {network.layout} has no {name}"
                raise RecipeError(f"{name}={value}: {layout}")


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
