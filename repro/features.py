"""The last hidden layer, as the classifier sees it but for its dropout."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from repro.atomic_files import save_rows
from repro.batches import Split
from repro.layers import MaskDropout
from repro.probabilities import Classifier, in_sequence

LARGEST = float(np.finfo(np.float16).max)


def hidden_part(network: nn.Sequential) -> nn.Sequential:
    """The layers below the last one, without the dropout right below it.

    Of the 2012 network they end with the activation of fc7, section 6.1's 4096 values;
    of a CIFAR net with the pooling that follows its last activation.
    """
    below = network[:-1]
    dropped = isinstance(below[-1], MaskDropout | nn.Dropout)
    return below[:-1] if dropped else below


def features(
    classifier: Classifier,
    split: Split,
    device: torch.device,
    positions: np.ndarray | None = None,
) -> Iterator[Tensor]:
    """(B, D) of the centre views, batch by batch, in evaluation mode."""
    below = hidden_part(classifier.network).eval()
    for images, _ in in_sequence(split, device, positions):
        with torch.inference_mode():
            found = below(classifier.centre(images)).flatten(1)
        yield found


def save_features(
    path: Path, classifier: Classifier, split: Split, device: torch.device
) -> None:
    """Write (N, D) float16, row by row of the split; never more than a batch in memory.

    Values beyond float16 become its largest.
    """
    batches = features(classifier, split, device)
    first = next(batches)

    def halves() -> Iterator[np.ndarray]:
        yield _half(first)
        yield from map(_half, batches)

    save_rows(path, (len(split), first.shape[1]), np.float16, halves())


def _half(x: Tensor) -> np.ndarray:
    return x.clamp(-LARGEST, LARGEST).half().cpu().numpy()
