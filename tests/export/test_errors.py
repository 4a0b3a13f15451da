"""Errors and top five agree with the measurement after each epoch."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from repro.data.batches import Split
from repro.data.views import Pixels
from repro.export.errors import TopFive, protocol_of, save_errors, top_five
from repro.recipes.recipe import Augmentation
from repro.trained.classifier import Classifier
from repro.training.evaluate import evaluate

CPU = torch.device("cpu")
WHOLE = Augmentation(crop="whole")
PIXELS = Pixels(torch.zeros(2, 2, 3), torch.full((3,), 100.0), torch.zeros(3, 3))


def classifier(classes, *, constant=False):
    torch.manual_seed(0)
    last = nn.Linear(12, classes)
    if constant:
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
    return Classifier(nn.Sequential(nn.Flatten(), last), WHOLE, PIXELS)


def split(classes, images=300):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, size=(images, 2, 2, 3), dtype=np.uint8)
    return Split(pixels, rng.integers(0, classes, size=images), np.arange(images))


@pytest.mark.parametrize("constant", [False, True])
def test_one_view_agrees_with_the_training_loop(constant):
    """Also where all classes are equally probable: the earlier ones go first."""
    one, images = classifier(10, constant=constant), split(10)
    found = top_five([one], images, 1, CPU).errors()
    measured = evaluate(one.network, images, WHOLE, PIXELS, device=CPU)
    assert found["top1_error"] == pytest.approx(measured["top1_error"])
    assert found["top5_error"] == pytest.approx(measured["top5_error"])
    assert found["n"] == 300


def test_top_five_are_sorted_and_belong_to_their_images():
    one, images = classifier(10), split(10)
    top = top_five([one], images, 1, CPU)
    assert top.classes.shape == top.probabilities.shape == (300, 5)
    assert (np.diff(top.probabilities.astype(float), axis=1) <= 0).all()
    assert np.array_equal(top.labels, images.labels)
    x = images.images.reshape(300, 2, 2, 3).transpose(0, 3, 1, 2).reshape(300, 12)
    logits = one.network(torch.from_numpy(x / 100).float())
    assert np.array_equal(top.classes[:, 0], logits.argmax(1).numpy())
    assert {top.classes.dtype, top.labels.dtype} == {np.dtype(np.uint16)}
    assert top.probabilities.dtype == np.float16


def test_fewer_than_five_classes():
    top = top_five([classifier(3)], split(3), 10, CPU)
    assert top.classes.shape == (300, 3)
    assert top.errors()["top5_error"] == 0


def test_errors_by_hand_and_not_a_number_is_wrong():
    classes = np.array([[2, 0, 1], [1, 0, 2], [0, 1, 2], [0, 1, 2]], np.uint16)
    shares = np.full((4, 3), 1 / 3, np.float16)
    shares[3] = np.nan
    top = TopFive(np.array([2, 2, 1, 0], np.uint16), classes, shares)
    assert top.errors() == {"top1_error": 0.75, "top5_error": 0.25, "n": 4}


def test_both_files_hold_what_was_found(tmp_path):
    """Of validation images the errors alone, of test images also the classes."""
    classes = np.array([[1, 0], [1, 0]], np.uint16)
    shares = np.array([[0.75, 0.25]] * 2, np.float16)
    val, test = (
        TopFive(np.array(labels, np.uint16), classes, shares)
        for labels in ([1, 0], [1, 1])
    )
    save_errors(
        tmp_path,
        {("val", 1): val, ("test", 1): test, ("test", 10): val},
        ("cat", "dog"),
        weights="last.pt",
        networks=3,
        protocol=lambda views: f"{views} views",
    )
    frame = pd.read_csv(tmp_path / "errors.csv")
    assert list(frame) == [
        *("split", "views", "top1_error", "top5_error", "n"),
        *("weights", "networks", "protocol"),
    ]
    assert frame["top1_error"].tolist() == [0.5, 0.0, 0.5]
    assert frame["protocol"].tolist() == ["1 views", "1 views", "10 views"]
    with np.load(tmp_path / "predictions.npz") as arrays:
        assert arrays["class_names"].tolist() == ["cat", "dog"]
        assert np.array_equal(arrays["classes_1"], classes)
        assert np.array_equal(arrays["probabilities_10"], shares)
        assert {name for name in arrays if name.startswith("classes")} == {
            *("classes_1", "classes_10")
        }


def test_the_protocol_names_the_pixels_that_are_seen():
    assert "28 of 32 pixels" in protocol_of(1, 28, 32)
    assert "224 of 256 pixels" in protocol_of(10, 224, 256)
