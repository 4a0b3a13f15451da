"""What the paper prints of its network beside what is counted in its layer list."""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from analysis.claims import printed
from analysis.claims.printed import Reported
from analysis.topics.architecture import counts

AGREES, ROUNDS, DIFFERS = "agrees", "rounds to it", "differs"


class Compared(NamedTuple):
    """One thing that the paper prints; both values are numbers, or both are text."""

    claim: str
    quantity: str
    place: str
    paper: float | str
    counted: float | str
    agreement: str


def comparison(layers: pd.DataFrame) -> pd.DataFrame:
    """One row for each number or shape, of the 2012 network on 224-pixel images."""
    table = counts.stages(layers)
    rows = [
        *_totals(table),
        *_kinds(table),
        *_shares(table),
        *_towers(table),
        *_kernels(table),
        *_neurons(table),
        *_input(layers),
        *_maps(table, counts.lanes(layers)),
        *_followers(table),
    ]
    return pd.DataFrame(rows, columns=Compared._fields)


def _exact(claim, quantity, place, paper, counted) -> Compared:
    agreement = AGREES if paper == counted else DIFFERS
    return Compared(claim, quantity, place, paper, counted, agreement)


def rounds_to(counted: int, paper: int) -> bool:
    """Whether `counted`, to the digits of `paper` before its last zeros, is `paper`."""
    digits = len(str(paper).rstrip("0"))
    return round(counted, digits - len(str(counted))) == paper


def _rounded(claim: str, quantity: str, paper: Reported, counted: int) -> Compared:
    agreement = ROUNDS if rounds_to(counted, int(paper.value)) else DIFFERS
    return Compared(claim, quantity, paper.place, int(paper.value), counted, agreement)


def _totals(table: pd.DataFrame) -> Iterator[Compared]:
    yield _rounded("A4", "parameters", printed.PARAMETERS, int(table.parameters.sum()))
    for quantity, count in neurons(table).items():
        yield _rounded("A5", f"neurons, {quantity}", printed.NEURONS, count)


def neurons(table: pd.DataFrame) -> dict[str, int]:
    """Four ways to count the neurons of the stages `table`."""
    convolutional = counts.convolutional(table)
    return {
        "convolutions only": int(convolutional["neurons"].sum()),
        "all hidden layers": int(table["neurons"].iloc[:-1].sum()),
        "all layers": int(table["neurons"].sum()),
        "sum of figure 2's caption": sum(printed.FIGURE2_NEURONS.values()),
    }


def _kinds(table: pd.DataFrame) -> Iterator[Compared]:
    counted = (
        ("convolutions", printed.CONVOLUTIONS, len(counts.convolutional(table))),
        ("connected layers", printed.CONNECTED, len(counts.connected(table))),
        ("layers with weights", printed.LEARNED, len(table)),
        ("classes", printed.CLASSES, int(table["maps"].iloc[-1])),
    )
    for quantity, paper, count in counted:
        yield _exact("A6", quantity, paper.place, int(paper.value), count)


def _shares(table: pd.DataFrame) -> Iterator[Compared]:
    paper = printed.LARGEST_SHARE
    shares = table.set_index("name")["parameters"] / table["parameters"].sum()
    for name in counts.convolutional(table)["name"]:
        counted = f"{100 * shares[name]:.2f} %"
        agreement = AGREES if shares[name] <= paper.value else DIFFERS
        quantity, most = f"{name}: share of parameters", f"≤ {100 * paper.value:g} %"
        yield Compared("S1.2", quantity, paper.place, most, counted, agreement)


def _towers(table: pd.DataFrame) -> Iterator[Compared]:
    own = ", ".join(table.loc[table["sees"] == "own", "name"])
    quantity = "layers that see their own GPU only"
    yield _exact("S3.2b", quantity, "section 3.5", ", ".join(printed.OWN_GPU), own)


def kernels(number: int, side: float, depth: int) -> str:
    """Kernels as the paper writes them, without the stride."""
    return f"{number} of {side:g}×{side:g}×{depth}"


def _kernels(table: pd.DataFrame) -> Iterator[Compared]:
    place = "section 3.5"
    for row in counts.convolutional(table).itertuples():
        paper = kernels(*printed.KERNELS[row.name])
        counted = kernels(row.maps, row.window, row.depth)
        yield _exact("S3.5c", f"{row.name}: kernels", place, paper, counted)
    stride = int(table["stride"].iloc[0])
    yield _exact("S3.5c", "conv1: stride", place, printed.STEM_STRIDE, stride)
    for row in counts.connected(table).iloc[:-1].itertuples():
        paper = printed.CONNECTED_NEURONS[row.name]
        yield _exact("S3.5c", f"{row.name}: neurons", place, paper, row.neurons)


def _neurons(table: pd.DataFrame) -> Iterator[Compared]:
    for row in table.itertuples():
        paper = printed.FIGURE2_NEURONS[row.name]
        quantity = f"{row.name}: neurons"
        yield _exact("F2a", quantity, "caption of figure 2", paper, row.neurons)


def _input(layers: pd.DataFrame) -> Iterator[Compared]:
    image = layers.iloc[0]
    count = int(image["maps"] * image["side"] ** 2)
    paper = printed.INPUT
    yield _exact("F2b", "numbers in the input", paper.place, int(paper.value), count)


def _maps(table: pd.DataFrame, lanes: int) -> Iterator[Compared]:
    for row in table.iloc[:-1].itertuples():
        paper = per_lane(*printed.FIGURE2_MAPS[row.name])
        counted = per_lane(row.maps // lanes, row.side)
        yield _exact("F2c", f"{row.name}: on each GPU", "figure 2", paper, counted)


def per_lane(maps: int, side: int) -> str:
    """What a tower holds of a layer: 55×55×48, or 2,048 of a connected one."""
    return f"{side}×{side}×{maps}" if side > 1 else f"{maps:,}"


def _followers(table: pd.DataFrame) -> Iterator[Compared]:
    for mark, paper in (
        ("normalisation", printed.NORMALISED),
        ("pooling", printed.POOLED),
    ):
        after = table.loc[[mark in marks for marks in table["after"]], "name"]
        quantity = f"layers with {mark}"
        counted = ", ".join(after)
        yield _exact("A6", quantity, "section 3.5", ", ".join(paper), counted)
