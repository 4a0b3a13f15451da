"""The runs that a profile asks for, one after another; what is done is skipped."""

import itertools
from collections.abc import Callable
from functools import partial

from repro.laboratory import Laboratory
from repro.metrics import Row
from repro.packs import open_pack
from repro.presets import TRANSFER
from repro.profiles import ProfileError
from repro.rate_search import activations, activations_further
from repro.watchdog import on_plateau


def reproduce(laboratory: Laboratory, experiments: tuple[str, ...]) -> None:
    """Run the named experiments; raises ProfileError on one the profile lacks."""
    known = laboratory.profile.experiments + laboratory.profile.on_request
    for name in experiments:
        if name not in known:
            raise ProfileError(
                f"unknown experiment {name!r} for profile "
                f"{laboratory.profile.name!r}; known: {', '.join(known)}"
            )
    profile = laboratory.profile
    laboratory.say(f"{profile.name}: {', '.join(experiments)}; cost: {profile.cost}")
    for name in experiments:
        EXPERIMENTS[name](laboratory)


def released(laboratory: Laboratory) -> None:
    """R0, the run behind the paper's tables, with the profile's seeds; their average."""
    seeds = range(laboratory.profile.seeds)
    for seed in seeds:
        laboratory.run_and_export("released-145", {}, seed)
    if len(seeds) > 1:
        laboratory.average("released-145", seeds)


def ablations(laboratory: Laboratory) -> None:
    """The profile's variants of R0, seed by seed, so that pairs are complete early."""
    profile = laboratory.profile
    for seed in range(profile.ablation_seeds):
        for name in profile.ablations:
            laboratory.run_and_export(name, {}, seed, comparison=True)


def normalisation(laboratory: Laboratory) -> None:
    """Section 3.3's 13 % and 11 % on CIFAR-10: the published pair, and a strict toggle.

    The published nets differ in more than normalisation; the 13 % net with the other
    one's normalisation differs in nothing else.
    """
    toggled = {"normaliser": "cross-map", "k": 1.0, "size": 9, "alpha": 0.001}
    for seed in range(laboratory.profile.ablation_seeds):
        laboratory.run_and_export("cifar-13pct", {}, seed, comparison=True)
        laboratory.run_and_export("cifar-13pct", toggled, seed, comparison=True)
        laboratory.run_and_export("cifar-11pct", {}, seed, comparison=True)


def transfer(laboratory: Laboratory) -> None:
    """Cats against dogs: from a network trained on the other classes, and from none."""
    for seed in range(laboratory.profile.ablation_seeds):
        for name in TRANSFER:
            laboratory.run_and_export(name, {}, seed, comparison=True)


def plateau(laboratory: Laboratory) -> None:
    """From which initial values the 2012 network leaves ln(classes), and how soon."""
    plan, profile = laboratory.profile.plateau, laboratory.profile
    stop = partial(left, lambda: len(open_pack(profile.dataset, "train").classes))
    grid = itertools.product(plan.input_scales, plan.middle_stds, plan.positive_biases)
    for input_scale, middle_std, positive_bias in grid:
        changes = {
            "input_scale": input_scale,
            "middle_std": middle_std,
            "positive_bias": positive_bias,
        }
        for seed in range(plan.seeds):
            laboratory.run("plateau", changes, seed, stop=stop)


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
    "activations": activations,
    "activations-further": activations_further,
    "normalisation": normalisation,
    "plateau": plateau,
    "transfer": transfer,
}
