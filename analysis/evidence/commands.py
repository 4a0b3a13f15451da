"""The commands that run, train or export what a claim or a figure still needs."""

from analysis.evidence.curves import RELEASED, setting
from analysis.evidence.data_sets import PROFILES
from analysis.evidence.runs import Run, Runs

PLATEAU_PROFILES = ("smoke", "cifar10", "tiny-imagenet")  # with `plateau`
TRANSFER_PROFILES = ("smoke", "cifar10")  # with cats and dogs


def train(runs: Runs, recipe: str, changes: str = "", seed: int = 0) -> str:
    """The command that trains `recipe` under the same changes."""
    asked = (
        f"repro train --profile {runs.profile} --recipe {recipe}{_settings(changes)}"
    )
    return f"{asked} --seed {seed}"


def more_seeds(runs: Runs, recipe: str, changes: str, wanted: int) -> list[str]:
    """The commands that train `recipe` until `wanted` seeds of it are complete."""
    done = {run.seed for run in runs.complete if setting(run) == (recipe, changes)}
    free = [seed for seed in range(wanted) if seed not in done]
    lacking = max(0, wanted - len(done))
    return [train(runs, recipe, changes, seed) for seed in free[:lacking]]


def _settings(changes: str) -> str:
    return "".join(f" --set {change}" for change in changes.split("+") if change)


def reproduce(profile: str, *experiments: str) -> str:
    """The command that runs these experiments of a profile."""
    return f"repro reproduce --profile {profile} --experiments {','.join(experiments)}"


def released(runs: Runs) -> str:
    """The command that runs R0 with the profile's seeds, or with one."""
    if runs.profile in PROFILES:
        return reproduce(runs.profile, "released")
    return train(runs, RELEASED)


def export(runs: Runs, run: Run) -> str:
    """The command that writes what analysis needs of a complete run."""
    folder = f"reports/{runs.profile}/runs/{run.folder.parent.name}/{run.folder.name}"
    return f"repro export {folder}"


def plateau(runs: Runs, changes: str = "") -> str | None:
    """The command that runs the plateau's grid in this profile, where it has one."""
    asked = reproduce(runs.profile, "plateau") + _settings(changes)
    return asked if runs.profile in PLATEAU_PROFILES else None


def transfer(runs: Runs) -> str:
    """The command that runs the exercise on cats and dogs; its classes are CIFAR-10's."""
    known = runs.profile in TRANSFER_PROFILES
    return reproduce(runs.profile if known else TRANSFER_PROFILES[-1], "transfer")
