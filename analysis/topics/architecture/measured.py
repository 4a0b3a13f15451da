"""What layer lists say of each claim, for the ledger: counts, which need no run."""

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from analysis.claims.measurement import Measured, exact
from analysis.evidence.runs import Runs
from analysis.topics.architecture import layer_lists
from analysis.topics.architecture.counts import (
    connected,
    convolutional,
    lanes,
    stages,
    totals,
)
from analysis.topics.architecture.layer_lists import REFERENCE, Networks


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its counts, the same whatever the runs; none without the file."""
    networks = layer_lists.read_architectures()
    if not networks:
        return {}
    answers = _of_the_2012_network(networks[REFERENCE]) | _of_others(networks)
    return {claim: tuple(each) for claim, each in answers.items()}


def _of_the_2012_network(layers: pd.DataFrame) -> dict[str, list[Measured]]:
    table = stages(layers)
    return {
        "A4": [_parameters(table)],
        "A5": [_neurons(table)],
        "A6": list(_kinds(table)),
        "S1.1": list(_dense(table)),
        "S1.2": [_largest_share(table)],
        "S3.2b": list(_seen(table)),
        "S3.5b": list(_followed(layers)),
        "S3.5c": list(_kernels(table)),
        "F2a": [exact(row.neurons, row.name) for row in table.itertuples(index=False)],
        "F2b": [_input(layers)],
        "F2c": list(_lanes(table, lanes(layers))),
        "S4.0": [_bits(table)],
        "S4.2c": [_layers(_marked(table, "dropout"))],
        "X20": [_connected_share(table)],
        "X26": list(_shrinking(table)),
        "X29": [_parameters(table)],
    }


def _of_others(networks: Networks) -> dict[str, list[Measured]]:
    first = stages(networks["one-tower"]).iloc[0]
    return {
        "S3.2d": [_parameters_of_half(networks)],
        "S3.2e": [_work_of_half(networks)],
        "S3.4b": list(_pooled_sides(networks["R-pool2"])),
        "X30": [exact(first["maps"], stated=f"{first['maps']} in torchvision's")],
    }


def _layers(names: Sequence[str], quantity: str = "") -> Measured:
    """How many layers there are, and which."""
    known = f"{quantity} {len(names)}".strip()
    return exact(len(names), quantity, stated=f"{known}: {', '.join(names) or 'none'}")


def _parameters(table: pd.DataFrame) -> Measured:
    parameters, weights = table["parameters"].sum(), table["weights"].sum()
    return exact(
        parameters,
        stated=f"{parameters:,}: {weights:,} weights, {parameters - weights:,} biases",
    )


def _neurons(table: pd.DataFrame) -> Measured:
    """The neurons of the convolutions: no other count rounds to the paper's."""
    counts = {
        "convolutions only": convolutional(table)["neurons"].sum(),
        "all hidden layers": table["neurons"].iloc[:-1].sum(),
        "all layers": table["neurons"].sum(),
    }
    stated = ", ".join(f"{count:,} ({way})" for way, count in counts.items())
    return exact(counts["convolutions only"], stated=stated)


def _kinds(table: pd.DataFrame) -> Iterator[Measured]:
    yield exact(len(convolutional(table)), "convolutions")
    yield exact(len(connected(table)), "connected layers")
    yield exact(len(table), "layers with weights")
    yield _layers(_marked(table, "pooling"), "pooled layers")
    yield exact(table["maps"].iloc[-1], "classes")


def _marked(table: pd.DataFrame, mark: str) -> list[str]:
    """The layers that one of counts.MARKS follows."""
    return [row.name for row in table.itertuples(index=False) if mark in row.after]


def _dense(table: pd.DataFrame) -> Iterator[Measured]:
    """Dense layers between the maps of the convolutions, over the convolutions.

    A dense layer has as many connections as weights, a convolution more.
    """
    shared = convolutional(table)
    dense = (shared["inputs"] * shared["neurons"]).sum()
    for quantity, own in (("weights", "weights"), ("connections", "multiply_adds")):
        count = shared[own].sum()
        stated = f"{quantity}: {dense:,} over {count:,}, {dense / count:,.0f} times"
        yield exact(dense / count, quantity, "times", stated=stated)


def _largest_share(table: pd.DataFrame) -> Measured:
    shares = 100 * table["parameters"] / table["parameters"].sum()
    shares = pd.Series(shares.to_numpy(), table["name"])[convolutional(table)["name"]]
    stated = ", ".join(f"{name} {share:.2f} %" for name, share in shares.items())
    return exact(shares.max(), unit="%", stated=stated)


def _seen(table: pd.DataFrame) -> Iterator[Measured]:
    for quantity, sees in (("own half", "own"), ("both halves", "both")):
        yield _layers(table.loc[table["sees"] == sees, "name"], quantity)


def _followed(layers: pd.DataFrame) -> Iterator[Measured]:
    """Layers with weights that are normalised, pooled or rectified."""
    table = stages(layers)
    yield _layers(_marked(table, "normalisation"), "normalised")
    yield _layers(_marked(table, "pooling"), "pooled")
    stage = (layers["multiply_adds"] > 0).cumsum()
    rectified = stage[layers["kind"] == "ReLU"].unique() - 1
    yield _layers(table["name"].iloc[rectified], "ReLU")


def _kernels(table: pd.DataFrame) -> Iterator[Measured]:
    for place, row in enumerate(convolutional(table).itertuples(index=False)):
        yield exact(row.maps, f"{row.name}: kernels")
        yield exact(row.window, f"{row.name}: side")
        yield exact(row.depth, f"{row.name}: depth")
        if not place:
            yield exact(row.stride, f"{row.name}: stride")
    for row in connected(table).iloc[:-1].itertuples(index=False):
        yield exact(row.neurons, f"{row.name}: neurons")


def _input(layers: pd.DataFrame) -> Measured:
    maps, side = layers["maps"].iloc[0], layers["side"].iloc[0]
    count = maps * side**2
    return exact(count, stated=f"{count:,} = {side} × {side} × {maps}")


def _lanes(table: pd.DataFrame, gpus: int) -> Iterator[Measured]:
    for row in convolutional(table).itertuples(index=False):
        yield exact(row.side, f"{row.name}: side")
        yield exact(row.maps / gpus, f"{row.name}: maps")
    for row in connected(table).iloc[:-1].itertuples(index=False):
        yield exact(row.neurons / gpus, f"{row.name}: neurons")


def _bits(table: pd.DataFrame) -> Measured:
    classes = table["maps"].iloc[-1]
    bits = math.log2(classes)
    return exact(bits, unit="bits", stated=f"log2 {classes} = {bits:.2f} bits")


def _connected_share(table: pd.DataFrame) -> Measured:
    share = 100 * connected(table)["parameters"].sum() / table["parameters"].sum()
    return exact(share, "share", "%", stated=f"share: {share:.1f} % of all parameters")


def _shrinking(table: pd.DataFrame) -> Iterator[Measured]:
    maps = convolutional(table)
    grown = maps.loc[maps["side"].diff() > 0, "name"]
    fewer = maps.loc[maps["maps"].diff() < 0, "name"]
    yield _layers(grown, "maps grow")
    yield _layers(fewer, "fewer maps")


def _parameters_of_half(networks: Networks) -> Measured:
    one, two = (totals(networks[name])["parameters"] for name in ("R-half", REFERENCE))
    return exact(
        one / two, unit="times", stated=f"{one / two:.3f}: {one:,} over {two:,}"
    )


def _work_of_half(networks: Networks) -> Measured:
    layers = networks[REFERENCE]
    each = totals(layers)["multiply_adds"] // lanes(layers)
    one = totals(networks["R-half"])["multiply_adds"]
    stated = f"multiply-adds: {each:,} on each of two GPUs over {one:,} on one, "
    stated += f"{each / one:.3f}"
    return exact(each / one, "multiply-adds", "times", stated=stated)


def _pooled_sides(layers: pd.DataFrame) -> Iterator[Measured]:
    for row in layers[layers["kind"] == "MaxPool2d"].itertuples(index=False):
        yield exact(row.side, row.name)
