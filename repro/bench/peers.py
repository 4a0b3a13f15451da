"""Networks to measure ours against, written as others write them; one step of each."""

from collections import OrderedDict
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torchvision.models import alexnet

from repro.machine.devices import autocast
from repro.recipes.recipe import Recipe


def torchvision_net(recipe: Recipe, *, classes: int, side: int) -> nn.Module:
    """torchvision's alexnet; at sides other than 224, with the recipe's first layer.

    Its own would leave nothing of images of 56 pixels.
    """
    network = alexnet(num_classes=classes)
    if side != 224:
        asked = recipe.network
        network.features[0] = nn.Conv2d(
            3, 64, asked.stem_kernel, asked.stem_stride, asked.stem_padding[0]
        )
    return network


class NaiveSameMapNorm(nn.Module):
    """x / (1 + 0.001 * mean of x^2 over 5 x 5 pixels)^0.75, through autograd."""

    def forward(self, x: Tensor) -> Tensor:
        return x / (1 + 1e-3 * F.avg_pool2d(x * x, 5, 1, 2)) ** 0.75


def naive_net(recipe: Recipe, *, classes: int, side: int) -> nn.Sequential:
    """The layers of `released-145` from torch's own parts, grouped convolutions first.

    Its response norms sum across the towers, which costs the same.
    """
    asked = recipe.network
    before, after = asked.stem_padding

    def norm() -> nn.Module:
        return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)

    below = [
        nn.ZeroPad2d((before, after, before, after)),
        nn.Conv2d(3, 96, asked.stem_kernel, asked.stem_stride),
        *(norm(), nn.MaxPool2d(3, 2), nn.ReLU()),
        *(nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), norm()),
        *(NaiveSameMapNorm(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU()),
        *(nn.MaxPool2d(3, 2), nn.Flatten()),
    ]
    with torch.no_grad():
        features = nn.Sequential(*below)(torch.zeros(1, 3, side, side)).shape[1]
    head = [
        *(nn.Linear(features, 4096), nn.ReLU(), nn.Dropout(0.5)),
        *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5)),
        nn.Linear(4096, classes),
    ]
    parts = OrderedDict(below=nn.Sequential(*below), head=nn.Sequential(*head))
    return nn.Sequential(parts)


def plain_sgd(network: nn.Module) -> Optimizer:
    """torch's SGD as its defaults are, with the paper's momentum and weight decay."""
    return torch.optim.SGD(
        network.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4
    )


def bare_loop(
    network: nn.Module,
    optimizer: Optimizer,
    images: Tensor,
    labels: Tensor,
    *,
    steps: int,
    precision: str,
) -> Callable[[], None]:
    """`steps` training steps on one batch that is in place, and nothing around them."""

    def loop() -> None:
        network.train()
        for _ in range(steps):
            with autocast(images.device, precision):
                logits = network(images)
            loss = F.cross_entropy(logits.float(), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

    return loop
