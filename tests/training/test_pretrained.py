"""Initial weights from another run: which ones, and what is told when they are gone."""

import shutil

import numpy as np
import pytest
import torch

from repro.data.packs import open_pack
from repro.export.export import export
from repro.machine.devices import Compute
from repro.recipes.presets import RECIPES, TRANSFER
from repro.recipes.profiles import CIFAR10, SMOKE, configured
from repro.recipes.recipe import RecipeError
from repro.recipes.settings import override, parse_override
from repro.runs import folder as runs
from repro.runs.folder import RunError
from repro.trained.run import open_finished, read_state
from repro.training.prepare import prepare
from repro.training.pretrained import source_of
from repro.training.train import train
from tests.made.tiny_finished_run import (
    CPU,
    SMALL,
    write_finished_run,
    write_photographs,
)

PAIR = ("class 2", "class 7")
OTHERS = tuple(f"class {k}" for k in range(10) if f"class {k}" not in PAIR)
SOURCE = override(SMALL, {"classes": OTHERS, "epochs": 2})
SCRATCH = override(SMALL, {"classes": PAIR, "epochs": 2})
TUNED = override(SCRATCH, {"pretrained": "transfer-source"})


@pytest.fixture(scope="module")
def trained(data):
    folder = data / "runs"
    for name, recipe in zip(TRANSFER, (SOURCE, SCRATCH, TUNED), strict=True):
        write_finished_run(folder / name / "seed-1", data, recipe)
    return folder


@pytest.fixture
def folder(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "runs")
    shutil.rmtree(tmp_path / "runs" / "transfer-finetuned")
    return tmp_path / "runs"


def initial(recipe, run, data, seed=1):
    pack = open_pack(SMOKE.dataset, "train", data)
    return prepare(recipe, SMOKE, pack, seed=seed, run=run, compute=Compute(CPU))


def tune(folder, data, recipe=TUNED, **options):
    train(
        recipe,
        SMOKE,
        name="tuned",
        seed=1,
        run=folder / "transfer-finetuned" / "seed-1",
        compute=Compute(CPU),
        data=data,
        say=lambda line: None,
        **options,
    )


def test_all_layers_but_the_last_start_from_the_other_runs_weights(trained, data):
    run = trained / "transfer-finetuned" / "seed-1"
    source = trained / "transfer-source" / "seed-1"
    tuned = initial(TUNED, run, data).network.state_dict()
    scratch = initial(SCRATCH, run, data).network.state_dict()
    chosen = read_state(source / "best.pt")
    last = list(tuned)[-1].split(".")[0]
    for name, value in tuned.items():
        own = name.split(".")[0] == last
        assert torch.equal(value, (scratch if own else chosen)[name]), name
    assert len(tuned[f"{last}.bias"]) == 2 and len(chosen[f"{last}.bias"]) == 8


def test_the_manifest_says_which_run_and_which_weights(trained):
    manifest = runs.read_json(trained / "transfer-finetuned/seed-1/manifest.json")
    source = open_finished(trained / "transfer-source" / "seed-1")
    assert manifest["pretrained"] == {
        "run": "transfer-source/seed-1",
        "weights": "best.pt",
        "sha256": source.weights_sha256(),
    }
    scratch = runs.read_json(trained / "transfer-scratch/seed-1/manifest.json")
    assert "pretrained" not in scratch


def test_the_first_row_is_of_the_loaded_weights(trained):
    """One step away the rows differ: the arms are not the same run twice."""
    tuned, scratch = (
        runs.read_metrics(trained / name / "seed-1")
        for name in ("transfer-finetuned", "transfer-scratch")
    )
    assert tuned["val_loss"][0] != scratch["val_loss"][0]
    assert tuned["step"].tolist() == scratch["step"].tolist()


def test_a_stopped_run_goes_on_to_the_same_end(trained, folder, data):
    tune(folder, data, pause=1)
    tune(folder, data)
    run = "transfer-finetuned/seed-1/last.pt"
    ours, theirs = (read_state(root / run) for root in (folder, trained))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_it_is_exported_with_its_own_initial_values(trained, data):
    run = trained / "transfer-finetuned" / "seed-1"
    export(run, device=CPU, comparison=True, data=data, say=lambda line: None)
    with open(run / "kernels-by-epoch.npz", "rb") as file:
        first = torch.from_numpy(np.load(file)["kernels"][0])
    chosen = read_state(trained / "transfer-source" / "seed-1" / "best.pt")
    assert torch.equal(first, next(iter(chosen.values())))


@pytest.mark.parametrize(
    ("run", "source"),
    [
        ("tuned/seed-3", "transfer-source/seed-3"),
        (
            "tuned+classes=a,b+epochs=2+pretrained=x+width=0.5/seed-0",
            "transfer-source+epochs=2+width=0.5/seed-0",
        ),
    ],
)
def test_its_run_has_the_same_changes_and_seed(tmp_path, run, source):
    seed = int(run[-1])
    assert source_of(tmp_path / run, "transfer-source", seed) == tmp_path / source


def test_a_run_that_is_not_there_is_told_with_its_command(folder, data):
    source = folder / "transfer-source" / "seed-1"
    runs.write_json(
        source / "manifest.json",
        runs.read_json(source / "manifest.json") | {"status": "running"},
    )
    with pytest.raises(
        RunError, match="which is running: `repro train --profile smoke"
    ):
        tune(folder, data)
    shutil.rmtree(source)
    command = f"--recipe transfer-source --seed 1 --out {source}`"
    with pytest.raises(RunError, match=f"which is absent: .* {command}"):
        tune(folder, data)


def test_the_usual_folder_needs_no_out(folder, data, monkeypatch):
    monkeypatch.setenv("REPRO_REPORTS", str(folder))
    run = runs.run_folder(folder, "smoke", "transfer-finetuned+epochs=3", 1)
    with pytest.raises(RunError, match="source --seed 1 --set epochs=3`$"):
        initial(TUNED, run, data)


def test_a_name_that_is_no_recipe_is_told(folder, data):
    with pytest.raises(RecipeError, match="unknown recipe 'nothing'; known: released"):
        tune(folder, data, override(TUNED, {"pretrained": "nothing"}))


def test_weights_that_are_gone_or_changed(folder, data):
    source = folder / "transfer-source" / "seed-1"
    tune(folder, data, pause=1)
    shutil.copy(source / "last.pt", source / "best.pt")  # as if trained anew
    with pytest.raises(
        RunError, match="began from other weights of transfer-source/se"
    ):
        tune(folder, data)
    (source / "best.pt").unlink()
    (source / "last.pt").unlink()
    with pytest.raises(RunError, match=r"\(last.pt\) are not here: remove that folder"):
        tune(folder, data)


def test_another_network_or_other_images(folder, data, tmp_path):
    with pytest.raises(RunError, match="best.pt: of another network: size mismatch"):
        tune(folder, data, override(TUNED, {"width": 0.5}))
    write_photographs(tmp_path, "cifar10-subset", "train", images=260, side=32)
    with pytest.raises(RunError, match="trained on other images than those packed in"):
        initial(TUNED, folder / "transfer-finetuned" / "seed-1", tmp_path)


def test_the_homework_differs_in_its_start_alone():
    source, scratch, tuned = TRANSFER.values()
    assert override(tuned, {"pretrained": ""}) == scratch
    assert RECIPES["transfer-finetuned"].pretrained in RECIPES
    assert not set(source.classes) & set(scratch.classes)
    assert len({*source.classes, *scratch.classes}) == 10
    steps = {
        name: configured(recipe, CIFAR10, {}).optimisation.epochs
        * len(recipe.classes or range(10))
        for name, recipe in RECIPES.items()
        if name in ("released-145", "transfer-scratch", "transfer-finetuned")
    }
    assert set(steps.values()) == {15 * 10}  # as many images seen as by R0


def test_classes_on_the_command_line():
    assert parse_override("classes=cat,dog") == ("classes", ("cat", "dog"))
    assert parse_override("pretrained=R") == ("pretrained", "R")
