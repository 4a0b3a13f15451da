"""The top-5 error and the training loss against their definitions, image by image."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from scipy.special import log_softmax
from torch import nn

from repro.checks.number import SMALL, Checked, relative_deviation
from repro.data.batches import Split
from repro.data.views import Pixels
from repro.export.errors import TopFive, top_five
from repro.recipes.presets import RELEASED_145
from repro.recipes.recipe import Augmentation
from repro.recipes.settings import override
from repro.trained.classifier import Classifier
from repro.training.checkpoints import Position
from repro.training.epoch import train_one_epoch
from repro.training.evaluate import wrong
from repro.training.prepare import Training
from repro.training.schedule import rates_at
from repro.training.update_rule import build_optimizer

CPU = torch.device("cpu")
SIDE, CLASSES, IMAGES = 3, 27, 2000  # as many classes as numbers in an image
PLAIN = Pixels(torch.zeros(SIDE, SIDE, 3), torch.ones(3), torch.zeros(3, 3))


def checked() -> list[Checked]:
    """Which images count as wrong, and what training minimises."""
    return [wrong_images(), training_loss()]


def _images() -> tuple[np.ndarray, np.ndarray]:
    """Images whose numbers are taken as logits, often equal ones, and labels."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 40, size=(IMAGES, SIDE, SIDE, 3), dtype=np.uint8)
    return images, rng.integers(0, CLASSES, size=IMAGES)


def _logits(images: np.ndarray) -> np.ndarray:
    """(N, H, W, 3) to (N, classes): the order in which a network sees the numbers."""
    return images.transpose(0, 3, 1, 2).reshape(len(images), -1).astype(np.float64)


def wrong_images() -> Checked:
    """Images that one of the two counts of ours judges otherwise than a sort."""
    images, labels = _images()
    split = Split(images, labels, np.arange(IMAGES))
    plain = Classifier(nn.Sequential(nn.Flatten()), Augmentation(crop="whole"), PLAIN)
    found = top_five([plain], split, 1, CPU)
    logits = _logits(images)
    otherwise = 0
    for i in range(IMAGES):
        ranked = sorted(range(CLASSES), key=lambda c: (-logits[i, c], c))
        missed = labels[i] not in ranked[:5]
        own = slice(i, i + 1)
        one = TopFive(found.labels[own], found.classes[own], found.probabilities[own])
        row, label = torch.from_numpy(logits[own]), torch.from_numpy(labels[own])
        counts = (one.errors()["top5_error"], wrong(row, label, 5).item())
        otherwise += counts != (missed, missed)
    return Checked(
        claim="S2.4",
        measured=otherwise,
        expected=0,
        n=IMAGES,
        counted="images",
        compared=f"top-5 errors of export and of training, {CLASSES} classes with ties, "
        "with all classes sorted by probability; of equal ones the earlier goes first",
    )


def training_loss() -> Checked:
    """One training step on all images; their numbers / 10 are the logits."""
    images, labels = _images()
    changes = {"crop": "whole", "flip": False, "colour_noise": "none"}
    changes |= {"batch_size": IMAGES}
    recipe = override(RELEASED_145, changes)
    layer = nn.Linear(CLASSES, CLASSES)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(CLASSES))
        layer.bias.zero_()
    network = nn.Sequential(OrderedDict(flat=nn.Flatten(), fc8=layer))
    training = Training(
        run=Path(),  # nothing is saved: the first step is the last
        recipe=recipe,
        seed=0,
        device=CPU,
        network=network,
        optimizer=build_optimizer(network, recipe.optimisation),
        pixels=Pixels(PLAIN.mean, PLAIN.divisor * 10, PLAIN.colour),
        splits={"train": Split(images, labels, np.arange(IMAGES))},
        classes=CLASSES,
    )
    at = Position()
    train_one_epoch(training, at, 1, rates_at(recipe.optimisation, 0))
    shares = log_softmax(_logits(images) / 10, axis=1)
    expected = -shares[np.arange(IMAGES), labels].mean()
    return Checked(
        claim="S3.5a",
        measured=relative_deviation(at.loss_sum / at.images, expected),
        expected=0,
        tolerance=SMALL,
        n=IMAGES,
        counted="images",
        compared=f"loss of a training step, {CLASSES} classes, 32 bits, with the mean "
        "negative log-probability of the label by SciPy at 64 bits",
    )
