"""Will it leave ln(classes)? Signal over dropout noise in the logits, before training.

At the initial values of AlexNet's text the logits hardly depend on the image: what
dropout does to them is larger by orders of magnitude, and the loss stays at
ln(classes). One forward pass shows it.
"""

import torch
from torch import Tensor, nn

from repro.machine import draws
from repro.networks.layers import drops

IMAGES = 32
MASKS = 16


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
