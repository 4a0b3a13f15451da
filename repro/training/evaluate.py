"""Loss and errors of a network on fixed images, without augmentation."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from repro.data.batches import Split
from repro.data.fixed_images import measured_images
from repro.data.views import Pixels, centre_views
from repro.machine.ranks import ONE, Ranks
from repro.recipes.recipe import Augmentation


@torch.inference_mode()
def evaluate(
    network: nn.Module,
    split: Split,
    augmentation: Augmentation,
    pixels: Pixels,
    *,
    device: torch.device,
    batch_size: int = 500,
    ranks: Ranks = ONE,
) -> dict[str, float]:
    """`loss`, `top1_error` and `top5_error` as fractions, centre view, evaluation mode.

    Each rank measures its share of the images; the sums are over all.
    """
    network.eval()
    chosen = measured_images(len(split))
    here = chosen[ranks.rows(len(chosen)).here]
    totals = torch.zeros(3, dtype=torch.float64, device=device)
    for start in range(0, len(here), batch_size):
        images, labels = split.gather(here[start : start + batch_size], device)
        logits = network(pixels.scale(centre_views(images, augmentation)))
        totals += torch.stack(_sums(logits, labels)).double()
    loss, top1, top5 = (ranks.total(totals) / len(chosen)).tolist()
    return {"loss": loss, "top1_error": top1, "top5_error": top5}


def _sums(logits: Tensor, labels: Tensor) -> list[Tensor]:
    loss = F.cross_entropy(logits, labels, reduction="sum")
    return [loss, wrong(logits, labels, 1), wrong(logits, labels, 5)]


def wrong(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """How many labels are not among the k largest logits (section 2).

    Of equal logits the earlier class goes first, as in a stable sort, so that a network
    with constant logits scores chance; a logit that is not a number is never among them.
    """
    own = logits.gather(1, labels[:, None])
    earlier = torch.arange(logits.shape[1], device=logits.device) < labels[:, None]
    above = ((logits > own) | ((logits == own) & earlier)).sum(1)
    return ((above >= k) | own.squeeze(1).isnan()).sum().to(logits.dtype)
