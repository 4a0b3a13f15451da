"""The last hidden layer, without its dropout, in batches of bounded size."""

import numpy as np
import pytest
import torch

from repro.data.batches import Split
from repro.data.views import Pixels
from repro.export.features import features, hidden_part, save_features
from repro.networks.build import build_network, outputs
from repro.recipes.presets import CIFAR_13PCT, CIFAR_18PCT, ONE_TOWER, RELEASED_145
from repro.recipes.settings import override
from repro.trained.classifier import Classifier, in_sequence

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("recipe", "last"),
    [
        (RELEASED_145, "active7"),
        (ONE_TOWER, "active7"),
        (override(RELEASED_145, {"head": "average"}), "flat"),
        (CIFAR_18PCT, "flat"),
        (CIFAR_13PCT, "flat"),
    ],
)
def test_hidden_part_ends_below_the_classifier_and_its_dropout(recipe, last):
    recipe = override(recipe, {"width": 0.05})
    network = build_network(recipe, classes=4, side=64)
    assert list(dict(hidden_part(network).named_children()))[-1] == last


def small(images=7, side=56):
    recipe = override(
        RELEASED_145,
        {"width": 0.03, "stem_stride": 2, "stem_padding": (5, 5), "crop": "whole"},
    )
    torch.manual_seed(0)
    network = build_network(recipe, classes=4, side=side)
    pixels = Pixels(torch.full((side, side, 3), 128.0), torch.ones(3), torch.eye(3))
    rng = np.random.default_rng(0)
    stored = rng.integers(0, 256, size=(images, side, side, 3), dtype=np.uint8)
    split = Split(stored, np.zeros(images, np.int64), np.arange(images)[::-1].copy())
    return Classifier(network.train(), recipe.augmentation, pixels), split


def test_features_are_fc7_after_its_activation(tmp_path, monkeypatch):
    """Gathered over several batches, in the split's order, dropout of fc7 left away."""
    classifier, split = small()
    monkeypatch.setattr(
        "repro.export.features.in_sequence",
        lambda split, device, positions=None: in_sequence(split, device, positions, 3),
    )
    save_features(tmp_path / "features-test.npy", classifier, split, CPU)
    saved = np.load(tmp_path / "features-test.npy", mmap_mode="r")
    images = torch.from_numpy(split.images[::-1].copy())
    classifier.network.eval()
    with torch.no_grad():
        seen = classifier.centre(images)
        expected = outputs(classifier.network, seen, {"active7", "drop7"})
    np.testing.assert_allclose(saved, expected["active7"].numpy(), rtol=2e-3)
    torch.testing.assert_close(expected["drop7"], expected["active7"] / 2)
    assert saved.dtype == np.float16
    assert (saved != 0).any()
    sizes = [len(batch) for batch in features(classifier, split, CPU)]
    assert sizes == [3, 3, 1]
    chosen = torch.cat(list(features(classifier, split, CPU, np.array([6, 0]))))
    np.testing.assert_allclose(chosen.numpy(), saved[[6, 0]], rtol=2e-3, atol=1e-4)


def test_values_beyond_half_precision_become_its_largest(tmp_path):
    classifier, split = small(images=2)
    with torch.no_grad():
        classifier.network.fc7.bias.fill_(1e9)
    save_features(tmp_path / "features-test.npy", classifier, split, CPU)
    assert (np.load(tmp_path / "features-test.npy") == 65504).all()
