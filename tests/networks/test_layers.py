"""Layers against NumPy loops, and their gradients against finite differences."""

import numpy as np
import torch
import torch.nn.functional as F

from repro.networks.layers import AbsTanh, LocallyConnected2d, MaskDropout, TowerLinear


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
    for layer in (local, AbsTanh()):
        assert torch.autograd.gradcheck(layer, (x,))
