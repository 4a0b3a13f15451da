"""Which data, how many seeds, which experiments. Frozen, no torch."""

from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

from repro.errors import ReproError
from repro.recipes.recipe import Recipe, with_epochs
from repro.recipes.settings import override, with_settings


class ProfileError(ReproError):
    """An unknown profile or experiment."""


@dataclass(frozen=True, kw_only=True)
class Activations:
    """The experiments behind Figure 1: what `repro.experiments.experiments` runs.

    `activations` runs every one of `arms` under every one of `conditions`;
    `activations-further` all the rest. Each arm's rate is searched with seed 0 and
    counted with seeds 1 to `seeds`.
    """

    conditions: tuple[str, ...] = ()  # recipes figure1-<net>-<condition>
    arms: tuple[str, ...] = ("relu", "tanh")
    further_conditions: tuple[str, ...] = ()
    further_arms: tuple[str, ...] = ()  # under `conditions`
    rate_steps: tuple[float, ...] = (1, 2, 0.5, 4, 0.25, 8)  # times the recipe's rate
    seeds: int = 3
    batch_size: int | None = None  # None: the recipe's


@dataclass(frozen=True, kw_only=True)
class Plateau:
    """The experiment `plateau`: R0 with every combination of these, `seeds` times."""

    input_scales: tuple[float, ...] = (1.0, 0.1, 0.01)  # of pixels of 0-255
    middle_stds: tuple[float, ...] = (0.01, 0.03)  # the text's and the released one
    positive_biases: tuple[float, ...] = (0.0, 0.1, 1.0)
    seeds: int = 3


@dataclass(frozen=True, kw_only=True)
class Stem:
    """The first convolution where images are smaller than 256 pixels."""

    kernel: int
    stride: int
    padding: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Training:
    """R0's training where the released one has too few steps to learn anything.

    The fields are those of `Optimisation`. Other recipes take what they have in common
    with R0, and keep their proportion to its epochs.
    """

    batch_size: int
    learning_rate: float
    epochs: int
    drop_epochs: tuple[int, ...]
    late_epochs: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A data set and what is measured on it."""

    name: str
    dataset: str  # folder below the data root
    side: int  # pixels
    classes: int = 0  # outputs of the network, if the images have fewer classes
    validation_images: int  # held out of training: the last ones, or so many a class
    validation_by_class: bool = False
    stem: Stem | None = None  # of the 2012 layout on images of this side
    width: float = 1.0  # of the 2012 layout, times the recipe's
    epochs: int | None = None  # of R0; other recipes and their events in proportion
    training: Training | None = None  # in place of `epochs`, where those are too short
    experiments: tuple[str, ...]  # what `repro reproduce` runs
    on_request: tuple[str, ...] = ()  # what it runs with --experiments
    seeds: int = 3  # of R0
    ablations: tuple[str, ...] = ()  # recipes compared with R0, the most telling first
    ablation_seeds: int = 3
    activations: Activations = Activations()
    plateau: Plateau = Plateau()
    cost: str  # expected on 2 CPU cores; on one GPU
    note: str = ""  # shown with every figure


# Each stands for a claim of the paper that is not about ImageNet alone.
ABLATIONS = (
    *("R-tanh", "R-nolrn", "R-pool2", "R-nodrop", "R-nocrop", "R-nopca", "R-half"),
    *("R-dense", "R-bias0", "R-noc3"),
)

CIFAR_STEM = Stem(kernel=5, stride=1, padding=(2, 2))  # crops of 28 pixels
TINY_STEM = Stem(kernel=11, stride=2, padding=(5, 5))  # crops of 56 pixels

SMOKE = Profile(
    name="smoke",
    dataset="cifar10-subset",
    side=32,
    stem=CIFAR_STEM,
    width=0.25,
    validation_images=10,
    validation_by_class=True,
    training=Training(
        batch_size=16, learning_rate=0.005, epochs=24, drop_epochs=(19, 22)
    ),
    experiments=("activations", "released"),
    on_request=("plateau", "transfer"),
    seeds=1,
    activations=Activations(
        conditions=("figure1-18pct-modern",),
        rate_steps=(1, 2),
        seeds=2,
        batch_size=32,  # so that 25 % is reached in few epochs of few images
    ),
    cost="under 4 minutes on 2 CPU cores",
    note="smoke: proves the pipeline, not the paper",
)

CIFAR10 = Profile(
    name="cifar10",
    dataset="cifar10",
    side=32,
    stem=CIFAR_STEM,
    width=0.25,
    validation_images=5000,
    epochs=15,
    seeds=5,
    ablations=ABLATIONS,
    experiments=("activations", "released", "ablations", "transfer"),
    on_request=(
        "ablations-further",
        "activations-further",
        "normalisation",
        "plateau",
    ),
    activations=Activations(
        conditions=("figure1-18pct-modern", "figure1-18pct-original"),
        further_arms=("logistic", "abs-tanh"),
        further_conditions=(
            "figure1-18pct-standardised",  # the most telling first
            "figure1-18pct-torch-values",
            "figure1-13pct-modern",
            "figure1-13pct-original",
            "figure1-80sec-modern",
            "figure1-80sec-original",
        ),
    ),
    cost="Figure 1 about 2.5 hours on 2 CPU cores, each run of the 2012 network 2 to 20 "
    "minutes on one (bfloat16); on a GPU not measured",
)

TINY_IMAGENET = Profile(
    name="tiny-imagenet",
    dataset="tiny-imagenet",
    side=64,
    stem=TINY_STEM,
    validation_images=25,
    validation_by_class=True,
    ablations=ABLATIONS,
    experiments=("released",),
    on_request=("ablations", "ablations-further", "plateau"),
    cost="R0 on 100 classes: about 4 minutes an epoch of 93 in bfloat16 on 2 CPU cores; "
    "on a GPU not measured",
)

IMAGENETTE = Profile(
    name="imagenette",
    dataset="imagenette",
    side=256,
    validation_images=50,
    validation_by_class=True,
    ablations=ABLATIONS,
    experiments=("released",),
    on_request=("ablations", "ablations-further"),
    cost="not measured",
)

IMAGENET = Profile(
    name="imagenet",
    dataset="imagenet",
    side=256,
    classes=1000,
    validation_images=10,
    validation_by_class=True,
    ablations=ABLATIONS,
    experiments=("released",),
    on_request=("ablations", "ablations-further"),
    cost="not measured",
)

PROFILES = MappingProxyType(
    {
        profile.name: profile
        for profile in (SMOKE, CIFAR10, TINY_IMAGENET, IMAGENETTE, IMAGENET)
    }
)


def find_profile(name: str) -> Profile:
    """The profile called `name`; raises ProfileError naming the known ones."""
    if name not in PROFILES:
        raise ProfileError(f"unknown profile {name!r}; known: {', '.join(PROFILES)}")
    return PROFILES[name]


def fitted(recipe: Recipe, profile: Profile) -> Recipe:
    """The recipe on the profile's images: stem, width and epochs of the 2012 layouts.

    Where profile or recipe narrow or widen the network, the initial weights change so
    that each layer's std x sqrt(fan-in) stays: at a quarter of the width the published
    ones would leave the loss at ln(classes).

    The released run's epochs become the profile's; recipes that train longer or
    shorter keep their proportion to it. One without a schedule keeps its epochs, and
    what else it has of R0's training.
    """
    if recipe.network.layout not in ("2012", "one-tower"):
        return recipe
    width = recipe.network.width * profile.width
    changes: dict[str, Any] = {"width": width}
    if profile.stem:
        changes["stem_kernel"] = profile.stem.kernel
        changes["stem_stride"] = profile.stem.stride
        changes["stem_padding"] = profile.stem.padding
    if width != 1:
        changes |= _initial_values(recipe, profile, width)
    if recipe.optimisation.schedule != "constant":
        length = recipe.optimisation.epochs / Recipe().optimisation.epochs
        if profile.epochs:
            recipe = with_epochs(recipe, round(profile.epochs * length))
        if profile.training:
            recipe = _trained_as(recipe, profile.training)
            recipe = with_epochs(recipe, round(profile.training.epochs * length))
    return override(recipe, changes)


def _trained_as(recipe: Recipe, training: Training) -> Recipe:
    """The recipe over the epochs of `training`, with its fields in place of R0's."""
    released = Recipe().optimisation
    compared = with_epochs(recipe, released.epochs).optimisation
    shared = {
        name: value
        for name, value in vars(training).items()
        if getattr(compared, name) == getattr(released, name)
    }
    return override(with_epochs(recipe, training.epochs), shared)


def _initial_values(recipe: Recipe, profile: Profile, width: float) -> dict[str, float]:
    values, wider = recipe.initial_values, width**-0.5
    smaller = recipe.network.stem_kernel / profile.stem.kernel if profile.stem else 1.0
    return {
        "stem_std": values.stem_std * smaller,
        "std": values.std * wider,
        "middle_std": values.middle_std * wider,
        "hidden_std": values.hidden_std * wider,
        "output_std": values.output_std * wider,
    }


def configured(recipe: Recipe, profile: Profile, settings: dict[str, Any]) -> Recipe:
    """The recipe on the profile's images, with the settings of `--set` on top."""
    if "epochs" in settings:  # in place of the profile's
        profile = replace(profile, epochs=None)
    return with_settings(fitted(recipe, profile), settings)


def as_dict(profile: Profile) -> dict[str, Any]:
    """The profile as JSON values."""
    return asdict(profile)
