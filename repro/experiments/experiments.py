"""The runs that a profile asks for, as plans, and who carries them out.

An engine is this process, one task after another, or Ray, many at once.
"""

import itertools
from collections.abc import Callable, Iterable
from functools import partial

from repro.data.packs import open_pack
from repro.experiments.rate_search import activations, activations_further
from repro.experiments.session import Session
from repro.experiments.tasks import Average, Chain, Plan, Run, at_once, next_stage
from repro.recipes.presets import LONG, TRANSFER, find_recipe
from repro.recipes.profiles import Profile, ProfileError
from repro.recipes.recipe import Recipe
from repro.recipes.variants import VARIANTS
from repro.runs.names import PLATEAU_FIELDS, left_plateau
from repro.training.metrics import Row
from repro.training.plateau import on_plateau

Engine = Callable[[Session, list[Plan]], None]


def one_after_another(session: Session, plans: list[Plan]) -> None:
    """Carry out every task in its turn, in this process; the first error ends all."""
    for plan in plans:
        results = None
        while tasks := next_stage(plan, results):
            results = [task.carry_out(session) for task in tasks]


def on_ray(
    address: str | None,
    device: str,
    workers: int | None,
    session: Session,
    plans: list[Plan],
) -> None:
    """Carry out as many tasks at once as Ray has room for.

    Without an address Ray is started here for this call. `device` is auto, cpu or cuda.
    Raises EngineError and RunsFailed.
    """
    from repro.experiments.ray_cluster import connected

    with connected(address, device, workers) as cluster:
        from repro.experiments.ray_engine import run_on  # only where Ray is installed

        run_on(cluster, session, plans)


def reproduce(
    session: Session,
    experiments: tuple[str, ...],
    engine: Engine = one_after_another,
) -> None:
    """Run the named experiments.

    Raises ProfileError on one that the profile lacks, and what the engine raises.
    """
    known = session.profile.experiments + session.profile.on_request
    for name in experiments:
        if name not in known:
            raise ProfileError(
                f"unknown experiment {name!r} for profile "
                f"{session.profile.name!r}; known: {', '.join(known)}"
            )
    profile = session.profile
    plans = [plan for name in experiments for plan in EXPERIMENTS[name](session)]
    session.say(f"{profile.name}: {', '.join(experiments)}; cost: {profile.cost}")
    engine(session, plans)


def released(session: Session) -> list[Plan]:
    """R0, the run behind the paper's tables, with the profile's seeds; their average."""
    return [_averaged("released-145", tuple(range(session.profile.seeds)))]


def _averaged(name: str, seeds: tuple[int, ...]) -> Plan:
    alone = len(seeds) == 1
    weights = "stay" if alone else "returned"
    yield [Run(name, {}, seed, exported="all", weights=weights) for seed in seeds]
    if not alone:
        yield [Average(name, seeds)]


def ablations(session: Session) -> list[Plan]:
    """The profile's variants of R0, seed by seed, so that pairs are complete early."""
    return _variants(session.profile, session.profile.ablations)


def ablations_further(session: Session) -> list[Plan]:
    """The variants that are not among the profile's: some claims rest on one alone.

    Several ranks leave out batch normalisation, which they cannot train.
    """
    profile, shared = session.profile, session.compute.ranks.world_size > 1
    names = [name for name in (*VARIANTS, LONG) if name not in profile.ablations]
    if shared:
        names = [name for name in names if not _in_one_place(find_recipe(name))]
    return _variants(profile, names)


def _in_one_place(recipe: Recipe) -> bool:
    return recipe.normalisation.normaliser == "batch"


def _variants(profile: Profile, names: Iterable[str]) -> list[Plan]:
    pairs = itertools.product(range(profile.ablation_seeds), names)
    return [at_once([Run(name, {}, seed, "comparison") for seed, name in pairs])]


def normalisation(session: Session) -> list[Plan]:
    """Section 3.3's 13 % and 11 % on CIFAR-10: the published pair, and a strict toggle.

    The published nets differ in more than normalisation; the 13 % net with the other
    one's normalisation differs in nothing else.
    """
    toggled = {"normaliser": "cross-map", "k": 1.0, "size": 9, "alpha": 0.001}
    nets = (("cifar-13pct", {}), ("cifar-13pct", toggled), ("cifar-11pct", {}))
    pairs = itertools.product(range(session.profile.ablation_seeds), nets)
    runs = [Run(name, changes, seed, "comparison") for seed, (name, changes) in pairs]
    return [at_once(runs)]


def transfer(session: Session) -> list[Plan]:
    """Cats against dogs: from a network trained on the other classes, and from none."""
    seeds = range(session.profile.ablation_seeds)
    chains = [
        Chain(tuple(Run(name, {}, seed, "comparison") for name in TRANSFER))
        for seed in seeds
    ]
    return [at_once(chains)]


def plateau(session: Session) -> list[Plan]:
    """From which initial values the 2012 network leaves ln(classes), and how soon."""
    plan, profile = session.profile.plateau, session.profile
    stop = partial(left, partial(_classes, profile.dataset))
    grid = itertools.product(*(getattr(plan, name) for name in PLATEAU_FIELDS))
    fields = PLATEAU_FIELDS.values()
    cells = [dict(zip(fields, values, strict=True)) for values in grid]
    pairs = itertools.product(cells, range(plan.seeds))
    return [at_once([Run("plateau", cell, seed, stop=stop) for cell, seed in pairs])]


def _classes(dataset: str) -> int:
    return len(open_pack(dataset, "train").classes)


def left(classes: Callable[[], int], rows: list[Row]) -> str | None:
    """The reason to end a run whose loss has left the plateau.

    `classes` is called only for a run that goes on, so that one that has ended does not
    need its data.
    """
    if rows[-1]["epoch"] == 0 or on_plateau(rows[-1]["running_loss"], classes()):
        return None
    return left_plateau(classes())


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
