"""The last hidden layer, as the classifier sees it but for its dropout."""

from collections import deque
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from repro.data.batches import Split
from repro.machine.ranks import ONE, Ranks
from repro.networks.layers import drops
from repro.runs.folder import save_rows
from repro.trained.classifier import Classifier, in_sequence, shared_out

LARGEST = float(np.finfo(np.float16).max)


def hidden_part(network: nn.Sequential) -> nn.Sequential:
    """The layers below the last one, without the dropout right below it.

    Of the 2012 network they end with the activation of fc7, section 6.1's 4096 values;
    of a CIFAR net with the pooling that follows its last activation.
    """
    below = network[:-1]
    return below[:-1] if drops(below[-1]) else below


def features(
    classifier: Classifier,
    split: Split,
    device: torch.device,
    positions: np.ndarray | None = None,
) -> Iterator[Tensor]:
    """(B, D) of the centre views, batch by batch, in evaluation mode."""
    for images, _ in in_sequence(split, device, positions):
        yield _hidden(classifier, images)


@torch.inference_mode()
def _hidden(classifier: Classifier, images: Tensor) -> Tensor:
    below = hidden_part(classifier.network).eval()
    return below(classifier.centre(images)).flatten(1)


def save_features(
    path: Path,
    classifier: Classifier,
    split: Split,
    device: torch.device,
    ranks: Ranks = ONE,
) -> None:
    """Write (N, D) float16, row by row of the split; never more than a batch in memory.

    Values beyond float16 become its largest. The images are shared out among the ranks;
    the first rank writes.
    """
    batches = shared_out(
        lambda images, _: [_hidden(classifier, images)], split, device, ranks
    )
    halves = (_half(x) for (x,) in batches)
    first = next(halves)
    if ranks.first:
        shape = (len(split), first.shape[1])
        save_rows(path, shape, np.float16, chain([first], halves))
    else:
        deque(halves, maxlen=0)  # answer for our rows of the rest


def _half(x: Tensor) -> np.ndarray:
    return x.clamp(-LARGEST, LARGEST).half().cpu().numpy()
