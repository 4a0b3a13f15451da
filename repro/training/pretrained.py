"""Initial weights from another run: of every layer but the last, which gives the logits.

A recipe names the other one's recipe (`pretrained`). Its run is the one with the same
changes of fields and the same seed, in the same runs folder:
`runs/transfer-finetuned+epochs=2/seed-1` starts from `runs/transfer-source+epochs=2/seed-1`.
"""

from pathlib import Path

from torch import Tensor, nn

from repro.data.packs import Pack
from repro.machine.ranks import ONE, Ranks
from repro.networks.build import weighted
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import Profile
from repro.recipes.recipe import Recipe
from repro.runs import folder
from repro.runs.folder import RunError, reports_root, run_folder
from repro.trained.run import open_finished, read_state

OWN = ("classes=", "pretrained=")  # changes that the other run does not share


def load_pretrained(
    network: nn.Sequential,
    recipe: Recipe,
    profile: Profile,
    pack: Pack,
    *,
    run: Path,
    seed: int,
    ranks: Ranks = ONE,
) -> dict[str, str]:
    """Load the weights that `recipe.pretrained` names; say of which run they are.

    Rank 0, which alone has the folders, reads them for all.

    Raises RunError with the command where that run or its weights are not there, where
    its network or images are others, and where `run` has begun from other weights.
    """
    start, state = ranks.by_first(lambda: _read(recipe, profile, pack, run, seed))
    _load(network, state, start)
    return start


def _read(
    recipe: Recipe, profile: Profile, pack: Pack, run: Path, seed: int
) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Which weights a run starts from, and their state."""
    source = source_of(run, recipe.pretrained, seed)
    again = f"`{_command(source, recipe.pretrained, profile, seed)}`"
    if folder.status(source) != "complete":
        find_recipe(recipe.pretrained)
        raise RunError(
            f"{run}: starts from {source}, which is {folder.status(source)}: {again}"
        )
    finished = open_finished(source)
    if not finished.has(finished.weights):
        raise RunError(
            f"{run}: starts from {source}, whose weights ({finished.weights}) are not "
            f"here: remove that folder, then {again}"
        )
    if finished.images != pack.manifest["images_sha256"]:
        raise RunError(
            f"{run}: starts from {source}, which was trained on other images than those "
            f"packed in {pack.folder}: remove that folder, then {again}"
        )
    start = {
        "run": f"{source.parent.name}/{source.name}",
        "weights": finished.weights,
        "sha256": finished.weights_sha256(),
    }
    _need_same_start(run, start)
    return start, read_state(source / finished.weights)


def source_of(run: Path, pretrained: str, seed: int) -> Path:
    """The folder of the run that `run` starts from."""
    here = run.resolve()
    shared = [c for c in here.parent.name.split("+")[1:] if not c.startswith(OWN)]
    return here.parents[1] / "+".join([pretrained, *shared]) / f"seed-{seed}"


def _command(source: Path, recipe: str, profile: Profile, seed: int) -> str:
    _, *changes = source.parent.name.split("+")
    words = f"repro train --profile {profile.name} --recipe {recipe} --seed {seed}"
    words += "".join(f" --set {change}" for change in changes)
    usual = run_folder(reports_root(), profile.name, source.parent.name, seed)
    return words if source == usual.resolve() else f"{words} --out {source}"


def _need_same_start(run: Path, start: dict[str, str]) -> None:
    """Of a run that has begun."""
    manifest = run / "manifest.json"
    if not manifest.exists():
        return
    recorded = folder.read_json(manifest).get("pretrained")
    if recorded != start:
        raise RunError(
            f"{run}: began from other weights of {start['run']} than are there now; "
            "remove the folder to train it again"
        )


def _load(
    network: nn.Sequential, state: dict[str, Tensor], start: dict[str, str]
) -> None:
    *_, last = dict(weighted(network))
    below = {
        name: value for name, value in state.items() if not name.startswith(f"{last}.")
    }
    own = network.state_dict()
    kept = {name: own[name] for name in own if name.startswith(f"{last}.")}
    try:
        network.load_state_dict(below | kept)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        weights = "/".join([start["run"], start["weights"]])
        raise RunError(f"{weights}: of another network: {reason}") from error
