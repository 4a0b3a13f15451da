"""The top-5 error, the training loss and the update rule are checked.

The error and the loss are compared with their definitions, image by image. The update
rule is compared with its two lines in section 5, update by update.
"""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from scipy.special import log_softmax
from torch import nn

from repro.checks.checked import SMALL, Checked, relative_deviation
from repro.data.batches import Split
from repro.data.views import Pixels
from repro.export.errors import TopFive, top_five
from repro.machine.devices import Compute
from repro.recipes.presets import PAPER_TEXT, RELEASED_145
from repro.recipes.recipe import Augmentation
from repro.recipes.settings import override
from repro.trained.classifier import Classifier
from repro.training.checkpoints import Position
from repro.training.epoch import train_one_epoch
from repro.training.evaluate import wrong
from repro.training.prepare import Training
from repro.training.schedule import rates_at
from repro.training.update_rule import build_optimizer, set_rates

CPU = torch.device("cpu")
SIDE, CLASSES, IMAGES = 3, 27, 2000  # as many classes as numbers in an image
PLAIN = Pixels(torch.zeros(SIDE, SIDE, 3), torch.ones(3), torch.zeros(3, 3))
EPOCHS, STEPS = 20, 10  # of the schedule, and updates in each
STALLED = 0.5  # validation error of every epoch
WAIT = 3  # epochs that are no better, before each of three drops


def _images() -> tuple[np.ndarray, np.ndarray]:
    """Return images, whose numbers serve as logits with many ties, and labels."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 40, size=(IMAGES, SIDE, SIDE, 3), dtype=np.uint8)
    return images, rng.integers(0, CLASSES, size=IMAGES)


def _logits(images: np.ndarray) -> np.ndarray:
    """Reorder (N, H, W, 3) to (N, classes), as a network sees the numbers."""
    return images.transpose(0, 3, 1, 2).reshape(len(images), -1).astype(np.float64)


def wrong_images() -> Checked:
    """Count the images that export or training judges otherwise than a sort."""
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
    """Check the loss of one training step whose logits are the images' numbers / 10."""
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
        compute=Compute(CPU),
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


def update_rule() -> Checked:
    """Check the weights of a small network under given gradients, across all drops."""
    layers = [("conv1", nn.Conv2d(3, 4, 3)), ("fc2", nn.Linear(5, 6))]
    network = nn.Sequential(OrderedDict(layers)).double()
    rng = np.random.default_rng(0)
    weights = [layer.weight for _, layer in layers]
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(size=parameter.shape)))
    w = [weight.detach().numpy().copy() for weight in weights]
    v = [np.zeros_like(each) for each in w]
    plan = PAPER_TEXT.optimisation
    optimizer = build_optimizer(network, plan)
    for epoch in range(EPOCHS):
        rates = rates_at(plan, epoch, [STALLED] * epoch)
        set_rates(optimizer, rates, in_velocity=plan.rate_in_velocity)
        rate = 0.01 / 10 ** min(3, max(0, epoch - 1) // WAIT)
        for _ in range(STEPS):
            for parameter in network.parameters():
                parameter.grad = torch.from_numpy(rng.normal(size=parameter.shape))
            optimizer.step()
            for i, weight in enumerate(weights):
                gradient = weight.grad.numpy()
                v[i] = 0.9 * v[i] - 0.0005 * rate * w[i]
                v[i] = v[i] - rate * gradient
                w[i] = w[i] + v[i]
    found = [
        relative_deviation(weight.detach().numpy(), each)
        for weight, each in zip(weights, w, strict=True)
    ]
    return Checked(
        claim="S5.2",
        measured=max(found),
        expected=0,
        tolerance=SMALL,
        n=sum(each.size for each in w),
        counted="weights",
        compared=f"weights of paper-text at 64 bits after {EPOCHS * STEPS} updates "
        "from 0.01 across three drops of the rate with section 5's two lines in NumPy",
    )
