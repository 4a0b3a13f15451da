"""Weights from elsewhere become runs that compute what their authors' program does."""

from dataclasses import replace

import numpy as np
import pytest
import torch

onnx = pytest.importorskip("onnx")

from onnx import numpy_helper
from torchvision.models import alexnet
from torchvision.transforms.functional import normalize

from repro.data.packs import PackMissing, write_manifest, write_pack
from repro.networks.build import outputs
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import IMAGENETTE, SMOKE
from repro.recipes.settings import override
from repro.runs import folder
from repro.runs.folder import RunError
from repro.trained.run import load_run, open_finished, read_state
from repro.weights import read
from repro.weights.class_order import ImportRefused
from repro.weights.imported import import_weights
from repro.weights.onnx_files import export_onnx
from tests.made.bvlc_model import at_227, bvlc_model
from tests.made.onnx_oracle import (
    ROUNDING,
    as_input,
    distance,
    evaluated,
    lively,
    logits,
    views,
)
from tests.made.tiny_data import CLASSES
from tests.made.tiny_run import train_tiny_run


def quiet(line: str) -> None:
    pass


def imported(source, tmp_path, **options):
    options = {"profile": IMAGENETTE, "checked": False, "say": quiet} | options
    place = {"reports": tmp_path / "reports", "data": tmp_path / "data"}
    return import_weights(source, **(place | options))


def test_torchvisions_network_computes_the_same_here(tmp_path):
    theirs = lively(alexnet(weights=None, num_classes=1000))
    torch.save(theirs.state_dict(), tmp_path / "alexnet-owt.pth")
    run = imported(tmp_path / "alexnet-owt.pth", tmp_path)
    saved = load_run(open_finished(run), data=tmp_path)
    images = views(224)
    scaled = images.permute(0, 3, 1, 2) / 255
    with torch.inference_mode():
        wanted = theirs(normalize(scaled, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    assert distance(logits(saved, images), wanted.numpy()) < ROUNDING
    assert torch.equal(  # untouched
        saved.network.conv1.weight, theirs.state_dict()["features.0.weight"]
    )


def test_bvlc_alexnet_computes_the_same_here(tmp_path, monkeypatch):
    """At a sixteenth of its width; its own graph at 227 pixels is the oracle."""
    thin = override(find_recipe("caffe"), {"width": 1 / 16})
    monkeypatch.setattr(read, "find_recipe", {"caffe": thin}.get)
    model = bvlc_model(share=16)
    onnx.save(model, tmp_path / "bvlcalexnet-9.onnx")
    run = imported(tmp_path / "bvlcalexnet-9.onnx", tmp_path)
    saved = load_run(open_finished(run), data=tmp_path)
    images = views(227)
    mean = np.array([104.0069879317889, 116.66876761696767, 122.6789143406786])
    bgr = as_input(images.flip(3)) - mean.astype(np.float32)[:, None, None]
    assert distance(logits(saved, images), evaluated(at_227(model), bgr)) < ROUNDING
    manifest = folder.read_json(run / "manifest.json")
    assert manifest["weights"]["kind"].endswith("BGR pixels as Caffe's are")
    assert "minus 122.679, 116.669, 104.007" in manifest["protocol"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A run whose network tells tiny data apart, its data, and its ONNX file."""
    root = tmp_path_factory.mktemp("tiny")
    run, _ = train_tiny_run(root)
    saved = load_run(open_finished(run), data=root)
    tell_brightness(saved)
    for name in ("last.pt", "best.pt"):
        torch.save(saved.network.state_dict(), run / name)
    return run, root, export_onnx(run, root / "tiny.onnx", data=root)


@torch.inference_mode()
def tell_brightness(saved):
    """Let one map carry the brightness to the end, where the nearest class wins."""
    network, size = saved.network, saved.side
    for name in ("conv1", "conv2", "conv3", "fc4"):
        layer = getattr(network, name)
        layer.weight.zero_()
        layer.bias.zero_()
    network.conv1.weight[0, :, 2, 2] = 1 / 3
    network.conv1.bias[0] = 5  # above zero for every ReLU
    network.conv2.weight[0, 0, 2, 2] = network.conv3.weight[0, 0, 2, 2] = 1
    cut = slice(4, 4 + size)
    images = torch.from_numpy(saved.pack.images[:, cut, cut].copy())
    flat = outputs(network, saved.pixels.scale(images), {"flat"})["flat"]
    places = flat.shape[1] // network.conv3.out_channels
    value = flat[:, :places].mean(1)
    labels = torch.from_numpy(saved.pack.labels.copy())
    for k in range(10):
        centre = value[labels == k].mean()
        network.fc4.weight[k, :places] = 2 * centre / places
        network.fc4.bias[k] = -(centre**2)


def test_our_own_file_comes_back_identical(tiny, tmp_path):
    ours, data, file = tiny
    run = imported(file, tmp_path, profile=SMOKE, data=data, checked=True)
    there, here = read_state(ours / "best.pt"), read_state(run / "last.pt")
    assert list(there) == list(here)
    for name, value in there.items():
        assert torch.equal(value, here[name]), name
    one, two = (
        load_run(open_finished(ours), data=data),
        load_run(open_finished(run), data=tmp_path),
    )
    assert one.recipe == two.recipe
    assert torch.equal(one.pixels.mean, two.pixels.mean)
    assert torch.equal(one.pixels.divisor, two.pixels.divisor)


def test_the_folder_is_a_complete_run(tiny, tmp_path):
    _, data, file = tiny
    lines = []
    options = {"profile": SMOKE, "data": data, "checked": True, "say": lines.append}
    run = imported(file, tmp_path, **options)
    name = "tiny+weights=tiny"
    assert run == tmp_path / "reports" / "smoke" / "runs" / name / "seed-0"
    manifest = folder.read_json(run / "manifest.json")
    assert (manifest["status"], manifest["stop"]) == ("complete", "imported")
    assert manifest["weights"]["file"] == "tiny.onnx"
    assert len(manifest["weights"]["sha256"]) == 64
    assert manifest["command"] == "repro import tiny.onnx --profile smoke"
    assert str(tmp_path) not in (run / "manifest.json").read_text()
    assert folder.read_json(run / "recipe.json")["name"] == name
    assert len(folder.read_metrics(run)) == 0
    assert open_finished(run).weights == "last.pt"
    assert manifest["weights"]["canary"] == lines[0]
    assert "200 of 200" in lines[0]
    before = (run / "manifest.json").stat().st_mtime_ns
    imported(file, tmp_path, **options)
    assert (run / "manifest.json").stat().st_mtime_ns == before


def test_a_label_check_left_out_is_made_up_for(tiny, tmp_path):
    _, data, file = tiny
    run = imported(file, tmp_path, profile=SMOKE, data=data)
    assert folder.read_json(run / "manifest.json")["weights"]["canary"] == "skipped"
    imported(file, tmp_path, profile=SMOKE, data=data, checked=True)
    assert "200 of 200" in folder.read_json(run / "manifest.json")["weights"]["canary"]


def test_other_weights_of_the_same_name_are_refused(tiny, tmp_path):
    _, data, file = tiny
    imported(file, tmp_path, profile=SMOKE, data=data)
    model = onnx.load(file)
    model.doc_string = "another file"
    (tmp_path / "other").mkdir()
    onnx.save(model, tmp_path / "other" / "tiny.onnx")
    with pytest.raises(ImportRefused, match="sha256"):
        imported(tmp_path / "other" / "tiny.onnx", tmp_path, profile=SMOKE, data=data)


def shuffled(tiny, tmp_path):
    """The same images in a pack with its classes the other way round."""
    pack = load_run(open_finished(tiny[0]), data=tiny[1]).pack
    about = {"classes": CLASSES[::-1], "source": "made for tests", "resize": "none"}
    labels = 9 - pack.labels
    write_pack(SMOKE.dataset, "train", pack.images, labels, root=tmp_path, **about)
    return tmp_path


def test_the_names_of_the_classes_decide_and_not_their_order(tiny, tmp_path):
    data = shuffled(tiny, tmp_path)
    run = imported(tiny[2], tmp_path, profile=SMOKE, data=data, checked=True)
    there, here = read_state(tiny[0] / "last.pt"), read_state(run / "last.pt")
    assert torch.equal(here["fc4.bias"], there["fc4.bias"].flip(0))
    assert torch.equal(here["fc4.weight"], there["fc4.weight"].flip(0))


def test_a_wrong_list_of_classes_is_caught_and_leaves_nothing(tiny, tmp_path):
    wrong = tmp_path / "list.txt"
    wrong.write_text("\n".join(CLASSES[::-1]))
    options = {"profile": SMOKE, "data": tiny[1], "classes": wrong, "checked": True}
    with pytest.raises(ImportRefused, match="order of the classes"):
        imported(tiny[2], tmp_path, **options)
    assert not (tmp_path / "reports").exists()


def test_some_classes_of_a_larger_network(tiny, tmp_path):
    """As Imagenette's ten are among ImageNet's thousand."""
    synsets = [f"n{k:08}" for k in range(10)]
    (tmp_path / "synsets.txt").write_text("\n".join(f"{s} some name" for s in synsets))
    images, labels = np.zeros((3, 32, 32, 3), np.uint8), np.arange(3)
    about = {"classes": ("a", "b", "c"), "source": "made for tests", "resize": "none"}
    pack = write_pack(SMOKE.dataset, "train", images, labels, root=tmp_path, **about)
    write_manifest(
        pack.folder, pack.manifest | {"synsets": [synsets[k] for k in (7, 3, 9)]}
    )
    larger = replace(SMOKE, classes=1000)  # outputs of a network trained here
    options = {"profile": larger, "data": tmp_path}
    run = imported(tiny[2], tmp_path, classes=tmp_path / "synsets.txt", **options)
    assert len(load_run(open_finished(run), data=tmp_path).network.fc4.bias) == 3
    bias = read_state(tiny[0] / "last.pt")["fc4.bias"]
    assert torch.equal(read_state(run / "last.pt")["fc4.bias"], bias[[7, 3, 9]])
    with pytest.raises(ImportRefused, match="such as 'a'"):
        imported(tiny[2], tmp_path, **options)


def with_array(name, change):
    def save(tiny, path):
        model = onnx.load(tiny[2])
        stored = next(s for s in model.graph.initializer if s.name == name)
        array = change(numpy_helper.to_array(stored).copy())
        stored.CopyFrom(numpy_helper.from_array(array, name))
        onnx.save(model, path / "some.onnx")
        return path / "some.onnx"

    return save


def one_nan(array):
    array.reshape(-1)[3] = np.nan
    return array


def unknown(tiny, path):
    (path / "some.npz").write_bytes(b"")
    return path / "some.npz"


def absent(tiny, path):
    return path / "some.onnx"


def damaged(tiny, path):
    model = onnx.load(tiny[2])
    next(p for p in model.metadata_props if p.key == "recipe.json").value = "{}"
    onnx.save(model, path / "some.onnx")
    return path / "some.onnx"


def without_a_weight(tiny, path):
    model = onnx.load(tiny[2])
    stored = model.graph.initializer
    stored.remove(next(s for s in stored if s.name == "conv2.bias"))
    onnx.save(model, path / "some.onnx")
    return path / "some.onnx"


def of_another_size(tiny, path):
    return tiny[2]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            with_array("conv2.weight", lambda array: array[:, :5]),
            "conv2.weight is (8, 5, 5, 5)",
        ),
        (
            with_array("conv1.weight", np.float16),
            "conv1.weight is torch.float16",
        ),
        (
            with_array("conv3.bias", one_nan),
            "conv3.bias holds",
        ),
        (unknown, "unknown kind of file"),
        (absent, "no such file"),
        (damaged, "damaged"),
        (without_a_weight, "conv2.bias is missing"),
        (of_another_size, "24 x 24 pixels"),
    ],
)
def test_what_does_not_fit_is_one_line(tiny, tmp_path, make, said):
    with pytest.raises(ImportRefused) as refused:
        imported(make(tiny, tmp_path), tmp_path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "reports").exists()


def test_without_data_there_is_no_label_check(tiny, tmp_path):
    with pytest.raises(PackMissing, match="--no-canary"):
        imported(tiny[2], tmp_path, profile=SMOKE, checked=True)


def test_a_folder_of_another_run_is_left_alone(tiny, tmp_path):
    _, data, file = tiny
    run = imported(file, tmp_path, profile=SMOKE, data=data)
    (run / "manifest.json").unlink()
    record = folder.read_json(run / "recipe.json")
    folder.write_json(run / "recipe.json", record | {"seed": 7})
    with pytest.raises(RunError, match="seed is 7"):
        imported(file, tmp_path, profile=SMOKE, data=data)
