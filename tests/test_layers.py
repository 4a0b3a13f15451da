"""Layers against NumPy loops, and their gradients against finite differences."""

import numpy as np
import torch

from repro.layers import AbsTanh, LocallyConnected2d, SameMapNorm


def test_same_map_norm_is_the_formula():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 5)) * 20
    expected = np.empty_like(x)
    for b, c, i, j in np.ndindex(x.shape):
        window = x[b, c, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2]
        expected[b, c, i, j] = (
            x[b, c, i, j] * (1 + 0.5 / 9 * (window**2).sum()) ** -0.75
        )
    layer = SameMapNorm(3, alpha=0.5, beta=0.75)
    np.testing.assert_allclose(layer(torch.from_numpy(x)), expected, rtol=1e-12)


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
    x = torch.randn(2, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    local = LocallyConnected2d(2, 2, kernel_size=3, side=3).double()
    for layer in (SameMapNorm(3, alpha=1.0, beta=0.75), local, AbsTanh()):
        assert torch.autograd.gradcheck(layer, (x,))
