"""The commands that would run what a claim about training lacks."""

from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Run, Runs

PROFILES = ("smoke", "cifar10", "tiny-imagenet", "imagenette", "imagenet")
PLATEAU_PROFILES = ("smoke", "cifar10", "tiny-imagenet")  # with `plateau`
TRANSFER_PROFILES = ("smoke", "cifar10")  # with cats and dogs


def train(runs: Runs, recipe: str, changes: str = "", seed: int = 0) -> str:
    """The command that trains `recipe` under the same changes."""
    asked = (
        f"repro train --profile {runs.profile} --recipe {recipe}{_settings(changes)}"
    )
    return f"{asked} --seed {seed}"


def _settings(changes: str) -> str:
    return "".join(f" --set {change}" for change in changes.split("+") if change)


def released(runs: Runs) -> str:
    """The command that runs R0 with the profile's seeds, or with one."""
    if runs.profile in PROFILES:
        return f"repro reproduce --profile {runs.profile} --experiments released"
    return train(runs, RELEASED)


def export(runs: Runs, run: Run) -> str:
    """The command that writes what analysis needs of a complete run."""
    folder = f"reports/{runs.profile}/runs/{run.folder.parent.name}/{run.folder.name}"
    return f"repro export {folder}"


def plateau(runs: Runs, changes: str = "") -> str | None:
    """The command that runs the plateau's grid in this profile, where it has one."""
    asked = f"repro reproduce --profile {runs.profile} --experiments plateau"
    asked += _settings(changes)
    return asked if runs.profile in PLATEAU_PROFILES else None


def transfer(runs: Runs) -> str:
    """The command that runs the exercise on cats and dogs; its classes are CIFAR-10's."""
    known = runs.profile in TRANSFER_PROFILES
    profile = runs.profile if known else TRANSFER_PROFILES[-1]
    return f"repro reproduce --profile {profile} --experiments transfer"
