"""Half of the last hidden units removed at test: do the others manage without them?

Section 4.2: with dropout a unit "cannot rely on the presence of particular other
neurons". Of networks trained without it the same removal shows how far units do.
"""

from typing import Any

import numpy as np
import torch

from repro.data.batches import Split
from repro.data.fixed_images import THINNED, fixed_images
from repro.export.dropout import IMAGES, MASKS, share_wrong, top_classes
from repro.machine import draws
from repro.trained.classifier import Classifier, in_sequence

REMOVED = "half of the last hidden units removed"


@torch.inference_mode()
def removed_row(
    classifier: Classifier, split: Split, device: torch.device, *, seed: int
) -> dict[str, Any]:
    """A row of dropout.csv, on the images and in the columns of its other rows.

    Errors are means over `MASKS` random halves, each the same for all images; what is
    left of the layer is doubled, so that the sums above it keep their mean.
    """
    network = classifier.network.eval()
    positions = np.sort(fixed_images(len(split), THINNED, IMAGES))
    found = [
        (network[:-1](classifier.centre(images)), labels)
        for images, labels in in_sequence(split, device, positions)
    ]
    hidden, labels = map(torch.cat, zip(*found, strict=True))
    orders = []
    for number in range(MASKS):
        kept = kept_units(hidden[0].numel(), seed, number).view(hidden[0].shape)
        logits = network[-1](2 * kept.to(hidden) * hidden)
        orders.append(top_classes(logits.double()))
    errors = share_wrong(torch.stack(orders), labels, 1)
    return {
        "rule": REMOVED,
        "masks": MASKS,
        "top1_error": errors.mean().item(),
        "top1_std": errors.std().item(),
        "top5_error": share_wrong(torch.stack(orders), labels, 5).mean().item(),
        "disagreement": None,
        "kl": None,
        "split": "test",
        "n": len(labels),
        "protocol": "softmax of the centre view",
    }


def kept_units(units: int, seed: int, number: int) -> torch.Tensor:
    """(units,) booleans: which random half stays; of an odd number one more goes."""
    order = draws.generator(draws.REMOVED, seed, number).permutation(units)
    return torch.from_numpy(order < units // 2)
