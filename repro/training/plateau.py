"""The plateau at ln(classes): the network answers every image alike and stays there.

The pre-flight tells before training whether it will. At the initial values of AlexNet's
text the logits hardly depend on the image: what dropout does to them is larger by
orders of magnitude. One forward pass shows it.
"""

import math

import torch
from torch import Tensor, nn

from repro.data.fixed_images import measured_images
from repro.data.views import centre_views
from repro.machine import draws
from repro.networks.layers import drops
from repro.networks.two_devices import TwoDevices
from repro.recipes.recipe import Recipe
from repro.runs.names import PLATEAU_SHARE
from repro.training.prepare import Training

FIRST_STEP = 1000  # before it, a slow start is nothing to report
IMAGES, MASKS = 32, 16  # of the pre-flight
LOW_SIGNAL = 0.03  # of the pre-flight: recipes known to start have 0.07 and more


def stalled(step: int, running_loss: float, classes: int) -> bool:
    """Whether the loss is still that of a guess after more steps than a slow start."""
    return step >= FIRST_STEP and on_plateau(running_loss, classes)


def on_plateau(running_loss: float, classes: int) -> bool:
    """Whether an epoch's mean loss is still that of a guess."""
    return running_loss > PLATEAU_SHARE * math.log(classes)


def warning(step: int, running_loss: float, classes: int, recipe: Recipe) -> str:
    """One line: what is seen, the likely cause and the fields to change."""
    return (
        f"loss {running_loss:.3f} after {step} steps is still ln({classes}) = "
        f"{math.log(classes):.3f}: {_advice(recipe)}"
    )


def start_signal(training: Training) -> float | None:
    """Signal over dropout noise of the initial network, measured on training images.

    None where the network has no dropout.
    """
    network = training.network
    if training.recipe.network.layout.startswith("cifar"):
        return None
    if isinstance(network, TwoDevices):
        network = network.one_device()
    augmentation, split = training.recipe.augmentation, training.splits["train"]
    chosen = measured_images(len(split), IMAGES)
    images, _ = split.gather(chosen, training.compute.device)
    seen = training.pixels.scale(centre_views(images, augmentation))
    ratio = signal_to_noise(network, seen, seed=training.seed)
    return ratio if math.isfinite(ratio) else None


@torch.inference_mode()
def signal_to_noise(network: nn.Sequential, seen: Tensor, *, seed: int) -> float:
    """How much the logits depend on the image, relative to how much on dropout.

    `seen` is (N, 3, side, side), what the network sees of N images. Signal: the
    standard deviation over images of the logits with dropout's mean in place of its
    masks (an average over few masks would still hold their noise). Noise: the standard
    deviation over `MASKS` masks, averaged over images. Both are averaged over classes.
    Infinite without dropout.
    """
    network.eval()
    first = next((at for at, layer in enumerate(network) if drops(layer)), len(network))
    below = network[:first](seen)
    signal = network[first:](below).double().std(0).mean()
    network.train()
    logits = []
    for mask in range(MASKS):
        draws.seed_torch(draws.PREFLIGHT, seed, mask)
        logits.append(network[first:](below))
    noise = torch.stack(logits).double().std(0).mean()
    return (signal / noise).item()


def low_signal(ratio: float, recipe: Recipe) -> str:
    """One line: what the pre-flight found, and the fields to change."""
    return (
        f"pre-flight {ratio:.4f}, below {LOW_SIGNAL}: the image moves the logits less "
        f"than dropout does, the loss may stay at ln(classes); {_advice(recipe)}"
    )


def _advice(recipe: Recipe) -> str:
    values = recipe.initial_values
    if values.scheme == "gaussian" and recipe.augmentation.pixels == "standardised":
        return (
            "the Gaussian initial values are made for pixels of 0-255; "
            "set pixels=centred or scheme=torch"
        )
    if values.scheme == "gaussian" and values.positive_bias > 0.1:
        if values.middle_std < 0.03:
            return (
                "biases of 1 drown the image where the middle layers start small; "
                "set middle_std=0.03 (released code) or positive_bias=0.1 with "
                "hidden_std=0.005 (Caffe)"
            )
        return "set a lower learning_rate, or positive_bias=0.1"
    return "set a lower learning_rate, or larger initial weights (middle_std, std)"
