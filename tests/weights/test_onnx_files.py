"""From a run folder to an ONNX file: complete, whole or not at all."""

import json

import numpy as np
import pytest
import torch

onnx = pytest.importorskip("onnx")

from repro.data.views import centre_views
from repro.runs import folder as runs
from repro.runs.folder import RunError
from repro.trained.run import load_run, open_finished
from repro.weights.onnx_files import arrays, export_onnx, metadata, open_model
from repro.weights.onnx_graph import OnnxError
from tests.made.onnx_oracle import ROUNDING, as_input, distance, evaluated
from tests.made.tiny_data import CLASSES, write_tiny_data
from tests.made.tiny_run import train_tiny_run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A trained run and its data."""
    root = tmp_path_factory.mktemp("trained")
    return train_tiny_run(root)[0], root


def test_the_file_alone_takes_images_to_what_the_run_says(trained, tmp_path):
    run, data = trained
    target = export_onnx(run, tmp_path / "tiny.onnx", data=data)
    saved = load_run(open_finished(run), data=data)
    images = centre_views(
        torch.from_numpy(saved.pack.images[:4].copy()), saved.recipe.augmentation
    )
    with torch.inference_mode():
        logits = saved.network(saved.pixels.scale(images))
    model = open_model(target)
    found = evaluated(model, as_input(images), "logits")
    assert distance(found, logits.numpy()) < ROUNDING
    probabilities = evaluated(model, as_input(images), "probabilities")
    assert probabilities == pytest.approx(logits.softmax(1).numpy(), abs=1e-6)


def test_it_says_what_it_is(trained, tmp_path):
    run, data = trained
    model = open_model(export_onnx(run, tmp_path / "tiny.onnx", data=data))
    about = metadata(model)
    assert about["recipe"] == "tiny"
    assert json.loads(about["recipe.json"]) == runs.read_json(run / "recipe.json")
    assert json.loads(about["classes"]) == list(CLASSES)
    assert "N x 3 x 24 x 24" in about["pixels"]
    assert model.opset_import[0].version == 17


def test_parameters_are_those_of_the_checkpoint_that_was_asked_for(trained, tmp_path):
    run, data = trained
    for checkpoint in ("last.pt", "best.pt"):
        saved = load_run(open_finished(run), checkpoint=checkpoint, data=data)
        file = tmp_path / "tiny.onnx"
        export_onnx(run, file, checkpoint=checkpoint, data=data)
        model = open_model(file)
        assert metadata(model)["checkpoint"] == checkpoint
        stored = arrays(model)
        for name, value in saved.network.state_dict().items():
            assert np.array_equal(stored[name], value.numpy()), name


def test_the_same_run_gives_the_same_bytes(trained, tmp_path):
    run, data = trained
    one = export_onnx(run, tmp_path / "one.onnx", data=data)
    two = export_onnx(run, tmp_path / "two.onnx", data=data)
    assert one.read_bytes() == two.read_bytes()
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "one.onnx",
        "two.onnx",
    ]


def test_by_default_the_weights_are_those_of_the_other_exports(trained, tmp_path):
    run, data = trained
    model = open_model(export_onnx(run, tmp_path / "tiny.onnx", data=data))
    assert metadata(model)["checkpoint"] == open_finished(run).weights == "best.pt"


def test_the_mean_image_is_not_taken_from_other_data(trained, tmp_path):
    write_tiny_data(tmp_path, images=250)
    with pytest.raises(RunError, match="other images than those packed"):
        export_onnx(trained[0], tmp_path / "tiny.onnx", data=tmp_path)


def test_bad_input_is_one_line(trained, tmp_path, monkeypatch):
    run, data = trained
    (tmp_path / "empty").mkdir()
    refused = [
        (run, tmp_path / "tiny.pb", "must end in .onnx"),
        (run, tmp_path / "not here" / "tiny.onnx", "cannot write"),
        (tmp_path / "empty", tmp_path / "tiny.onnx", "no run here"),
    ]
    for folder, target, said in refused:
        with pytest.raises((OnnxError, RunError)) as error:
            export_onnx(folder, target, data=data)
        assert said in str(error.value)
        assert "\n" not in str(error.value)
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(OnnxError, match=r"pip install -e '.\[export\]'"):
        export_onnx(run, tmp_path / "tiny.onnx", data=data)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x08"])
def test_a_file_that_is_no_model_is_one_line(tmp_path, content):
    file = tmp_path / "some.onnx"
    file.write_bytes(content)
    with pytest.raises(OnnxError, match="not an ONNX file") as error:
        open_model(file)
    assert "\n" not in str(error.value)
    with pytest.raises(OnnxError, match="cannot read"):
        open_model(tmp_path / "none.onnx")
