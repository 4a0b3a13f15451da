"""What layers offer to the ledger: arithmetic, which takes no run."""

from collections.abc import Iterator

import pandas as pd

from analysis.claims.measurement import Measured, exact
from analysis.evidence.runs import Runs
from analysis.topics.architecture import layer_lists
from analysis.topics.architecture import measured as network_measured
from analysis.topics.architecture.counts import lanes, stages, totals
from analysis.topics.architecture.layer_lists import REFERENCE, Networks


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its counts, the same whatever the runs; none without the list."""
    networks = layer_lists.read_architectures()
    if not networks:
        return {}
    answers = network_measured.measured(networks[REFERENCE]) | _of_others(networks)
    return {claim: tuple(each) for claim, each in answers.items()}


def _of_others(networks: Networks) -> dict[str, list[Measured]]:
    first = stages(networks["one-tower"]).iloc[0]
    return {
        "S3.2d": [_parameters_of_half(networks)],
        "S3.2e": [_work_of_half(networks)],
        "S3.4b": list(_pooled_sides(networks["R-pool2"])),
        "X30": [exact(first["maps"], stated=f"{first['maps']} in torchvision's")],
    }


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
