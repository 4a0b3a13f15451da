"""Two towers on two devices are the one-device network: values, gradients, state."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from repro.machine.devices import Compute
from repro.networks.build import build_network
from repro.networks.two_devices import TwoDevices, TwoDevicesError, on_two_devices
from repro.recipes.presets import PAPER_TEXT, RECIPES
from repro.recipes.profiles import SMOKE, fitted
from repro.recipes.recipe import Recipe
from repro.recipes.settings import override
from repro.runs import folder as runs
from repro.training.schedule import Rates
from repro.training.train import train
from repro.training.update_rule import build_optimizer, set_rates
from tests.made.tiny_data import write_tiny_data

CPU = torch.device("cpu")
CUDA = [torch.device("cuda:0"), torch.device("cuda:1")]
PAIRS = [pytest.param((CPU, CPU), id="cpu")]
PAIRS += [
    pytest.param(
        tuple(CUDA),
        id="cuda",
        marks=pytest.mark.skipif(
            torch.cuda.device_count() < 2, reason="needs two CUDA devices"
        ),
    )
]
SMALL = {"stem_stride": 2, "stem_padding": (5, 5), "width": 1 / 16, "scheme": "torch"}
CLASSES = 7  # odd: fc8 is not split


def network(recipe=None, **changes):
    torch.manual_seed(0)
    recipe = override(recipe or Recipe(), SMALL | changes)
    built = build_network(recipe, classes=CLASSES, side=56)
    return built.to(memory_format=torch.channels_last), recipe.optimisation


def batch(device=CPU):
    torch.manual_seed(1)
    return torch.randn(6, 3, 56, 56).to(device), torch.arange(6).to(device)


def loss_of(built, images, labels):
    torch.manual_seed(2)  # the dropout masks
    return F.cross_entropy(built(images), labels)


def assert_close(found, expected, within=1e-5):
    """The difference is a vector of so small a share of the expected length.

    A hundred roundings of float32, as processors add in different orders; float64, below,
    tells them from what is wrong.
    """
    gap = (found.detach().cpu() - expected).norm()
    assert gap <= within * expected.norm()


@pytest.mark.parametrize("devices", PAIRS)
@pytest.mark.parametrize(
    ("recipe", "changes"),
    [
        (None, {}),
        (None, {"dropout_kind": "inverted"}),
        (RECIPES["R-nocomm"], {}),
        (RECIPES["R-nolrn"], {"removed": ("conv4", "fc6")}),
        (None, {"head": "average"}),
    ],
)
def test_loss_and_gradients_are_those_of_one_device(recipe, changes, devices):
    one, optimisation = network(recipe, **changes)
    two, _ = on_two_devices(one, build_optimizer(one, optimisation), devices)
    images, labels = batch()
    expected = loss_of(one, images, labels)
    expected.backward()
    found = loss_of(two, images.to(devices[0]), labels.to(devices[0]))
    found.backward()
    assert_close(found, expected.detach())
    for layer, module in one.named_children():  # weights and biases together
        pairs = [
            (
                torch.cat([half.grad.cpu() for half in two.halves(f"{layer}.{name}")]),
                own,
            )
            for name, own in module.named_parameters()
        ]
        if pairs:
            found = torch.cat([gradient.flatten() for gradient, _ in pairs])
            assert_close(found, torch.cat([own.grad.flatten() for _, own in pairs]))
    one.eval(), two.eval()
    with torch.inference_mode():
        assert_close(two(images.to(devices[0])), one(images))


def test_in_double_precision_nothing_but_rounding_is_left():
    one, optimisation = network(dropout_kind="inverted")
    one = one.double()
    two, _ = on_two_devices(one, build_optimizer(one, optimisation), (CPU, CPU))
    images, labels = batch()
    loss_of(one, images.double(), labels).backward()
    loss_of(two, images.double(), labels).backward()
    for name, parameter in one.named_parameters():
        found = torch.cat([half.grad for half in two.halves(name)])
        assert_close(found, parameter.grad, within=1e-13)


def test_parameters_are_on_the_device_of_their_tower():
    one, _ = network()
    two = TwoDevices(one, (CPU, torch.device("meta")))
    for name in ("conv1", "conv2", "conv3", "fc6", "fc7"):
        kinds = [half.device.type for half in two.halves(f"{name}.weight")]
        assert kinds == ["cpu", "meta"], name
    assert [half.device.type for half in two.halves("fc8.weight")] == ["cpu"]


def test_bytes_are_those_of_the_layers_that_read_both_towers():
    """B images, 4 bytes a value: 16 maps of 6 x 6 and 16 of 2 x 2, 256 units."""
    one, _ = network()
    two = TwoDevices(one, (CPU, CPU))
    images, labels = batch()
    both_ways = {"conv3": 16 * 6 * 6, "fc6": 16 * 2 * 2, "fc7": 256}
    expected = {name: [6 * 4 * count] * 2 for name, count in both_ways.items()}
    expected["fc8"] = [6 * 4 * 128] * 2  # only the second tower's
    two.eval()
    two(images)
    assert two.exchange == {}
    two.train()
    loss_of(two, images, labels).backward()
    assert two.exchange == expected
    total = sum(there for there, _ in expected.values())
    assert two.sentence().count(f"{total:,}") == 2
    assert two.sentence().count("13,824") == 2  # of conv3
    loss_of(two, images[:3], labels[:3]).backward()
    assert two.exchange == expected  # of one step, not of all so far
    without = TwoDevices(network(RECIPES["R-nocomm"])[0], (CPU, CPU))
    without(images)
    assert without.exchange == {"fc8": [6 * 4 * 128, 0]}  # no gradient yet


def step(built, optimizer, rates):
    set_rates(optimizer, rates, in_velocity=True)
    loss = loss_of(built, *batch())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


RATES = [Rates(0.01, 0.01, 0.02), Rates(0.001, 0.001, 0.02)]
RATES += [Rates(0.001, 0.0005, 0.02, stem_frozen=True)]


def test_states_go_from_one_device_to_two_and_back():
    """Three steps, the devices changing after each, as three on one device."""
    one, optimisation = network()
    alone = build_optimizer(one, optimisation)
    losses = [step(one, alone, rates) for rates in RATES]
    found, states = [], None
    for number, rates in enumerate(RATES):
        current, _ = network()
        optimizer = build_optimizer(current, optimisation)
        if number != 1:
            current, optimizer = on_two_devices(current, optimizer, (CPU, CPU))
        if states:
            current.load_state_dict(states[0])
            optimizer.load_state_dict(states[1])
        found.append(step(current, optimizer, rates))
        states = current.state_dict(), optimizer.state_dict()
    assert found == pytest.approx(losses, rel=1e-5)
    ours, theirs = states[0], one.state_dict()
    assert list(ours) == list(theirs)
    for name, weight in theirs.items():
        assert_close(ours[name], weight)
    ours, theirs = states[1], alone.state_dict()
    assert ours["param_groups"] == theirs["param_groups"]
    assert ours["state"].keys() == theirs["state"].keys()
    for index, state in theirs["state"].items():
        assert_close(ours["state"][index]["momentum_buffer"], state["momentum_buffer"])


def test_a_run_on_two_devices_goes_on_on_one(tmp_path):
    write_tiny_data(tmp_path, images=20)
    changes = {"width": 0.03, "epochs": 2, "hold_out": False, "drop_epochs": ()}
    recipe = override(fitted(Recipe(), SMOKE), changes | {"late_epochs": ()})

    def run(folder, second=None, **options):
        options |= {"data": tmp_path, "say": str, "seed": 0}
        options["compute"] = Compute(CPU, second=second)
        return train(recipe, SMOKE, name="tiny", run=tmp_path / folder, **options)

    expected = run("one")
    run("two", second=CPU, pause=1)
    first = runs.read_json(tmp_path / "two/manifest.json")
    assert first["sessions"][0]["towers_on"] == ["cpu", "cpu"]
    assert (
        first["preflight"]
        == runs.read_json(tmp_path / "one/manifest.json")["preflight"]
    )
    found = run("two")
    for key in ("running_loss", "train_loss"):
        losses = [[row[key] for row in rows[1:]] for rows in (found, expected)]
        assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert len(runs.read_json(tmp_path / "two/manifest.json")["exchange"]) == 4


def test_networks_that_would_exchange_elsewhere_are_refused():
    for recipe, changes, said in [
        (PAPER_TEXT, {}, "norm1.*across_towers=false"),
        (None, {"normaliser": "batch", "second_norm": ()}, "norm1"),
        (RECIPES["one-tower"], {"towers": 1}, "set towers=2"),
    ]:
        with pytest.raises(TwoDevicesError, match=said):
            TwoDevices(network(recipe, **changes)[0], (CPU, CPU))


def test_the_network_given_is_left_alone():
    one, _ = network()
    before = {name: value.clone() for name, value in one.state_dict().items()}
    two = TwoDevices(one, (CPU, CPU))
    with torch.no_grad():
        for parameter in two.parameters():
            parameter.fill_(0)
    assert isinstance(one, nn.Sequential)
    assert all(torch.equal(one.state_dict()[name], before[name]) for name in before)
