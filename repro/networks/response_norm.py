"""Response normalisation, x / (k + alpha * mean of x^2 around it)^beta (section 3.3).

Both kinds that the released code has: around a map, and around a pixel of its own map.
The backward pass is written out: through autograd each costs several times as much,
and on a CPU they would take most of a training step.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

CACHED = 1 << 19  # elements worked on at a time on a CPU, to stay in its cache

Near = Callable[[Tensor], Tensor]  # a sum or mean over what is near


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
        near = self._neighbours(x)
        return _Normalised.apply(
            x,
            lambda part: _across(part, near),
            lambda part: _across(part, near.t()),
            (self.alpha / self.size, self.beta, self.k),
        )

    def _neighbours(self, x: Tensor) -> Tensor:
        """(M, M) for the M maps of a tower: 1 where map i is in the sum of map j."""
        maps = torch.arange(x.shape[1] // self.towers, device=x.device)
        ahead = maps - maps[:, None]  # by how much j is above i
        near = (ahead >= -((self.size - 1) // 2)) & (ahead <= self.size // 2)
        return near.to(x.dtype)


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
            size, padding = self.size, self.size // 2
            rows = F.avg_pool2d(part, (size, 1), stride=1, padding=(padding, 0))
            return F.avg_pool2d(rows, (1, size), stride=1, padding=(0, padding))

        return _Normalised.apply(x, mean, mean, (self.alpha, self.beta, self.k))


def _across(x: Tensor, near: Tensor) -> Tensor:
    """Sums over the maps of each tower that are `near` (M, M), as a matrix product."""
    maps = x.permute(0, 2, 3, 1)
    by_tower = maps.reshape(-1, len(near))
    return (by_tower @ near).view(maps.shape).permute(0, 3, 1, 2)


class _Normalised(torch.autograd.Function):
    """y = x * p with p = s^-beta and s = k + alpha * near(x^2).

    dx = g * p - 2 alpha beta * x * near'(g * p * x / s), where g = dy and near' is the
    transpose of the linear `near`. s and p are kept for it: to make them again would
    take longer than all the rest. Everything is in the dtype of x, as it comes from the
    layer below, on every device: CUDA's autocast would make s and p float32.
    """

    @staticmethod
    def forward(ctx, x: Tensor, near: Near, transposed: Near, constants: tuple):
        alpha, beta, k = constants
        y, kept = torch.empty_like(x), []
        k = torch.tensor(k, dtype=x.dtype)
        with _outside_autocast(x.device):
            for part, out in _parts(x, y):
                s = torch.add(k, near(part.square()), alpha=alpha)
                p = _power(s, beta)
                torch.mul(part, p, out=out)
                if ctx.needs_input_grad[0]:
                    kept += s, p
        ctx.save_for_backward(x, *kept)
        ctx.transposed, ctx.constants = transposed, constants
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, g: Tensor):
        x, *kept = ctx.saved_tensors
        alpha, beta, _ = ctx.constants
        dx = torch.empty_like(x)
        factors = zip(kept[::2], kept[1::2], strict=True)
        parts = zip(_parts(x, g, dx), factors, strict=True)
        with _outside_autocast(x.device):
            for (part, above, out), (s, p) in parts:
                direct = above * p
                shares = ctx.transposed((direct * part).div_(s))
                torch.addcmul(direct, shares, part, value=-2 * alpha * beta, out=out)
        return dx, None, None, None


def _outside_autocast(device: torch.device) -> AbstractContextManager:
    """Where operations keep the dtype they are given; "meta" has no autocast to leave."""
    if torch.amp.is_autocast_available(device.type):
        return torch.autocast(device.type, enabled=False)
    return nullcontext()


def _parts(*tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """The tensors a few images at a time on a CPU, whole elsewhere and compiled."""
    x = tensors[0]
    images = max(len(x), 1)
    if x.device.type == "cpu" and not torch.compiler.is_compiling():
        images = max(1, CACHED * images // max(x.numel(), 1))
    return zip(*(tensor.split(images) for tensor in tensors), strict=True)


def _power(s: Tensor, beta: float) -> Tensor:
    """s^-beta; for 3/4 by square roots, many times faster than a power on a CPU."""
    if beta == 0.75:
        root = s.rsqrt()
        return root.sqrt().mul_(root)
    return s.pow(-beta)
