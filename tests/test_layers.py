"""Layers against NumPy loops, and their gradients against finite differences."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from repro.layers import (
    AbsTanh,
    CrossMapNorm,
    LocallyConnected2d,
    MaskDropout,
    SameMapNorm,
    TowerLinear,
)


def test_same_map_norm_is_the_formula():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 5)) * 20
    expected = np.empty_like(x)
    for b, c, i, j in np.ndindex(x.shape):
        window = x[b, c, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2]
        expected[b, c, i, j] = (
            x[b, c, i, j] * (1 + 0.5 / 9 * (window**2).sum()) ** -0.75
        )
    layer = SameMapNorm(3, alpha=0.5, beta=0.75, k=1.0)
    np.testing.assert_allclose(layer(torch.from_numpy(x)), expected, rtol=1e-12)


@pytest.mark.parametrize("divided", [True, False])
@pytest.mark.parametrize("towers", [1, 2])
@pytest.mark.parametrize("size", [5, 9])
def test_cross_map_norm_is_the_formula(divided, towers, size):
    x = np.random.default_rng(0).normal(size=(2, 12, 2, 3)) * 20
    alpha, maps = 0.01, 12 // towers
    expected = np.empty_like(x)
    for b, c, i, j in np.ndindex(x.shape):
        first = c // maps * maps  # of this tower
        low, high = max(c - size // 2, first), min(c + size // 2 + 1, first + maps)
        total = (x[b, low:high, i, j] ** 2).sum() * alpha / (size if divided else 1)
        expected[b, c, i, j] = x[b, c, i, j] / (2 + total) ** 0.75
    layer = CrossMapNorm(
        size, alpha=alpha, beta=0.75, k=2.0, divided=divided, towers=towers
    )
    np.testing.assert_allclose(layer(torch.from_numpy(x)), expected, rtol=1e-12)
    signs = np.sign(layer(torch.from_numpy(x)).numpy())
    assert (signs == np.sign(x)).all()  # brightness only: no mean is taken away


def test_mask_dropout():
    torch.manual_seed(0)
    layer, x = MaskDropout(0.25), torch.full((200, 200), 3.0)
    seen = layer(x)
    assert set(seen.unique().tolist()) == {0.0, 3.0}  # nothing is scaled up
    assert abs((seen == 0).float().mean() - 0.25) < 5 * (0.25 * 0.75 / 40_000) ** 0.5
    assert torch.equal(layer.eval()(x), torch.full((200, 200), 2.25))  # the mean


def test_tower_linear_is_two_linears():
    torch.manual_seed(0)
    layer, x = TowerLinear(6, 4, towers=2), torch.randn(5, 6)
    halves = [
        F.linear(half, layer.weight[k], layer.bias[2 * k : 2 * k + 2])
        for k, half in enumerate(x.chunk(2, dim=1))
    ]
    torch.testing.assert_close(layer(x), torch.cat(halves, dim=1))


def test_locally_connected_is_its_own_product_at_every_position():
    torch.manual_seed(0)
    layer = LocallyConnected2d(2, 3, kernel_size=3, side=4).double()
    x = torch.randn(2, 2, 4, 4, dtype=torch.float64)
    padded = np.pad(x.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)))
    weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    y = layer(x).detach().numpy()
    for b, o, i, j in np.ndindex(2, 3, 4, 4):
        patch = padded[b, :, i : i + 3, j : j + 3].ravel()
        position = 4 * i + j
        expected = patch @ weight[position, :, o] + bias[position, 0, o]
        np.testing.assert_allclose(y[b, o, i, j], expected, rtol=1e-12)


def test_locally_connected_equals_a_convolution_when_weights_are_shared():
    torch.manual_seed(1)
    convolution = torch.nn.Conv2d(2, 3, 3, padding=1)
    layer = LocallyConnected2d(2, 3, kernel_size=3, side=4)
    with torch.no_grad():
        layer.weight[:] = convolution.weight.reshape(3, -1).T
        layer.bias[:] = convolution.bias
    x = torch.randn(5, 2, 4, 4)
    torch.testing.assert_close(layer(x), convolution(x))


def test_gradients():
    torch.manual_seed(0)
    x = torch.randn(2, 4, 3, 3, dtype=torch.float64, requires_grad=True)
    local = LocallyConnected2d(4, 2, kernel_size=3, side=3).double()
    for layer in (
        SameMapNorm(3, alpha=1.0, beta=0.75, k=1.0),
        CrossMapNorm(3, alpha=1.0, beta=0.75, k=2.0, towers=2),
        local,
        AbsTanh(),
    ):
        assert torch.autograd.gradcheck(layer, (x,))
