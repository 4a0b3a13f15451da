"""The runs that a profile asks for, as plans; an engine carries them out."""

import itertools
from collections.abc import Callable, Iterable
from functools import partial

from repro.data.packs import open_pack
from repro.experiments.engines import Engine, one_after_another
from repro.experiments.rate_search import activations, activations_further
from repro.experiments.session import Laboratory
from repro.experiments.tasks import Average, Chain, Job, Plan, at_once
from repro.recipes.presets import LONG, TRANSFER, find_recipe
from repro.recipes.profiles import Profile, ProfileError
from repro.recipes.recipe import Recipe
from repro.recipes.variants import VARIANTS
from repro.training.metrics import Row
from repro.training.plateau import on_plateau


def reproduce(
    laboratory: Laboratory,
    experiments: tuple[str, ...],
    engine: Engine = one_after_another,
) -> None:
    """Run the named experiments; raises ProfileError on one the profile lacks.

    And whatever the engine raises.
    """
    known = laboratory.profile.experiments + laboratory.profile.on_request
    for name in experiments:
        if name not in known:
            raise ProfileError(
                f"unknown experiment {name!r} for profile "
                f"{laboratory.profile.name!r}; known: {', '.join(known)}"
            )
    profile = laboratory.profile
    plans = [plan for name in experiments for plan in EXPERIMENTS[name](laboratory)]
    laboratory.say(f"{profile.name}: {', '.join(experiments)}; cost: {profile.cost}")
    engine(laboratory, plans)


def released(laboratory: Laboratory) -> list[Plan]:
    """R0, the run behind the paper's tables, with the profile's seeds; their average."""
    return [_averaged("released-145", tuple(range(laboratory.profile.seeds)))]


def _averaged(name: str, seeds: tuple[int, ...]) -> Plan:
    alone = len(seeds) == 1
    weights = "stay" if alone else "returned"
    yield [Job(name, {}, seed, exported="all", weights=weights) for seed in seeds]
    if not alone:
        yield [Average(name, seeds)]


def ablations(laboratory: Laboratory) -> list[Plan]:
    """The profile's variants of R0, seed by seed, so that pairs are complete early."""
    return _variants(laboratory.profile, laboratory.profile.ablations)


def ablations_further(laboratory: Laboratory) -> list[Plan]:
    """The variants that are not among the profile's: some claims rest on one alone.

    Several ranks leave out batch normalisation, which they cannot train.
    """
    profile, shared = laboratory.profile, laboratory.ranks.world_size > 1
    names = [name for name in (*VARIANTS, LONG) if name not in profile.ablations]
    if shared:
        names = [name for name in names if not _in_one_place(find_recipe(name))]
    return _variants(profile, names)


def _in_one_place(recipe: Recipe) -> bool:
    return recipe.normalisation.normaliser == "batch"


def _variants(profile: Profile, names: Iterable[str]) -> list[Plan]:
    pairs = itertools.product(range(profile.ablation_seeds), names)
    return [at_once([Job(name, {}, seed, "comparison") for seed, name in pairs])]


def normalisation(laboratory: Laboratory) -> list[Plan]:
    """Section 3.3's 13 % and 11 % on CIFAR-10: the published pair, and a strict toggle.

    The published nets differ in more than normalisation; the 13 % net with the other
    one's normalisation differs in nothing else.
    """
    toggled = {"normaliser": "cross-map", "k": 1.0, "size": 9, "alpha": 0.001}
    nets = (("cifar-13pct", {}), ("cifar-13pct", toggled), ("cifar-11pct", {}))
    pairs = itertools.product(range(laboratory.profile.ablation_seeds), nets)
    jobs = [Job(name, changes, seed, "comparison") for seed, (name, changes) in pairs]
    return [at_once(jobs)]


def transfer(laboratory: Laboratory) -> list[Plan]:
    """Cats against dogs: from a network trained on the other classes, and from none."""
    seeds = range(laboratory.profile.ablation_seeds)
    chains = [
        Chain(tuple(Job(name, {}, seed, "comparison") for name in TRANSFER))
        for seed in seeds
    ]
    return [at_once(chains)]


def plateau(laboratory: Laboratory) -> list[Plan]:
    """From which initial values the 2012 network leaves ln(classes), and how soon."""
    plan, profile = laboratory.profile.plateau, laboratory.profile
    stop = partial(left, partial(_classes, profile.dataset))
    fields = ("input_scale", "middle_std", "positive_bias")
    grid = itertools.product(plan.input_scales, plan.middle_stds, plan.positive_biases)
    cells = [dict(zip(fields, values, strict=True)) for values in grid]
    pairs = itertools.product(cells, range(plan.seeds))
    return [at_once([Job("plateau", cell, seed, stop=stop) for cell, seed in pairs])]


def _classes(dataset: str) -> int:
    return len(open_pack(dataset, "train").classes)


def left(classes: Callable[[], int], rows: list[Row]) -> str | None:
    """The reason to end a run whose loss has left the plateau.

    Of a run that has ended nothing is asked, so that its data need not be here.
    """
    if rows[-1]["epoch"] == 0 or on_plateau(rows[-1]["running_loss"], classes()):
        return None
    return f"left ln({classes()})"


EXPERIMENTS = {
    "released": released,
    "ablations": ablations,
    "ablations-further": ablations_further,
    "activations": activations,
    "activations-further": activations_further,
    "normalisation": normalisation,
    "plateau": plateau,
    "transfer": transfer,
}
