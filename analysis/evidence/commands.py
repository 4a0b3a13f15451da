"""The commands that would run what a claim about training lacks."""

from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Run, Runs

PROFILES = ("smoke", "cifar10", "tiny-imagenet", "imagenette", "imagenet")
PLATEAU_PROFILES = ("smoke", "cifar10", "tiny-imagenet")  # with `plateau`
PLAIN = ("crop=centre", "flip=false", "colour_noise=none", "colour_divisor=1")


def train(runs: Runs, recipe: str, changes: str = "") -> str:
    """The command that trains `recipe` under the same changes."""
    asked = f"repro train --profile {runs.profile} --recipe {recipe} --seed 0"
    return asked + _settings(changes)


def _settings(changes: str) -> str:
    return "".join(f" --set {change}" for change in changes.split("+") if change)


def released(runs: Runs) -> str:
    """The command that runs R0 with the profile's seeds, or with one."""
    if runs.profile in PROFILES:
        return f"repro reproduce --profile {runs.profile} --experiments released"
    return train(runs, RELEASED)


def without_augmentation(runs: Runs) -> str:
    """The command of a short run whose speed is that without augmentation."""
    return train(runs, RELEASED, "+".join([*PLAIN, "epochs=3"]))


def export(runs: Runs, run: Run) -> str:
    """The command that writes what analysis needs of a complete run."""
    folder = f"reports/{runs.profile}/runs/{run.folder.parent.name}/{run.folder.name}"
    return f"repro export {folder}"


def plateau(runs: Runs, changes: str = "") -> str | None:
    """The command that runs the plateau's grid in this profile, where it has one."""
    asked = f"repro reproduce --profile {runs.profile} --experiments plateau"
    asked += _settings(changes)
    return asked if runs.profile in PLATEAU_PROFILES else None
