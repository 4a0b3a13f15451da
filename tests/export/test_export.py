"""`export` end to end on tiny runs: every file, again, interrupted, refused."""

import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from repro.data.packs import PackMissing, open_pack
from repro.export import codes, steps
from repro.export.export import export
from repro.machine.process import Interrupted
from repro.networks.build import build_network
from repro.recipes.settings import override
from repro.runs import folder as runs
from repro.runs.exported import COMPARISON, FILES, LARGE
from repro.runs.folder import RunError
from repro.training.prepare import held_out
from tests.made.tiny_finished_run import (
    CPU,
    SMALL,
    SMALL_145,
    photographs_profile,
    write_finished_run,
    write_photographs,
)

SMALL_FILES = [name for name in FILES if name not in LARGE]


def silent(line):
    pass


@pytest.fixture(scope="module", autouse=True)
def few_steps():
    """Of the auto-encoders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codes, "STEPS", 2)
        yield


@pytest.fixture(scope="module")
def exported(data, trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "run"
    shutil.copytree(trained, folder)
    export(folder, device=CPU, data=data, say=silent)
    return folder


@pytest.fixture
def run(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "run")
    return tmp_path / "run"


def content(folder):
    """Of what two exports write alike: codes.csv without its seconds."""
    found = {name: (folder / name).read_bytes() for name in SMALL_FILES}
    table = pd.read_csv(folder / "codes.csv").drop(columns="seconds")
    return found | {"codes.csv": table.to_csv()}


def load(folder, name):
    with np.load(folder / name) as arrays:
        return dict(arrays)


def test_every_file_is_there_and_nothing_unfinished(trained, exported):
    made = {path.name for path in exported.iterdir()}
    made -= {path.name for path in trained.iterdir()}
    assert made == {*FILES}
    entry = runs.read_json(exported / "manifest.json")["export"]
    assert entry["weights"] == "best.pt"
    assert len(entry["weights_sha256"]) == 64
    assert entry["files"] == sorted(made)
    assert {"commit", "dirty", "versions", "hardware", "test_sha256"} < entry.keys()
    assert runs.status(exported) == "complete"


def test_errors_have_their_protocol_and_agree_with_the_epochs(exported):
    frame = pd.read_csv(exported / "errors.csv")
    assert frame["split"].tolist() == ["val", "val", "test", "test"]
    assert frame["views"].tolist() == [1, 10, 1, 10]
    assert frame["n"].tolist() == [100, 100, 30, 30]
    assert set(frame["weights"]) == {"best.pt"}
    assert set(frame["networks"]) == {1}
    assert "24 of 32 pixels" in frame["protocol"][0]
    best = runs.read_metrics(exported)["val_top1_error"].min()
    assert frame["top1_error"][0] == pytest.approx(best)


def test_predictions_give_the_errors_again(data, exported):
    arrays = load(exported, "predictions.npz")
    test = open_pack("cifar10-subset", "test", data)
    assert np.array_equal(arrays["labels"], test.labels)
    assert arrays["class_names"].tolist() == list(test.classes)
    frame = pd.read_csv(exported / "errors.csv").query("split == 'test'")
    for views, error in zip((1, 10), frame["top1_error"], strict=True):
        classes = arrays[f"classes_{views}"]
        assert classes.shape == arrays[f"probabilities_{views}"].shape == (30, 5)
        assert error == pytest.approx((classes[:, 0] != test.labels).mean())


def test_kernels_of_the_weights_and_of_the_epochs(exported):
    kernels = np.load(exported / "kernels.npy")
    assert kernels.shape == (8, 3, 5, 5)
    found = load(exported, "kernels-by-epoch.npz")
    assert found["epochs"].tolist()[0] == 0
    assert found["epochs"].tolist()[-1] == 3
    assert found["kernels"].shape[1:] == (8, 3, 5, 5)
    assert not np.array_equal(found["kernels"][0], found["kernels"][-1])
    layers = pd.read_csv(exported / "layers.csv")
    parameters = build_network(SMALL, classes=10, side=24).parameters()
    assert layers["parameters"].sum() == sum(p.numel() for p in parameters)


def test_undisturbed_images_have_the_errors_of_one_view(exported):
    frame = pd.read_csv(exported / "disturbed.csv")
    plain = pd.read_csv(exported / "errors.csv").query("split == 'test' and views == 1")
    errors = ["top1_error", "top5_error", "n"]
    assert frame["disturbance"][0] == "none"
    assert frame[errors].iloc[0].tolist() == pytest.approx(
        plain[errors].iloc[0].tolist()
    )
    assert set(frame["n"]) == {30} and len(frame) == 12


def test_neighbors_are_rows_of_the_packs(data, exported):
    found = load(exported, "neighbors.npz")
    train = open_pack("cifar10-subset", "train", data)
    test = open_pack("cifar10-subset", "test", data)
    assert found["features_index"].shape == (30, 16)
    held = held_out(train.labels, 10, by_class=True)
    assert not np.isin(found["features_index"], held).any()  # they are not searched
    assert found["database_size"] == 160
    for name in ("features", "pixels"):
        assert np.array_equal(
            found[f"{name}_label"], train.labels[found[f"{name}_index"]]
        )
    assert np.array_equal(found["query_label"], test.labels[found["query_index"]])
    query = test.images[found["query_index"][0]].astype(float)
    away = np.sqrt(((train.images - query) ** 2).sum((1, 2, 3)))
    away[held] = np.inf
    assert found["pixels_index"][0, 0] == away.argmin()
    assert found["pixels_distance"][0, 0] == pytest.approx(away.min())


def test_examples_show_queries_with_their_neighbors(data, exported):
    found, near = load(exported, "examples.npz"), load(exported, "neighbors.npz")
    keys = list(zip(found["split"].tolist(), found["index"].tolist(), strict=True))
    for row in near["features_index"][:5, :6].ravel().tolist():
        place = keys.index(("train", row))
        train = open_pack("cifar10-subset", "train", data)
        assert np.array_equal(found["images"][place], train.images[row])
    assert (exported / "examples.npz").stat().st_size < 500_000


def test_tables_of_probe_and_diagnosis(exported):
    probe = pd.read_csv(exported / "probe.csv")
    kinds = ["features", "pixels", "untrained features", "HOG"]
    assert probe["vectors"].tolist() == kinds
    assert probe["n"].tolist() == [30] * 4
    assert probe["dimensions"].tolist() == [144, 1728, 144, 9 * 2 * 2 * 6 * 6]
    table = pd.read_csv(exported / "diagnostics.csv")
    assert table["layer"].tolist() == ["conv1", "conv2", "conv3", "fc4"] * 2
    assert table["state"].tolist() == ["untrained"] * 4 + ["trained"] * 4
    assert (table["gradient_norm"] > 0).all()


def test_the_full_search_of_codes_finds_the_neighbors(exported):
    table = pd.read_csv(exported / "codes.csv")
    assert len(table) == 10
    near = load(exported, "neighbors.npz")
    for row in table[table["code"] == "none"].itertuples():
        own = near[f"{row.source}_label"][:, :6] == near["query_label"][:, None]
        assert row.precision_at_6 == pytest.approx(own.mean())
        assert np.isnan(row.bits) and row.n == 30


def test_features_are_rows_of_the_splits(exported):
    train = np.load(exported / "features-train.npy", mmap_mode="r")
    test = np.load(exported / "features-test.npy", mmap_mode="r")
    assert (train.shape, test.shape) == ((160, 144), (30, 144))
    assert train.dtype == test.dtype == np.float16


def test_again_is_a_no_op_and_a_removed_file_comes_back(data, exported, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(exported, folder)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    said = []
    export(folder, device=CPU, data=data, say=said.append)
    assert len(said) == 1
    after = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert after == before
    (folder / "errors.csv").unlink()
    export(folder, device=CPU, data=data, say=said.append)
    assert len(said) == 2 and "errors.csv" in said[1]
    assert content(folder) == content(exported)


def test_a_comparison_needs_no_features_and_can_be_completed(data, run, exported):
    export(run, device=CPU, data=data, comparison=True, say=silent)
    written = runs.read_json(run / "manifest.json")["export"]["files"]
    assert written == sorted(COMPARISON)
    assert not (run / "features-train.npy").exists()

    said = []
    export(run, device=CPU, data=data, comparison=True, say=said.append)
    assert len(said) == 1

    export(run, device=CPU, data=data, say=silent)
    assert content(run) == content(exported)


def test_a_clone_without_weights_is_left_alone_or_refused(exported, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(
        exported, folder, ignore=shutil.ignore_patterns("*.pt", "features-*")
    )
    said = []
    export(folder, device=CPU, data=tmp_path / "none", say=said.append)
    assert len(said) == 1
    (folder / "probe.csv").unlink()
    with pytest.raises(RunError, match="no weights here"):
        export(folder, device=CPU, say=silent)


def test_other_weights_are_exported_anew(data, exported, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(exported, folder)
    other = torch.load(folder / "best.pt", weights_only=True)
    other["fc4.bias"] += torch.arange(10.0) * 100  # all images look like class 9
    torch.save(other, folder / "best.pt")
    said = []
    export(folder, device=CPU, data=data, say=said.append)
    assert len(said) == len(steps.STEPS)
    before, after = (
        runs.read_json(path / "manifest.json")["export"]["weights_sha256"]
        for path in (exported, folder)
    )
    assert before != after
    assert (load(folder, "predictions.npz")["classes_1"][:, 0] == 9).all()


@pytest.mark.parametrize(
    ("step", "kind", "wanted"),
    [
        (0, KeyboardInterrupt(), Interrupted),
        (3, OSError(28, "No space left on device"), RunError),
    ],
)
def test_a_stopped_export_goes_on_from_there(
    data, run, exported, monkeypatch, step, kind, wanted
):
    """What was written before is kept; the end is that of one that was not stopped."""
    names, plain = list(steps.STEPS.items())[step]

    def struck(subject):
        raise kind

    monkeypatch.setitem(steps.STEPS, names, struck)
    with pytest.raises(wanted, match=str(run)):
        export(run, device=CPU, data=data, say=silent)
    entry = runs.read_json(run / "manifest.json").get("export", {})
    assert not set(names) & set(entry.get("files", []))
    monkeypatch.setitem(steps.STEPS, names, plain)
    said = []
    export(run, device=CPU, data=data, say=said.append)
    assert len(said) == len(steps.STEPS) - step
    assert content(run) == content(exported)


KILLED = """
import os, signal, sys
from pathlib import Path
from repro.export.export import export
from tests.made.tiny_finished_run import CPU
renames, plain = 0, os.replace
def counted(*arguments):
    global renames
    renames += 1
    if renames == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    plain(*arguments)
os.replace = counted
export(Path(sys.argv[1]), device=CPU, data=Path(sys.argv[2]))
"""


def test_sigkill_between_a_file_and_its_name_changes_nothing(data, run, exported):
    at = np.random.default_rng().integers(1, 12)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(run), str(data), str(at)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert [path for path in run.iterdir() if path.suffix == ".tmp"]
    export(run, device=CPU, data=data, say=silent)
    assert not [path for path in run.iterdir() if path.suffix == ".tmp"]
    assert content(run) == content(exported)


def test_weights_from_elsewhere_have_no_validation_errors(data, run):
    """What `repro.weights.imported` leaves: no epochs, no splits, data perhaps unknown."""
    manifest = runs.read_json(run / "manifest.json") | {"splits": {}, "data": None}
    runs.write_json(run / "manifest.json", manifest)
    runs.write_metrics(run, [])
    (run / "best.pt").unlink()
    export(run, device=CPU, data=data, say=silent)
    assert set(pd.read_csv(run / "errors.csv")["split"]) == {"test"}
    assert load(run, "kernels-by-epoch.npz")["epochs"].tolist() == [-1]


def test_splits_that_are_others_now_are_refused(data, run):
    manifest = runs.read_json(run / "manifest.json")
    runs.write_json(run / "manifest.json", manifest | {"splits": {"train": 200}})
    with pytest.raises(RunError, match="which are .*160.* now"):
        export(run, device=CPU, data=data, say=silent)


def test_what_cannot_be_exported_is_refused_in_one_line(data, run, tmp_path):
    with pytest.raises(RunError, match="no run here"):
        export(tmp_path / "none", device=CPU, data=data, say=silent)
    with pytest.raises(PackMissing, match="is not packed"):
        export(run, device=CPU, data=tmp_path / "none", say=silent)
    manifest = runs.read_json(run / "manifest.json")
    runs.write_json(run / "manifest.json", manifest | {"status": "running"})
    with pytest.raises(RunError, match="only a complete one"):
        export(run, device=CPU, data=data, say=silent)
    runs.write_json(run / "manifest.json", manifest)
    with runs.locked(run), pytest.raises(RunError, match="another process"):
        export(run, device=CPU, data=data, say=silent)
    assert not (run / "errors.csv").exists()


@pytest.mark.parametrize(
    ("side", "stem", "share", "classes", "outputs"),
    [
        (64, {"stem_stride": 2, "stem_padding": (5, 5)}, 1.0, 4, 0),
        (64, {"stem_stride": 2, "stem_padding": (5, 5)}, 0.5, 1, 0),
        (256, {}, 1.0, 7, 30),  # 23 outputs without images
    ],
)
def test_the_2012_network_at_56_and_224_pixels(
    tmp_path, side, stem, share, classes, outputs
):
    names = tuple(f"class {k}" for k in range(classes))
    for split, images in (("train", 24), ("test", 9)):
        write_photographs(
            tmp_path, "photographs", split, images=images, side=side, classes=names
        )
    recipe = override(SMALL_145, stem | {"train_share": share})
    profile = replace(photographs_profile(side), classes=outputs)
    run = tmp_path / "run"
    write_finished_run(run, tmp_path, recipe, profile)
    export(run, device=CPU, data=tmp_path, say=silent)
    predictions = load(run, "predictions.npz")
    outputs = max(outputs, classes)
    assert predictions["classes_10"].shape == (9, min(5, outputs))
    assert predictions["class_names"].tolist() == [*names, *[""] * (outputs - classes)]
    layers = pd.read_csv(run / "layers.csv", index_col="name")
    assert layers["shape"]["fc8"] == str(outputs)
    errors = pd.read_csv(run / "errors.csv")
    if classes == 1:
        assert (errors["top1_error"] == 0).all()
    if outputs <= 5:
        assert (errors["top5_error"] == 0).all()
    examples = load(run, "examples.npz")
    assert examples["images"].shape[1:] == (64, 64, 3)
    found = load(run, "neighbors.npz")
    assert found["features_index"].shape == (9, min(16, int(found["database_size"])))
    width = 2 * round(4096 * 0.03 / 2)
    assert np.load(run / "features-test.npy").shape == (9, width)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_an_export_on_cuda_agrees_with_the_cpu(data, run, exported):
    export(run, device=torch.device("cuda:0"), data=data, say=silent)
    ours, theirs = (load(path, "neighbors.npz") for path in (run, exported))
    assert np.array_equal(ours["pixels_index"], theirs["pixels_index"])
    np.testing.assert_allclose(
        ours["features_distance"], theirs["features_distance"], rtol=1e-2
    )
    ours, theirs = (pd.read_csv(path / "diagnostics.csv") for path in (run, exported))
    np.testing.assert_allclose(
        ours["gradient_norm"], theirs["gradient_norm"], rtol=1e-3
    )
    ours, theirs = (pd.read_csv(path / "errors.csv") for path in (run, exported))
    np.testing.assert_allclose(ours["top1_error"], theirs["top1_error"], atol=0.05)
