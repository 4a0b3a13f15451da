"""Figure 2 and all counts of the network: what the layers are, not what they learn.

The paper's size is counted in reports/architectures.csv, which needs no run; beside it
stands the network of the profile's own run, on images of the size it was trained on.
"""

from collections.abc import Mapping

import pandas as pd

from analysis.claims import claims
from analysis.display.holes import hole, missing
from analysis.display.sections import Html, Section, figure, folded, holes, table
from analysis.display.words import noted
from analysis.evidence.runs import Run, Runs
from analysis.statistics.numbers import MINUS
from analysis.topics.architecture import counts, figures, layer_lists
from analysis.topics.architecture.layer_lists import (
    COMMAND,
    LAYERS,
    NETWORKS,
    REFERENCE,
    Networks,
)
from analysis.topics.architecture.measured import measured

__all__ = ["measured", "section"]

TITLE = "The 2012 network at the paper's size"
MISSING = hole("Not counted: reports/architectures.csv is not there", COMMAND)
MEANING = (
    "A box is what one GPU holds of a layer: its maps, and how many; N, P and D are "
    "normalisation, pooling and dropout after it. Orange: the layer sees the maps of the "
    "other GPU too, which is read from the layer list."
)
CAPTION = "F2a"  # the claim that has the neurons in the caption of figure 2


def section(runs: Runs) -> Section:
    """Tables of counts, and figure 2 drawn from the layer lists."""
    networks = layer_lists.read_architectures()
    runs = runs.named(REFERENCE)
    trained = layer_lists.trained(runs)
    tables = _tables(networks) + _trained_table(trained, runs)
    drawn = _paper_figure(networks, runs) + _trained_figure(trained, runs)
    return Section(tables, drawn)


def shown_counts(
    layers: pd.DataFrame, printed: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """The counts of a network by layer and their sums, as a reader sees them.

    `printed` are the neurons of each layer as the paper has them.
    """
    stages, towers = counts.stages(layers), counts.lanes(layers)
    whole = stages[["parameters", "multiply_adds"]].sum()
    rows = []
    for row in stages.to_dict("records"):
        cells = {"Layer": row["name"], "Output": _size(row["maps"], row["side"])}
        if towers > 1:
            cells["Output per GPU"] = _size(row["maps"] // towers, row["side"])
        shares = {name: row[name] / whole[name] for name in whole.index}
        rows.append(cells | _numbers(row, shares, towers))
    shares = dict.fromkeys(whole.index, 1.0)
    rows.append({"Layer": "sum"} | _numbers(counts.totals(layers), shares, towers))
    if printed:
        known = [*printed.values(), sum(printed.values())]
        for row, neurons in zip(rows, known, strict=True):
            row["Neurons in figure 2's caption"] = f"{neurons:,.0f}"
    return pd.DataFrame(rows).fillna("")


def _size(maps: int, side: int) -> str:
    """Maps of a layer and their side: 55×55×48, or 2,048 of a connected one."""
    return f"{side}×{side}×{maps}" if side > 1 else f"{maps:,}"


def _numbers(
    row: Mapping[str, float], shares: Mapping[str, float], towers: int
) -> dict[str, str]:
    parameters, work = (
        f"{row[name]:,} ({100 * share:.2f} %)" for name, share in shares.items()
    )
    cells = {
        "Parameters (share)": parameters,
        "Multiply-adds (share)": work,
        "Neurons": f"{row['neurons']:,}",
    }
    if towers > 1:
        cells["Multiply-adds per GPU"] = f"{row['multiply_adds'] / towers:,.0f}"
    return cells


def shown_networks(networks: Networks) -> pd.DataFrame:
    """Every network's sums beside those of the 2012 network."""
    whole = counts.totals(networks[REFERENCE])
    rows = []
    for name, layers in networks.items():
        totals = counts.totals(layers)
        more = totals["parameters"] - whole["parameters"]
        ratio = totals["multiply_adds"] / whole["multiply_adds"]
        side = layers["side"].iloc[0]
        rows.append(
            {
                "Network": NETWORKS[name],
                "Recipe": name,
                "Input": f"{side}×{side}",
                "Parameters": f"{totals['parameters']:,}",
                "Difference": f"{more:+,}".replace("-", MINUS) if more else "0",
                "Multiply-adds": f"{totals['multiply_adds']:,}",
                "Ratio": f"{ratio:.3f}",
                "Neurons": f"{totals['neurons']:,}",
            }
        )
    return pd.DataFrame(rows)


def _tables(networks: Networks) -> Html:
    if not networks:
        return MISSING
    layers = networks[REFERENCE]
    caption = (
        "Networks for the same classes, counted in the same way; difference "
        "of parameters to the 2012 network, ratio of multiply-adds to its own"
    )
    return table(
        shown_counts(layers, printed_neurons()),
        caption=f"{TITLE}: {_protocol(layers)}",
    ) + table(shown_networks(networks), caption=caption)


def printed_neurons() -> dict[str, float]:
    """The neurons of each layer in the caption of figure 2."""
    (claim,) = [claim for claim in claims.load() if claim.id == CAPTION]
    return {quantity.name: quantity.paper for quantity in claim.quantities}


def _protocol(layers: pd.DataFrame) -> str:
    side, classes = layers["side"].iloc[0], layers["maps"].iloc[-1]
    return (
        "counted in its layers, forward for one image of "
        f"{side}×{side} pixels, {classes:,} classes, no data"
    )


def _trained_table(trained: tuple[Run, pd.DataFrame] | None, runs: Runs) -> Html:
    if not trained:
        return holes(runs)
    run, layers = trained
    caption = f"{_called(run)}: {_protocol(layers)}"
    title = f"The same counts of the network trained on {_data(run)}"
    return folded(title, table(shown_counts(layers), caption=caption)) + holes(runs)


def _called(run: Run) -> str:
    return f"{run.name}, seed {run.seed}, profile {run.record['profile']['name']}"


def _data(run: Run) -> str:
    return run.manifest["data"]["dataset"]


def _paper_figure(networks: Networks, runs: Runs) -> Html:
    if not networks:
        return MISSING
    layers = networks[REFERENCE]
    panels = figures.panels(layers, "architecture-paper", TITLE)
    caption = (
        f"{TITLE} as the released code has it: {_protocol(layers)}. {MEANING} "
        f"{_pooling(layers)}"
    )
    data = {
        "architecture-layers": layers,
        "architecture-networks": shown_networks(networks),
    }
    return figure(panels, caption=caption, data=data, runs=Runs(runs.profile, ()))


def _pooling(layers: pd.DataFrame) -> str:
    pools = layers.loc[layers["kind"] == "MaxPool2d", ["window", "stride"]]
    kinds = [
        f"{row.window:g}×{row.window:g}, stride {row.stride:g}"
        for row in pools.drop_duplicates().itertuples()
    ]
    return f"Pooling: {'; '.join(kinds)}." if kinds else ""


def _trained_figure(trained: tuple[Run, pd.DataFrame] | None, runs: Runs) -> Html:
    if not trained:
        return missing(runs, [LAYERS])
    run, layers = trained
    title = f"The network trained on {_data(run)}"
    panels = figures.panels(layers, "architecture-trained", title)
    caption = f"{title} ({_called(run)}): {_protocol(layers)}. {_pooling(layers)}"
    data = {"architecture-trained-layers": layers}
    return figure(
        panels,
        caption=noted(runs, caption),
        data=data,
        runs=Runs(runs.profile, (run,)),
    )
