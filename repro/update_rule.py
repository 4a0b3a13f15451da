"""The paper's update rule on torch's SGD, and rates as a pure function of the epoch."""

from torch import nn
from torch.optim import SGD, Optimizer

from repro.recipes import Optimisation


def build_optimizer(network: nn.Sequential, optimisation: Optimisation) -> SGD:
    """SGD with one group for biases (own rate, no decay) and one per kind of weight."""
    last = list(dict(network.named_children()))[-1]
    decays = {}
    for name, layer in network.named_children():
        if not hasattr(layer, "weight"):
            continue
        decay = optimisation.weight_decay
        if name.startswith(("fc", "local")):
            decay = optimisation.hidden_weight_decay
        if name == last:
            decay = optimisation.output_weight_decay
        decays.setdefault(decay, []).append(layer.weight)
    biases = [p for name, p in network.named_parameters() if name.endswith(".bias")]
    rate = optimisation.learning_rate
    groups = [
        {"params": weights, "weight_decay": decay, "rate_factor": 1.0}
        for decay, weights in decays.items()
    ]
    groups += [{"params": biases, "rate_factor": optimisation.bias_rate_factor}]
    for group in groups:
        group["lr"] = rate * group["rate_factor"]
    return SGD(groups, lr=rate, momentum=optimisation.momentum)


def rate_at(optimisation: Optimisation, epoch: int) -> float:
    """The rate of the weights during epoch `epoch`, counted from 0."""
    drops = 0
    if optimisation.schedule == "fixed":
        drops = sum(epoch >= drop for drop in optimisation.drop_epochs)
    return optimisation.learning_rate * optimisation.drop_factor**drops


def set_rate(optimizer: Optimizer, rate: float, *, in_velocity: bool) -> None:
    """Change the rate.

    With `in_velocity` the rule is the paper's, v <- m v - rate * (g + decay * w),
    w <- w + v (section 5), where what has gathered keeps its size when the rate drops.
    torch keeps the rate outside: w <- w - rate * b. As v = -rate * b, the buffers b are
    multiplied by old rate / new rate, and both are the same at a constant rate.
    """
    for group in optimizer.param_groups:
        old, new = group["lr"], rate * group["rate_factor"]
        group["lr"] = new
        if not in_velocity or old == new:
            continue
        for parameter in group["params"]:
            buffer = optimizer.state[parameter].get("momentum_buffer")
            if buffer is not None:
                buffer.mul_(old / new)
