"""Response normalisation, x / (k + alpha * mean of x^2 around it)^beta (section 3.3).

Both kinds that the released code has: around a map, and around a pixel of its own map.
The backward pass is written out: through autograd each costs several times as much,
and on a CPU they would take most of a training step.
"""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

CACHED = 1 << 19  # elements worked on at a time on a CPU, to stay in its cache

Mean = Callable[[Tensor], Tensor]


class CrossMapNorm(nn.Module):
    """x / (k + alpha * sum of x^2 over `size` neighbouring maps)^beta: equation 3.3.

    Maps beyond the ends count as zero. With `divided` alpha is divided by `size`, as
    the released code does; with `towers` above 1 no sum crosses from one tower, an
    equal share of the maps, to the next. (B, C, H, W) to the same shape.
    """

    def __init__(
        self,
        size: int,
        *,
        alpha: float,
        beta: float,
        k: float,
        divided: bool = True,
        towers: int = 1,
    ):
        super().__init__()
        self.size, self.beta, self.k, self.towers = size, beta, k, towers
        self.alpha = alpha if divided else alpha * size  # of the mean

    def forward(self, x: Tensor) -> Tensor:
        share = self._neighbours(x) / self.size
        return _Normalised.apply(
            x,
            lambda part: _across(part, share),
            lambda part: _across(part, share.t()),
            (self.alpha, self.beta, self.k),
        )

    def _neighbours(self, x: Tensor) -> Tensor:
        """(C, C): 1 where map i is in the sum of map j."""
        maps = torch.arange(x.shape[1], device=x.device)
        ahead = maps - maps[:, None]  # by how much j is above i
        near = (ahead >= -((self.size - 1) // 2)) & (ahead <= self.size // 2)
        tower = maps // (x.shape[1] // self.towers)
        return (near & (tower == tower[:, None])).to(x.dtype)


class SameMapNorm(nn.Module):
    """x / (k + alpha/size^2 * sum of x^2 over size x size pixels of its map)^beta.

    The released nets' `rnorm`: zero outside the map, `size` odd. (B, C, H, W) to the
    same shape.
    """

    def __init__(self, size: int, *, alpha: float, beta: float, k: float):
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Tensor) -> Tensor:
        def mean(part: Tensor) -> Tensor:
            padding = self.size // 2
            return F.avg_pool2d(part, self.size, stride=1, padding=padding)

        return _Normalised.apply(x, mean, mean, (self.alpha, self.beta, self.k))


def _across(x: Tensor, share: Tensor) -> Tensor:
    """Sums over maps, weighted by `share` (C, C), as one product of matrices."""
    return (x.permute(0, 2, 3, 1) @ share).permute(0, 3, 1, 2)


class _Normalised(torch.autograd.Function):
    """y = x * s^-beta with s = k + alpha * mean(x^2).

    dx = g * s^-beta - 2 alpha beta * x * mean'(g * x * s^-beta / s), where g = dy and
    mean' is the transpose of the linear `mean`.
    """

    @staticmethod
    def forward(ctx, x: Tensor, mean: Mean, transposed: Mean, constants: tuple):
        ctx.save_for_backward(x)
        ctx.mean, ctx.transposed, ctx.constants = mean, transposed, constants
        y = torch.empty_like(x)
        for part, out in _parts(x, y):
            torch.mul(part, _root(_scale(part, mean, constants), constants), out=out)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, g: Tensor):
        (x,) = ctx.saved_tensors
        alpha, beta, _ = ctx.constants
        dx = torch.empty_like(x)
        for part, above, out in _parts(x, g, dx):
            s = _scale(part, ctx.mean, ctx.constants)
            direct = above * _root(s, ctx.constants)
            indirect = ctx.transposed((direct * part).div_(s)) * part
            torch.add(direct, indirect, alpha=-2 * alpha * beta, out=out)
        return dx, None, None, None


def _parts(*tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """The tensors a few images at a time on a CPU, whole elsewhere."""
    x = tensors[0]
    images = max(len(x), 1)
    if x.device.type == "cpu":
        images = max(1, CACHED * images // max(x.numel(), 1))
    return zip(*(tensor.split(images) for tensor in tensors), strict=True)


def _scale(x: Tensor, mean: Mean, constants: tuple) -> Tensor:
    alpha, _, k = constants
    return mean(x * x).mul_(alpha).add_(k)


def _root(s: Tensor, constants: tuple) -> Tensor:
    """s^-beta; for 3/4 by square roots, many times faster than a power on a CPU."""
    _, beta, _ = constants
    if beta == 0.75:
        root = s.rsqrt()
        return root.sqrt().mul_(root)
    return s.pow(-beta)
