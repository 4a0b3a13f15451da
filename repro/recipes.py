"""What is trained and how: frozen recipes, one named field per difference.

A recipe is data. It imports no torch, so that the command line can list and check
recipes at once. Sources: "layers" are the definition files of the authors' released
CIFAR-10 nets (cuda-convnet, `example-layers/`); sections are those of the 2012 paper.
"""

from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from repro.errors import ReproError

Layout = Literal["cifar-80sec", "cifar-18pct", "cifar-13pct", "cifar-11pct"]
Activation = Literal["relu", "tanh", "logistic", "abs-tanh"]
Normalisation = Literal["none", "same-map", "cross-map"]
Scheme = Literal["gaussian", "torch"]
Schedule = Literal["constant", "fixed"]
Crop = Literal["random", "centre", "whole"]
Pixels = Literal["centred", "standardised"]


class RecipeError(ReproError):
    """An unknown recipe, an unknown field or a value a field cannot take."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """The layers. `width` multiplies every hidden width."""

    layout: Layout
    activation: Activation = "relu"  # section 3.1
    normalisation: Normalisation = "none"  # section 3.3
    width: float = 1.0


@dataclass(frozen=True, kw_only=True)
class InitialValues:
    """Standard deviations of the Gaussian initial weights; biases start at zero.

    `scheme="torch"` ignores them and takes PyTorch's own defaults, weights and biases.
    """

    scheme: Scheme = "gaussian"
    stem_std: float = 0.01  # first convolution
    std: float = 0.01  # convolutions between
    middle_std: float = 0.01  # third to fifth layer; locally connected layers
    hidden_std: float = 0.01  # fully connected, hidden
    output_std: float = 0.01  # fully connected, to the classes


@dataclass(frozen=True, kw_only=True)
class Optimisation:
    """Section 5. Weight decay is multiplied by the rate; biases are not decayed."""

    learning_rate: float = 0.01
    bias_rate_factor: float = 2.0  # released files: epsB is twice epsW
    momentum: float = 0.9
    rate_in_velocity: bool = True  # section 5: the rate is inside the velocity
    weight_decay: float = 0.0005  # convolutions
    hidden_weight_decay: float = 0.0005  # locally and fully connected, hidden
    output_weight_decay: float = 0.0005
    batch_size: int = 128
    epochs: int = 90
    schedule: Schedule = "constant"
    drop_epochs: tuple[int, ...] = ()  # epochs after which a fixed schedule drops
    drop_factor: float = 0.1
    stop_train_error: float = 0.0  # end after the first epoch at or below; 0: never


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Section 4.1 and the scale of the pixels that the network sees."""

    crop: Crop = "random"  # position drawn per image and visit; centre when evaluating
    crop_size: int = 24
    flip: bool = True
    pixels: Pixels = "centred"  # 0-255, training mean image removed; or unit variance


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides a training run, but for data set and seed."""

    network: Network
    initial_values: InitialValues = InitialValues()
    optimisation: Optimisation = Optimisation()
    augmentation: Augmentation = Augmentation()
    hold_out: bool = True  # False: nothing is chosen on held-out images, train on all

    def __post_init__(self):
        _check(self)


PARTS = MappingProxyType(
    {
        "network": Network,
        "initial_values": InitialValues,
        "optimisation": Optimisation,
        "augmentation": Augmentation,
    }
)


def _check(recipe: Recipe) -> None:
    positive = ("width", "learning_rate", "batch_size", "epochs", "crop_size")
    for name in positive:
        value = getattr(_part_of(recipe, name), name)
        if not 0 < value < float("inf"):
            raise RecipeError(f"{name}={value}: must be above 0")
    momentum = recipe.optimisation.momentum
    if not 0 <= momentum < 1:
        raise RecipeError(f"momentum={momentum}: must be at least 0 and below 1")
    drops = recipe.optimisation.drop_epochs
    if list(drops) != sorted(set(drops)) or any(epoch < 1 for epoch in drops):
        raise RecipeError(
            f"drop_epochs={drops}: must be rising epochs, the first at least 1"
        )


def check_fits(recipe: Recipe, side: int) -> None:
    """Raise RecipeError when images of this side are too small for the crop."""
    size = recipe.augmentation.crop_size
    if recipe.augmentation.crop != "whole" and size > side:
        raise RecipeError(
            f"crop_size={size}: at most {side}, the side of the images; "
            f"lower it, or take crop=whole"
        )


def _part_of(recipe: Recipe, name: str) -> Any:
    """The part of `recipe`, or the recipe itself, that has the field `name`."""
    for part in PARTS:
        if name in {field.name for field in fields(PARTS[part])}:
            return getattr(recipe, part)
    return recipe


def field_types() -> dict[str, Any]:
    """Every field that `--set` can change, with its type; names are unique."""
    types: dict[str, Any] = {}
    for part in PARTS.values():
        types.update(get_type_hints(part))
    types["hold_out"] = bool
    return types


def override(recipe: Recipe, changes: dict[str, Any]) -> Recipe:
    """`recipe` with the named fields replaced; raises RecipeError on an unknown one."""
    for name, value in changes.items():
        if name not in field_types():
            raise RecipeError(
                f"unknown field {name!r}; known fields: {', '.join(field_types())}"
            )
        if name == "hold_out":
            recipe = replace(recipe, hold_out=value)
            continue
        for part, kind in PARTS.items():
            if name in {field.name for field in fields(kind)}:
                changed = replace(getattr(recipe, part), **{name: value})
                recipe = replace(recipe, **{part: changed})
    return recipe


def parse_override(text: str) -> tuple[str, Any]:
    """`field=value` as (field, typed value); raises RecipeError saying what is allowed."""
    name, equals, value = text.partition("=")
    if not equals:
        raise RecipeError(f"--set {text!r}: expected field=value")
    if name not in field_types():
        raise RecipeError(
            f"unknown field {name!r}; known fields: {', '.join(field_types())}"
        )
    return name, _typed(name, value, field_types()[name])


def _typed(name: str, text: str, kind: Any) -> Any:
    if get_origin(kind) is Literal:
        if text in get_args(kind):
            return text
        raise RecipeError(f"{name}={text!r}: allowed are {', '.join(get_args(kind))}")
    if kind is bool:
        if text in ("true", "false"):
            return text == "true"
        raise RecipeError(f"{name}={text!r}: allowed are true, false")
    try:
        if get_origin(kind) is tuple:
            return tuple(int(item) for item in text.split(",") if item)
        return kind(text)
    except ValueError:
        shown = {int: "a whole number", float: "a number", str: "text"}
        wanted = shown.get(kind, "whole numbers with commas between them")
        raise RecipeError(f"{name}={text!r}: expected {wanted}") from None


def run_name(name: str, changes: dict[str, Any]) -> str:
    """Folder name of a run: the recipe's name and its changed fields, sorted."""
    shown = [f"+{field}={_shown(changes[field])}" for field in sorted(changes)]
    return name + "".join(shown)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def as_dict(recipe: Recipe) -> dict[str, Any]:
    """The recipe as JSON values."""
    record = asdict(recipe)
    drops = record["optimisation"]["drop_epochs"]
    record["optimisation"]["drop_epochs"] = list(drops)
    return record
