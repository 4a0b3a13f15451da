"""Class probabilities of a network, or of several, from one view or ten of an image."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from repro.data.batches import Split, ahead
from repro.data.views import Pixels, centre_views, ten_views
from repro.machine.ranks import ONE, Ranks
from repro.recipes.recipe import Augmentation

BATCH = 250  # images whose activations are in memory together


@dataclass(frozen=True)
class Classifier:
    """A network with the views and the scale of pixels that it was trained on."""

    network: nn.Sequential
    augmentation: Augmentation
    pixels: Pixels

    @property
    def outputs(self) -> int:
        """How many classes it tells apart."""
        return len(list(self.network.parameters())[-1])  # the last bias

    def names(self, classes: tuple[str, ...]) -> tuple[str, ...]:
        """The classes of its outputs; those without images have no name."""
        return classes + ("",) * (self.outputs - len(classes))

    def to(self, device: torch.device) -> "Classifier":
        """The same on `device`."""
        network = self.network.to(device, memory_format=torch.channels_last)
        return Classifier(network, self.augmentation, self.pixels.to(device))

    def centre(self, images: Tensor) -> Tensor:
        """(B, H, W, 3) uint8 to the input (B, 3, size, size) of the centre view."""
        return self.pixels.scale(centre_views(images, self.augmentation))


def in_sequence(
    split: Split,
    device: torch.device,
    positions: np.ndarray | None = None,
    batch_size: int = BATCH,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Images and labels at `positions`, all of the split by default, batch by batch."""
    if positions is None:
        positions = np.arange(len(split))
    starts = range(0, len(positions), batch_size)
    return ahead(
        split.gather(positions[start : start + batch_size], device) for start in starts
    )


def shared_out(
    answer: Callable[[Tensor, Tensor], Sequence[Tensor]],
    split: Split,
    device: torch.device,
    ranks: Ranks = ONE,
) -> Iterator[list[Tensor]]:
    """What `answer` gives for the images and labels of a split, batch by batch.

    Each rank answers for its rows of a batch; all get the whole.
    """
    size, positions = BATCH * ranks.world_size, np.arange(len(split))
    whole = [positions[k : k + size] for k in range(0, len(split), size)]
    rows = [ranks.rows(len(batch)) for batch in whole]
    ours = (
        split.gather(batch[own.here], device)
        for batch, own in zip(whole, rows, strict=True)
    )
    for own, seen in zip(rows, ahead(ours), strict=True):
        yield [ranks.together(part, own) for part in answer(*seen)]


@torch.inference_mode()
def probabilities(classifier: Classifier, images: Tensor, views: int) -> Tensor:
    """(B, H, W, 3) uint8 to (B, classes) float64: the mean softmax over the views.

    One view is the centre; ten are the corners, the centre and their mirrors (section
    4.1). The mean image is centre-cropped for all of them, as in the released code.
    """
    classifier.network.eval()
    seen = {1: lambda *args: [centre_views(*args)], 10: ten_views}[views]
    total = 0.0
    for view in seen(images, classifier.augmentation):
        logits = classifier.network(classifier.pixels.scale(view))
        total = total + logits.double().softmax(1)
    return total / views


def mean_probabilities(
    classifiers: Sequence[Classifier], images: Tensor, views: int
) -> Tensor:
    """The mean of several networks' probabilities, with equal weights."""
    each = [probabilities(classifier, images, views) for classifier in classifiers]
    return torch.stack(each).mean(0)
