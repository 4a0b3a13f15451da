"""The paper's own scheme: each tower of the network on a device of its own.

Section 3.2: the devices exchange only where a layer reads both towers. conv3, fc6 and
fc7 are split by outputs, so each device sends what its tower has to the other; fc8 is
on the first device alone, as the released code has it, so only the second one sends.
Outside it is the one-device network: the same names in its state, and the same masks.
"""

import copy

import torch
from torch import Tensor, nn
from torch.optim import SGD

from repro.errors import ReproError
from repro.networks.build import weighted
from repro.networks.layers import drops
from repro.networks.response_norm import CrossMapNorm

Devices = tuple[torch.device, torch.device]


class TwoDevicesError(ReproError):
    """A network that cannot be split into towers which exchange only at its layers."""


class TwoDevices(nn.Module):
    """(B, 3, side, side) to (B, classes) on the first device, from a two-tower network.

    `exchange` holds, layer by layer, the bytes that the first training step, of
    `images` images, has moved to the other device: forward, and back as gradients. The
    images themselves, which both devices see, are not in it. Raises TwoDevicesError
    where the network has not two towers, or a layer (batch normalisation, norms across
    the towers) that would need more exchange.
    """

    def __init__(self, network: nn.Sequential, devices: Devices):
        super().__init__()
        _need_towers(network)
        layers = dict(network.named_children())
        _, *others = (name for name, _ in weighted(network))  # the first sees the image
        self.devices, self.last = devices, others[-1]
        self.joined = {name for name in others if not _apart(layers[name])}
        self.exchange: dict[str, list[int]] = {}
        self.images = 0
        self.towers = nn.ModuleList(nn.ModuleDict() for _ in devices)
        for name, layer in layers.items():
            halves = [_half(layer, tower) for tower in (0, 1)]
            if name == self.last:
                halves = [copy.deepcopy(layer)]
            for tower, half, device in zip(self.towers, halves, devices, strict=False):
                tower[name] = half.to(device, memory_format=torch.channels_last)
        self._plan = [copy.deepcopy(network).to("meta")]  # in a list: no submodule
        self.register_state_dict_post_hook(_join_state)
        self.register_load_state_dict_pre_hook(_split_state)

    def forward(self, images: Tensor) -> Tensor:
        counting = self.training and not self.exchange
        self.images = len(images) if counting else self.images
        values = [images, images.to(self.devices[1])]
        for name in self.towers[0]:
            if name in self.joined:
                moved = self.exchange.setdefault(name, [0, 0]) if counting else [0, 0]
                values = self._both(name, values, moved)
            values = self._layer(name, values)
        return values[0]

    def _both(self, name: str, values: list[Tensor], moved: list[int]) -> list[Tensor]:
        """What both towers have, on each device that computes the layer."""
        (one, two), (first, second) = values, self.devices
        both = [torch.cat([one, _Sent.apply(two, first, moved)], 1)]
        if name != self.last:
            both.append(torch.cat([_Sent.apply(one, second, moved), two], 1))
        return both

    def _layer(self, name: str, values: list[Tensor]) -> list[Tensor]:
        layers = [tower[name] for tower in self.towers if name in tower]
        if not (self.training and drops(layers[0])):
            return [layer(x) for layer, x in zip(layers, values, strict=True)]
        widths = [x.shape[1] for x in values]
        masks = {}  # drawn once a device, for both towers, as one device would
        for x in values:
            if x.device not in masks:
                whole = x.new_ones(len(x), sum(widths))
                masks[x.device] = layers[0](whole).split(widths, 1)
        return [x * masks[x.device][tower] for tower, x in enumerate(values)]

    def halves(self, name: str) -> list[nn.Parameter]:
        """The parts of one of the network's parameters, by device; fc8's is whole."""
        layer, _, parameter = name.rpartition(".")
        found = [tower[layer] for tower in self.towers if layer in tower]
        return [getattr(half, parameter) for half in found]

    def one_device(self) -> nn.Sequential:
        """A copy of the network on the first device alone."""
        network = copy.deepcopy(self._plan[0]).to_empty(device=self.devices[0])
        network.load_state_dict(self.state_dict())
        return network

    def sentence(self) -> str:
        """What a training step exchanges, in words."""
        parts = [
            f"{name} {there:,} and {back:,}"
            for name, (there, back) in self.exchange.items()
        ]
        there, back = (sum(way) for way in zip(*self.exchange.values(), strict=True))
        return (
            f"{there:,} bytes forward and {back:,} back exchanged between "
            f"{self.devices[0]} and {self.devices[1]} in a step of {self.images} images "
            f"({', '.join(parts)})"
        )


class _Sent(torch.autograd.Function):
    """A tensor on the other device; its gradient comes back. Bytes are counted."""

    @staticmethod
    def forward(ctx, value: Tensor, device: torch.device, moved: list[int]) -> Tensor:
        ctx.origin, ctx.moved = value.device, moved
        moved[0] += value.nbytes
        return value.to(device) if value.device != device else value.view_as(value)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        ctx.moved[1] += gradient.nbytes
        return gradient.to(ctx.origin), None, None


def _need_towers(network: nn.Sequential) -> None:
    for name, layer in network.named_children():
        crossing = isinstance(layer, CrossMapNorm) and layer.towers != 2
        if crossing or isinstance(layer, nn.BatchNorm2d):
            raise TwoDevicesError(
                f"{name} reads both towers, for which the paper's scheme has no "
                "exchange; set across_towers=false, and no normaliser=batch"
            )
    if _apart(network[-1]) or not any(map(_apart, network)):
        raise TwoDevicesError(
            "not two towers that meet in fc8, to put on two devices; set towers=2 and "
            "leave fc8 joined"
        )


def _apart(layer: nn.Module) -> bool:
    """Whether the layer has two parts that see a tower each."""
    return getattr(layer, "groups", 1) == 2 or getattr(layer, "towers", 1) == 2


def _half(layer: nn.Module, tower: int) -> nn.Module:
    """One tower's outputs of a layer, as a layer of one tower."""
    half = copy.deepcopy(layer)
    for attribute in ("groups", "towers"):
        if hasattr(half, attribute):
            setattr(half, attribute, 1)
    for name, parameter in layer.named_parameters():
        part = parameter.detach().chunk(2)[tower].clone()
        setattr(half, name, nn.Parameter(part))
    return half


def _join(parts: list[Tensor]) -> Tensor:
    return torch.cat([part.detach().cpu() for part in parts])


def _join_state(two: TwoDevices, state: dict, prefix: str, metadata: dict) -> None:
    """The state of the one-device network."""
    names = [
        key.removeprefix("towers.0.") for key in state if key.startswith("towers.0")
    ]
    state.clear()
    state.update({name: _join(two.halves(name)) for name in names})


def _split_state(two: TwoDevices, state: dict, prefix: str, *_) -> None:
    """The reverse: each tower's part of what the one-device network has."""
    whole = dict(state)
    state.clear()
    for name, value in whole.items():
        parts = value.split([len(half) for half in two.halves(name)])
        state |= {f"towers.{k}.{name}": part for k, part in enumerate(parts)}


def on_two_devices(
    network: nn.Sequential, optimizer: SGD, devices: Devices
) -> tuple[TwoDevices, SGD]:
    """Network and optimizer on two devices; their states stay those of one.

    Raises TwoDevicesError as TwoDevices does.
    """
    two = TwoDevices(network, devices)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    groups, parts = [], []
    for group in optimizer.param_groups:
        halves = [two.halves(names[id(parameter)]) for parameter in group["params"]]
        groups.append({**group, "params": [half for pair in halves for half in pair]})
        parts += halves
    split = SGD(groups, lr=optimizer.defaults["lr"])
    split.register_state_dict_post_hook(lambda _, state: _joined(state, parts))
    split.register_load_state_dict_pre_hook(lambda _, state: _split(state, parts))
    return two, split


def _joined(state: dict, parts: list[list[Tensor]]) -> dict:
    """The optimizer's state by parameters of the one-device network."""
    indices, velocities = iter(range(sum(map(len, parts)))), {}
    whole_of = {}
    for whole, halves in enumerate(parts):
        own = [next(indices) for _ in halves]
        whole_of |= dict.fromkeys(own, whole)
        found = [state["state"].get(k, {}).get("momentum_buffer") for k in own]
        if all(buffer is not None for buffer in found):
            velocities[whole] = {"momentum_buffer": _join(found)}
    groups = [
        {**group, "params": list(dict.fromkeys(whole_of[k] for k in group["params"]))}
        for group in state["param_groups"]
    ]
    return {"state": velocities, "param_groups": groups}


def _split(state: dict, parts: list[list[Tensor]]) -> dict:
    """The reverse."""
    indices, velocities = iter(range(sum(map(len, parts)))), {}
    own_of = {}
    for whole, halves in enumerate(parts):
        own_of[whole] = [next(indices) for _ in halves]
        if whole in state["state"]:
            buffer = state["state"][whole]["momentum_buffer"]
            pieces = buffer.split([len(half) for half in halves])
            for k, piece in zip(own_of[whole], pieces, strict=True):
                velocities[k] = {"momentum_buffer": piece}
    groups = [
        {**group, "params": [k for whole in group["params"] for k in own_of[whole]]}
        for group in state["param_groups"]
    ]
    return {"state": velocities, "param_groups": groups}
