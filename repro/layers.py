"""Layers that torch does not have, and activations by name."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class AbsTanh(nn.Module):
    """|tanh(x)|, the rectification of Jarrett et al. that section 3.1 refers to."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x).abs()


class SameMapNorm(nn.Module):
    """x / (1 + alpha/size^2 * sum of x^2 over size x size pixels of its map)^beta.

    The released nets' `rnorm` (example-layers, 18pct): zero outside the map.
    (B, C, H, W) to the same shape.
    """

    def __init__(self, size: int, alpha: float, beta: float):
        super().__init__()
        self.size, self.alpha, self.beta = size, alpha, beta

    def forward(self, x: Tensor) -> Tensor:
        mean_square = F.avg_pool2d(x * x, self.size, stride=1, padding=self.size // 2)
        return x * (1 + self.alpha * mean_square).pow(-self.beta)


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
