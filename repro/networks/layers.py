"""Layers that torch does not have, and activations by name."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class AbsTanh(nn.Module):
    """|tanh(x)|, the rectification of Jarrett et al. that section 3.1 refers to."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x).abs()


class MaskDropout(nn.Module):
    """Section 4.2: zero each unit with probability `p` in training, x (1 - p) after.

    torch's nn.Dropout divides by 1 - p in training instead, which doubles what the next
    layer sees there: the same function at test, another one to train.
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            return x * torch.empty_like(x).bernoulli_(1 - self.p)
        return x * (1 - self.p)


def drops(layer: nn.Module) -> bool:
    """Whether the layer switches units off in training."""
    return isinstance(layer, MaskDropout | nn.Dropout) and layer.p > 0


class TowerLinear(nn.Module):
    """A fully connected layer that sees its own tower only.

    (B, in_features) to (B, out_features), both in equal shares by tower; weights are
    (towers, out_features / towers, in_features / towers).
    """

    def __init__(self, in_features: int, out_features: int, towers: int):
        super().__init__()
        self.towers = towers
        shape = (towers, out_features // towers, in_features // towers)
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.empty(out_features))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """What nn.Linear does by default: uniform within 1 / sqrt(fan_in)."""
        bound = self.weight.shape[2] ** -0.5
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        split = x.unflatten(1, (self.towers, -1))
        return torch.einsum("bti,toi->bto", split, self.weight).flatten(1) + self.bias


class LocallyConnected2d(nn.Module):
    """A convolution whose weights and biases differ at every position.

    Stride 1, (B, C, H, W) to (B, out_channels, H, W) with `padding = kernel_size // 2`.
    Weights are (H * W, C * kernel_size^2, out_channels), biases (H * W, 1,
    out_channels): "local" in the released CIFAR-10 nets.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, side: int
    ):
        super().__init__()
        self.kernel_size, self.side = kernel_size, side
        self.fan_in = in_channels * kernel_size**2
        self.weight = nn.Parameter(torch.empty(side**2, self.fan_in, out_channels))
        self.bias = nn.Parameter(torch.empty(side**2, 1, out_channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """What nn.Conv2d does by default: uniform within 1 / sqrt(fan_in)."""
        bound = self.fan_in**-0.5
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        patches = F.unfold(x, self.kernel_size, padding=self.kernel_size // 2)
        patches = patches.permute(2, 0, 1)  # (H * W, B, C * kernel_size^2)
        y = torch.baddbmm(self.bias, patches, self.weight)  # (H * W, B, out_channels)
        return y.permute(1, 2, 0).reshape(len(x), -1, self.side, self.side)


ACTIVATIONS = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "logistic": nn.Sigmoid,
    "abs-tanh": AbsTanh,
}
