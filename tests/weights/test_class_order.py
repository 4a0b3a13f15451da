"""Lists of classes, rows by name, and the label check's arithmetic."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from repro.data.views import Pixels
from repro.recipes.recipe import Augmentation
from repro.weights.class_order import (
    ImportRefused,
    check_labels,
    luck,
    read_classes,
    rows_of,
)


def pack(classes, images=200, **manifest):
    """A pack whose images have their label as the colour of every pixel."""
    labels = np.arange(images) % len(classes)
    pixels = np.broadcast_to(labels[:, None, None, None], (images, 4, 4, 3))
    manifest = {"dataset": "colours"} | manifest
    return SimpleNamespace(
        classes=tuple(classes),
        manifest=manifest,
        labels=labels,
        images=np.array(pixels, np.uint8),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("n00000002 tench, Tinca\nn00000001\tcrane\n", ("n00000002", "n00000001")),
        ("great white shark\n\n cat \n", ("great white shark", "cat")),
        ("n00000002 tench\ncat\n", ("n00000002 tench", "cat")),
    ],
)
def test_a_list_is_of_synsets_or_of_names(tmp_path, text, found):
    (tmp_path / "list.txt").write_text(text)
    assert read_classes(tmp_path / "list.txt") == found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\n \n", "an empty list"),
        (b"a\nb\na\n", "'a' is listed twice"),
        (b"\xff\xfe\x00", "not a readable text file"),
        (None, "not a readable text file"),
    ],
)
def test_a_bad_list_is_one_line(tmp_path, content, said):
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImportRefused) as refused:
        read_classes(path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_rows_follow_the_names_of_the_pack():
    birds = pack(["crane", "heron"], synsets=["n00000001", "n00000002"])
    assert rows_of(birds, 2, None) == [0, 1]
    assert rows_of(birds, 3, ("heron", "cat", "crane")) == [2, 0]
    assert rows_of(birds, 3, ("n00000009", "n00000002", "n00000001")) == [2, 1]


@pytest.mark.parametrize(
    ("outputs", "listed", "said"),
    [
        (1000, None, "1000 classes"),
        (3, ("a", "b"), "names 2 classes"),
        (3, ("a", "b", "crane"), "1 of the 2 classes"),
    ],
)
def test_an_order_that_cannot_be_known_is_refused(outputs, listed, said):
    with pytest.raises(ImportRefused) as refused:
        rows_of(pack(["crane", "heron"]), outputs, listed)
    assert said in str(refused.value)


class Colours(nn.Module):
    """Logits that are largest for the class whose number is the first pixel."""

    def __init__(self, order):
        super().__init__()
        self.order = torch.tensor(order, dtype=torch.float)

    def forward(self, x):
        return -((x[:, 0, 0, :1] - self.order) ** 2)


WHOLE = Augmentation(crop="whole")
AS_STORED = Pixels(torch.zeros(4, 4, 3), torch.ones(3), torch.zeros(3, 3))


def label_check(order, images=200):
    classes = [f"class {k}" for k in range(len(order))]
    return check_labels(Colours(order), pack(classes, images), WHOLE, AS_STORED)


def test_the_label_check_lets_a_good_order_pass_and_says_how_good():
    said = label_check(range(10))
    assert "200 of 200" in said and "20 by chance" in said


@pytest.mark.parametrize(
    "order",
    [
        [*range(1, 10), 0],  # moved by one
        [*range(9, -1, -1)],  # backwards
        [0, 1, *range(9, 1, -1)],  # 20 % right
        [99, 0],  # one answer, two classes
    ],
)
def test_the_label_check_refuses_another_order(order):
    with pytest.raises(ImportRefused, match="order of the classes") as refused:
        label_check(order)
    assert "--no-canary" in str(refused.value)


def test_the_label_check_needs_images():
    with pytest.raises(ImportRefused, match="has 49 images"):
        label_check(range(10), images=49)


def test_luck_by_hand():
    assert luck(0, 3, 0.5) == pytest.approx(1)
    assert luck(3, 3, 0.5) == pytest.approx(1 / 8)
    assert luck(2, 3, 0.5) == pytest.approx(4 / 8)
    assert luck(60, 200, 0.1) < 1e-12
    assert luck(120, 200, 0.5) > 1e-6  # six in ten of two classes prove little
