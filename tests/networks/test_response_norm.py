"""Response normalisation against NumPy loops, torch and finite differences."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch._subclasses.fake_tensor import FakeTensorMode

from repro.networks.response_norm import CACHED, CrossMapNorm, SameMapNorm


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


@pytest.mark.parametrize("size", [3, 4, 5])
def test_many_images_are_normalised_and_differentiated_as_torch_does(size):
    """More than are worked on at a time; torch's own layer, through autograd."""
    torch.manual_seed(0)
    shape = (7, 16, 128, 128)
    assert np.prod(shape) > 3 * CACHED
    x = (torch.randn(shape) * 20).requires_grad_()
    layer = CrossMapNorm(size, alpha=0.01, beta=0.75, k=2.0)
    above = torch.randn(shape)
    theirs = F.local_response_norm(x, size, alpha=0.01, beta=0.75, k=2.0)
    expected = torch.autograd.grad(theirs, x, above)[0]
    seen = x.detach().to(memory_format=torch.channels_last).requires_grad_()
    ours = layer(seen)
    assert ours.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    gradient = torch.autograd.grad(ours, seen, above)[0]
    torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("beta", [0.75, 0.5, 1.3])
@pytest.mark.parametrize(
    "layer",
    [
        lambda beta: SameMapNorm(3, alpha=1.0, beta=beta, k=1.0),
        lambda beta: CrossMapNorm(3, alpha=1.0, beta=beta, k=2.0, towers=2),
        lambda beta: CrossMapNorm(4, alpha=1.0, beta=beta, k=2.0),
    ],
)
def test_gradients(layer, beta):
    torch.manual_seed(0)
    x = torch.randn(2, 4, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer(beta), (x,))


def test_half_precision_is_the_formula_within_its_rounding():
    torch.manual_seed(0)
    x = torch.randn(2, 96, 5, 5) * 30
    layer = CrossMapNorm(5, alpha=1e-4, beta=0.75, k=2.0, towers=2)
    half = layer(x.bfloat16())
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), layer(x), rtol=0.02, atol=0.01)


@pytest.mark.parametrize(
    "layer",
    [
        CrossMapNorm(5, alpha=1e-3, beta=0.75, k=2.0, towers=2),
        SameMapNorm(5, alpha=1e-3, beta=0.75, k=1.0),
    ],
)
def test_half_precision_gradients_are_the_formula_within_their_rounding(layer):
    """Steps of bfloat16 are 2^-8; a handful of them in a row, none of them in favour."""
    torch.manual_seed(0)
    x, above = (torch.randn(2, 96, 13, 13) * 30).bfloat16(), torch.randn(2, 96, 13, 13)

    def gradient(dtype):
        seen = x.to(dtype).to(memory_format=torch.channels_last).requires_grad_()
        return torch.autograd.grad(layer(seen), seen, above.bfloat16().to(dtype))[0]

    half, exact = gradient(torch.bfloat16), gradient(torch.float64)
    assert half.dtype == torch.bfloat16
    assert (half.double() - exact).norm() < 0.01 * exact.norm()


def test_only_training_keeps_what_the_backward_pass_needs():
    kept = []
    layer = CrossMapNorm(5, alpha=1e-4, beta=0.75, k=2.0)
    x = torch.randn(2, 8, 4, 4)
    with torch.autograd.graph.saved_tensors_hooks(kept.append, lambda tensor: tensor):
        layer(x)
        assert not kept
        layer(x.requires_grad_())
    assert [tensor.shape for tensor in kept] == [x.shape] * 3  # x, s and s^-beta


def test_autocast_changes_no_number():
    """Neither forward nor backward, where a matrix product would be in bfloat16."""
    torch.manual_seed(0)
    layer = CrossMapNorm(5, alpha=1e-3, beta=0.75, k=2.0)
    x, above = (torch.randn(2, 8, 5, 5) * 30).requires_grad_(), torch.randn(2, 8, 5, 5)
    found = []
    for enabled in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            y = layer(x)
            found.append((y, torch.autograd.grad(y, x, above)[0]))
    for ours, expected in zip(*found, strict=True):
        assert torch.equal(ours, expected)


@pytest.fixture
def cuda_autocast():
    """As on a GPU, where there is none: torch.autocast would refuse."""
    before = torch.is_autocast_enabled("cuda"), torch.get_autocast_dtype("cuda")
    torch.set_autocast_enabled("cuda", True)
    torch.set_autocast_dtype("cuda", torch.bfloat16)
    yield
    torch.set_autocast_enabled("cuda", before[0])
    torch.set_autocast_dtype("cuda", before[1])


@pytest.mark.parametrize("beta", [0.75, 1.3])  # by square roots, and by a power
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize(
    "layer",
    [
        lambda beta: CrossMapNorm(5, alpha=1e-4, beta=beta, k=2.0, towers=2),
        lambda beta: CrossMapNorm(5, alpha=1e-4, beta=beta, k=2.0),
        lambda beta: CrossMapNorm(5, alpha=1e-4, beta=beta, k=2.0, divided=False),
        lambda beta: SameMapNorm(5, alpha=1e-3, beta=beta, k=1.0),
    ],
)
def test_autocast_on_cuda_changes_no_dtype(layer, dtype, beta, cuda_autocast):
    """Neither of the output nor of what is kept: there `rsqrt` and `pow` are float32.

    The first backward pass would then end in a matrix product of two dtypes.
    """
    kept = []
    with FakeTensorMode():
        x = torch.empty(2, 8, 5, 5, dtype=dtype, device="cuda", requires_grad=True)
        assert (x[:, 0] @ x[:, 1]).dtype == torch.bfloat16  # autocast is at work
        assert x.rsqrt().dtype == torch.float32
        with torch.autograd.graph.saved_tensors_hooks(kept.append, lambda t: t):
            y = layer(beta)(x)
    assert (y.device.type, y.dtype) == ("cuda", dtype)
    assert [tensor.dtype for tensor in kept] == [dtype] * 3  # x, s and s^-beta
    assert torch.is_autocast_enabled("cuda")
