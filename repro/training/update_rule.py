"""The paper's update rule on torch's SGD."""

from torch import nn
from torch.optim import SGD, Optimizer

from repro.networks.build import weighted
from repro.recipes.recipe import Optimisation
from repro.training.schedule import Rates


def build_optimizer(network: nn.Sequential, optimisation: Optimisation) -> SGD:
    """SGD with groups by rate and decay: conv1, other weights, biases.

    Parameters of normalisation layers count as biases: they do not decay.
    """
    layers = dict(weighted(network))
    last = list(layers)[-1]
    groups: dict[tuple, list] = {}
    for name, layer in layers.items():
        decay = optimisation.weight_decay
        if name.startswith(("fc", "local")):
            decay = optimisation.hidden_weight_decay
        if name == last:
            decay = optimisation.output_weight_decay
        kind = "stem" if name == "conv1" else "weights"
        groups.setdefault((kind, decay), []).append(layer.weight)
        biases = "stem_biases" if name == "conv1" else "biases"
        groups.setdefault((biases, 0.0), []).append(layer.bias)
    known = {id(p) for members in groups.values() for p in members}
    others = [p for p in network.parameters() if id(p) not in known]
    if others:
        groups["biases", 0.0] += others
    return SGD(
        [
            {"params": members, "weight_decay": decay, "kind": kind}
            for (kind, decay), members in groups.items()
        ],
        lr=optimisation.learning_rate,
        momentum=optimisation.momentum,
        fused=True,  # one pass over the weights: the others wait for memory
    )


def set_rates(optimizer: Optimizer, rates: Rates, *, in_velocity: bool) -> None:
    """Change the rates of all groups.

    With `in_velocity` the rule is the paper's, v <- m v - rate * (g + decay * w),
    w <- w + v (section 5), where what has gathered keeps its size when the rate drops.
    torch keeps the rate outside: w <- w - rate * b. As v = -rate * b, the buffers b are
    multiplied by old rate / new rate, and both are the same at a constant rate. A
    frozen conv1 is left out of the update, as the released code does.
    """
    rate_of = {
        "weights": rates.weights,
        "stem": rates.stem,
        "biases": rates.biases,
        "stem_biases": rates.biases,
    }
    for group in optimizer.param_groups:
        if group["kind"].startswith("stem"):
            for parameter in group["params"]:
                parameter.requires_grad_(not rates.stem_frozen)
        old, new = group["lr"], rate_of[group["kind"]]
        group["lr"] = new
        if in_velocity and old != new:
            _rescale(optimizer, group["params"], old / new)


def _rescale(optimizer: Optimizer, parameters: list, factor: float) -> None:
    for parameter in parameters:
        buffer = optimizer.state[parameter].get("momentum_buffer")
        if buffer is not None:
            buffer.mul_(factor)
