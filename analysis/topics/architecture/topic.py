"""Figure 2 and all counts of the network: what the layers are, not what they learn.

The paper's size is counted in reports/architectures.csv, which needs no run; beside it
stands the network of the profile's own run, on images of the size it was trained on.
"""

from html import escape

import pandas as pd

from analysis.claims.measurement import Measured
from analysis.display.sections import Html, Section, figure, folded, holes, table
from analysis.evidence.runs import Run, Runs
from analysis.topics.architecture import (
    architecture_measured,
    counts,
    layer_lists,
    printed,
)
from analysis.topics.architecture import (
    figures as network_drawing,
)
from analysis.topics.architecture.layer_lists import (
    MISSING,
    NETWORKS,
    REFERENCE,
    Networks,
)

TITLE = "The 2012 network at the paper's size"
MEANING = (
    "A box is what one GPU holds of a layer: its maps, and how many; N, P and D are "
    "normalisation, pooling and dropout after it. Orange: the layer sees the maps of the "
    "other GPU too, which is read from the layer list."
)


def section(runs: Runs) -> Section:
    """Tables, figures and sentences of figure 2."""
    networks = layer_lists.read_architectures()
    runs = runs.named(REFERENCE)
    trained = layer_lists.trained(runs)
    tables = _tables(networks) + _trained_table(trained, runs)
    figures = _paper_figure(networks, runs) + _trained_figure(trained, runs)
    return Section(tables, figures)


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the layers count of each claim, for the ledger: arithmetic, from no run."""
    return architecture_measured.measured(runs)


def shown_counts(layers: pd.DataFrame) -> pd.DataFrame:
    """The counts of a network by layer and their sums, as a reader sees them."""
    towers, totals = counts.lanes(layers), counts.totals(layers)
    rows = [_shown(row, towers) for _, row in counts.counts(layers).iterrows()]
    whole = {"parameters_share": 1.0, "multiply_adds_share": 1.0}
    rows.append({"Layer": "sum"} | _numbers(pd.Series(totals | whole), towers))
    return pd.DataFrame(rows, columns=list(rows[0])).fillna("")


def _shown(row: pd.Series, towers: int) -> dict[str, str]:
    size = printed.per_lane
    shape = {"Layer": row["name"], "Output": size(row["maps"], row["side"])}
    if towers > 1:
        shape["Output per GPU"] = size(int(row["maps_per_tower"]), row["side"])
    return shape | _numbers(row, towers)


def _numbers(row: pd.Series, towers: int) -> dict[str, str]:
    work = row["multiply_adds"]
    numbers = {
        "Parameters (share)": _part(row["parameters"], row["parameters_share"]),
        "Multiply-adds (share)": _part(work, row["multiply_adds_share"]),
        "Neurons": f"{row['neurons']:,.0f}",
    }
    if towers > 1:
        numbers["Multiply-adds per GPU"] = f"{work / towers:,.0f}"
    return numbers


def _part(count: float, share: float) -> str:
    return f"{count:,.0f} ({100 * share:.2f} %)"


def shown_comparison(compared: pd.DataFrame) -> pd.DataFrame:
    """What is printed beside what is counted, as a reader sees it."""
    numbers = compared[["paper", "counted"]].map(
        lambda value: value if isinstance(value, str) else f"{value:,}"
    )
    columns = {"claim": "Claim", "quantity": "Quantity", "place": "Printed in"}
    columns |= {"paper": "Paper", "counted": "Counted", "agreement": "Agreement"}
    return compared.assign(**numbers)[list(columns)].rename(columns=columns)


def shown_networks(networks: Networks) -> pd.DataFrame:
    """Every network's sums beside those of the 2012 network."""
    whole = counts.totals(networks[REFERENCE])
    rows = []
    for name, layers in networks.items():
        totals = counts.totals(layers)
        more = totals["parameters"] - whole["parameters"]
        ratio = totals["multiply_adds"] / whole["multiply_adds"]
        rows.append(
            {
                "Network": NETWORKS[name],
                "Recipe": name,
                "Input": f"{layers['side'].iloc[0]}×{layers['side'].iloc[0]}",
                "Parameters": f"{totals['parameters']:,}",
                "Difference": f"{more:+,}".replace("-", "−") if more else "0",
                "Multiply-adds": f"{totals['multiply_adds']:,}",
                "Ratio": f"{ratio:.3f}",
                "Neurons": f"{totals['neurons']:,}",
            }
        )
    return pd.DataFrame(rows)


def _tables(networks: Networks) -> Html:
    if not networks:
        return Html(f'<p class="hole">{escape(MISSING)}</p>')
    layers = networks[REFERENCE]
    compared = printed.comparison(layers)
    slips = compared[compared["agreement"] != printed.AGREES]
    return (
        table(shown_counts(layers), caption=f"{TITLE}: {_protocol(layers)}")
        + table(
            shown_comparison(slips),
            caption="Where the paper prints something else than is counted",
        )
        + folded(
            f"All {len(compared)} printed values",
            table(
                shown_comparison(compared),
                caption="What the paper prints beside what is counted",
            ),
        )
        + table(
            shown_networks(networks),
            caption="Networks for the same classes, counted in the same way; difference "
            "of parameters to the 2012 network, ratio of multiply-adds to its own",
        )
    )


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
        return Html(f'<p class="hole">{escape(MISSING)}</p>')
    layers = networks[REFERENCE]
    panels = network_drawing.panels(layers, "architecture-paper", TITLE)
    caption = (
        f"{TITLE} as the released code has it: {_protocol(layers)}. {MEANING} "
        f"{_pooling(layers)}"
    )
    data = {
        "architecture-layers": layers,
        "architecture-comparison": printed.comparison(layers),
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
        return _hole(runs)
    run, layers = trained
    title = f"The network trained on {_data(run)}"
    panels = network_drawing.panels(layers, "architecture-trained", title)
    note = f"{runs.note[:1].upper()}{runs.note[1:]}. " if runs.note else ""
    caption = f"{note}{title} ({_called(run)}): {_protocol(layers)}. {_pooling(layers)}"
    data = {"architecture-trained-layers": layers}
    return figure(panels, caption=caption, data=data, runs=Runs(runs.profile, (run,)))


def _hole(runs: Runs) -> Html:
    """What would show the network of the profile's own run."""
    folder = f"reports/{runs.profile}/runs/{REFERENCE}/seed-0"
    train = f"repro train --profile {runs.profile} --recipe {REFERENCE}"
    if runs.complete:
        first = runs.complete[0].folder
        folder = f"reports/{runs.profile}/runs/{first.parent.name}/{first.name}"
        train = ""
    commands = " && ".join(filter(None, [train, f"repro export {folder}"]))
    return Html(
        '<p class="hole">The network as trained is not drawn: no complete run of '
        f"{REFERENCE} in profile {escape(runs.profile)} has exported its layers. What "
        f"has not run: <code>{escape(commands)}</code></p>"
    )
