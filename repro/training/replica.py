"""One rank's copy of the network, which takes its part of the step of one process.

The gradient is that of the mean loss over the global batch, and the dropout masks are
those that one process draws for it, whatever the number of ranks.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from repro.machine.ranks import Ranks, RanksError, Rows
from repro.networks.layers import MaskDropout


class Replica(nn.Module):
    """The layers of a network, with dropout masks drawn for the global batch."""

    def __init__(self, network: nn.Sequential):
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, rows: Rows) -> Tensor:
        for layer in self.network:
            drops = isinstance(layer, MaskDropout | nn.Dropout) and layer.training
            x = x * _mask(layer, x, rows) if drops else layer(x)
        return x


def _mask(layer: nn.Module, x: Tensor, rows: Rows) -> Tensor:
    """What the layer multiplies the rows `x` with, as part of the global batch."""
    whole = torch.ones(rows.of, *x.shape[1:], dtype=x.dtype, device=x.device)
    return layer(whole)[rows.here]


def replica(network: nn.Sequential, ranks: Ranks) -> Callable[[Tensor, Rows], Tensor]:
    """What maps (rows of images, Rows) to logits and sums gradients over the ranks.

    Made anew when the set of trained parameters changes. Raises RanksError for batch
    normalisation, whose means are over the global batch.
    """
    if ranks.world_size == 1:
        return lambda x, rows: network(x)
    if any(isinstance(layer, nn.BatchNorm2d) for layer in network):
        raise RanksError(
            "normaliser='batch' needs the whole batch in one place; train it with one "
            f"process, not {ranks.world_size}"
        )
    return DistributedDataParallel(Replica(network), gradient_as_bucket_view=True)


def loss_share(logits: Tensor, labels: Tensor, rows: Rows, ranks: Ranks) -> Tensor:
    """The loss whose mean over ranks is the mean over the global batch.

    As DistributedDataParallel takes the mean of gradients over ranks, theirs is right
    too, however many rows each has.
    """
    if ranks.world_size == 1:
        return F.cross_entropy(logits, labels)
    total = F.cross_entropy(logits, labels, reduction="sum")
    return total * (ranks.world_size / rows.of)
