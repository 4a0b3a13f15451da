"""The 2012 network: who sees whom, order, sizes, initial values, towers written out."""

import pytest
import torch
import torch.nn.functional as F

from repro.networks.build import build_network, initialise, outputs
from repro.networks.layers import MaskDropout
from repro.networks.response_norm import CrossMapNorm, SameMapNorm
from repro.recipes.presets import PAPER_TEXT, RECIPES
from repro.recipes.recipe import Recipe
from repro.recipes.settings import override

SMALL = {"stem_stride": 2, "stem_padding": (5, 5)}  # the stem at 56 pixels
THIN = {**SMALL, "width": 1 / 16}


def network(recipe=None, side=56, **changes):
    torch.manual_seed(0)
    recipe = override(recipe or Recipe(), {**THIN, **changes})
    built = build_network(recipe, classes=20, side=side)
    initialise(built, recipe.initial_values)
    return built


def names(built):
    return [name for name, _ in built.named_children()]


def test_released_order():
    assert names(network(side=224, stem_stride=4, stem_padding=(0, 3))) == [
        *("pad", "conv1", "norm1", "pool1", "active1"),
        *("conv2", "active2", "norm2", "second2", "pool2"),
        *("conv3", "active3", "conv4", "active4", "conv5", "active5", "pool5"),
        *("flat", "fc6", "active6", "drop6", "fc7", "active7", "drop7", "fc8"),
    ]


def test_order_of_the_text():
    assert names(network(PAPER_TEXT))[:8] == [
        *("conv1", "active1", "norm1", "pool1"),
        *("conv2", "active2", "norm2", "pool2"),
    ]


def test_norms_of_the_presets():
    released = network(side=224, stem_stride=4, stem_padding=(0, 3))
    assert isinstance(released.norm1, CrossMapNorm)
    assert (released.norm1.towers, released.norm1.alpha) == (2, 1e-4)
    assert isinstance(released.second2, SameMapNorm)
    text = network(PAPER_TEXT)
    assert (text.norm1.towers, text.norm1.alpha) == (1, 5e-4)  # of the mean of 5
    assert network(RECIPES["caffe"]).norm2.k == 1.0
    assert not any("norm" in name for name in names(network(RECIPES["R-nolrn"])))
    assert not any("second" in name for name in names(network(RECIPES["R-nolrn"])))


@pytest.mark.parametrize(
    ("layer", "source", "blind"),
    [
        ("conv2", "pool1", True),
        ("conv3", "pool2", False),
        ("conv4", "conv3", True),
        ("conv5", "conv4", True),
        ("conv5", "pool2", False),  # through conv3
        ("fc6", "pool5", False),
    ],
)
def test_who_sees_whom_across_towers(layer, source, blind):
    """The gradient of tower 1's units in `layer` with respect to tower 2 of `source`."""
    built = network().double().eval()
    x = torch.randn(2, 3, 56, 56, dtype=torch.float64) * 60
    reached = False
    for name, module in built.named_children():
        x = module(x)
        if name == source:
            seen = x = x.detach().requires_grad_()
            reached = True
        if name == layer:
            break
    assert reached
    x[:, : x.shape[1] // 2].sum().backward()
    crossing = seen.grad[:, seen.shape[1] // 2 :].abs().sum()
    own = seen.grad[:, : seen.shape[1] // 2].abs().sum()
    assert own > 0
    assert (crossing == 0) == blind


def test_two_towers_written_out():
    """The grouped network equals two networks that exchange at conv3, fc6, fc7, fc8."""
    built = network().double().eval()
    p = dict(built.named_parameters())
    x = torch.randn(2, 3, 56, 56, dtype=torch.float64) * 60

    def half(key, tower):
        return p[key].chunk(2)[tower]

    def convolve(x, name, tower, **options):
        return F.conv2d(
            x, half(f"{name}.weight", tower), half(f"{name}.bias", tower), **options
        )

    def norm(x):
        return F.local_response_norm(x, 5, 1e-4, 0.75, 2.0)

    def pool(x):
        return F.max_pool2d(x, 3, 2)

    second = []
    for tower in (0, 1):
        y = convolve(x, "conv1", tower, stride=2, padding=5)
        y = pool(norm(y)).relu()
        y = norm(convolve(y, "conv2", tower, padding=2).relu())
        square = F.avg_pool2d(y * y, 5, 1, 2)
        second.append(pool(y * (1 + 1e-3 * square) ** -0.75))
    joined, fifth = torch.cat(second, 1), []
    for tower in (0, 1):
        y = convolve(joined, "conv3", tower, padding=1).relu()
        y = convolve(y, "conv4", tower, padding=1).relu()
        fifth.append(pool(convolve(y, "conv5", tower, padding=1).relu()).flatten(1))
    y = torch.cat(fifth, 1)
    for name in ("fc6", "fc7"):
        y = F.linear(y, p[f"{name}.weight"], p[f"{name}.bias"]).relu() * 0.5
    y = F.linear(y, p["fc8.weight"], p["fc8.bias"])
    torch.testing.assert_close(built(x), y, rtol=1e-9, atol=1e-12)


def test_no_exchange_before_fc8():
    built = network(RECIPES["R-nocomm"]).double().eval()
    x = (torch.randn(1, 3, 56, 56) * 60).double().requires_grad_()
    seen = outputs(built, x, {"pool1", "drop7"})
    tower = torch.autograd.grad(seen["drop7"][:, 0].sum(), seen["pool1"])[0]
    assert tower[:, tower.shape[1] // 2 :].abs().sum() == 0


@pytest.mark.parametrize("side", [224, 56, 28])
def test_sizes_of_all_data_sets(side):
    stems = {
        224: {"stem_stride": 4, "stem_padding": (0, 3)},
        56: {},
        28: {"stem_kernel": 5, "stem_stride": 1, "stem_padding": (2, 2)},
    }
    built = network(side=side, **stems[side])
    found = outputs(
        built, torch.zeros(1, 3, side, side), {"conv1", "pool1", "pool2", "pool5"}
    )
    sizes = [found[k].shape[-1] for k in ("conv1", "pool1", "pool2", "pool5")]
    expected = {224: [55, 27, 13, 6], 56: [28, 13, 6, 2], 28: [28, 13, 6, 2]}
    assert sizes == expected[side]


def test_the_55th_window_hangs_three_zeros_over_the_right_and_bottom():
    built = network(side=224, stem_stride=4, stem_padding=(0, 3))
    x = torch.randn(1, 3, 224, 224)
    found = outputs(built, x, {"conv1"})["conv1"]
    padded = F.pad(x, (0, 3, 0, 3))
    direct = F.conv2d(padded, built.conv1.weight, built.conv1.bias, stride=4)
    torch.testing.assert_close(found, direct)


def test_initial_values_as_released():
    built = network(width=0.25)
    stds = {name: 0.01 for name in ("conv1", "conv2", "fc6", "fc7", "fc8")}
    stds |= {name: 0.03 for name in ("conv3", "conv4", "conv5")}
    for name, std in stds.items():
        layer = built.get_submodule(name)
        spread = std * (2 * layer.weight.numel()) ** -0.5
        assert abs(layer.weight.std().item() - std) < 5 * spread, name
        positive = name in ("conv2", "conv4", "conv5", "fc6", "fc7")
        assert (layer.bias == (1.0 if positive else 0.0)).all(), name


def test_dropout_is_where_the_paper_has_it():
    built = network()
    masks = [n for n, m in built.named_children() if isinstance(m, MaskDropout)]
    assert masks == ["drop6", "drop7"]
    placed = names(network(RECIPES["one-tower"]))
    assert placed.index("drop6") < placed.index("fc6")


@pytest.mark.parametrize("name", [n for n in RECIPES if n.startswith("R-")])
def test_every_variant_trains_a_step(name):
    built = network(RECIPES[name])
    x, labels = torch.randn(4, 3, 56, 56) * 60, torch.arange(4)
    loss = F.cross_entropy(built(x), labels)
    loss.backward()
    assert torch.isfinite(loss)
    assert all(p.grad is not None for p in built.parameters())
