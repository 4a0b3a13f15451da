"""What the counted layers say of each claim, in sentences."""

import pandas as pd

from analysis.claims import printed_network as printed
from analysis.topics.architecture import compared_networks
from analysis.topics.architecture.counts import connected, convolutional, stages, totals
from analysis.topics.architecture.layer_lists import COMMAND, REFERENCE, Networks
from analysis.topics.architecture.printed import (
    AGREES,
    comparison,
    kernels,
    neurons,
    rounds_to,
)

CLAIMS = {
    "A4": f"The network has {printed.PARAMETERS.value / 1e6:g} million parameters.",
    "A5": f"It has {printed.NEURONS.value:,} neurons.",
    "A6": f"It has {printed.CONVOLUTIONS.value} convolutions, some of them pooled, "
    f"{printed.CONNECTED.value} connected layers and {printed.CLASSES.value} classes.",
    "S1.1": "Convolutions have far fewer parameters and connections than fully connected "
    "layers of the same size, at little cost in accuracy.",
    "S1.2": f"No convolution holds more than {100 * printed.LARGEST_SHARE.value:g} % of "
    "the parameters.",
    "S3.2b": "The GPUs meet in the third convolution and in the connected layers only.",
    "S3.2d": "The one-GPU net keeps conv5 and the connected layers in full, so that it "
    "has about as many parameters.",
    "S3.2e": "The two-GPU net takes slightly less time to train than the one-GPU net.",
    "S3.4b": "Pooling 2×2 with stride 2 gives outputs of equivalent size.",
    "S3.5c": "The kernels of each layer: number, size, depth.",
    "F2a": "Neurons by layer, as the caption of figure 2 lists them.",
    "F2b": f"The input has {printed.INPUT.value:,} dimensions: "
    f"{printed.INPUT_SIDE.value}×{printed.INPUT_SIDE.value}×3.",
    "F2c": "Map sizes and their number on each GPU, as figure 2 draws them.",
    "X20": "Later notes: the two large connected layers are a bottleneck.",
    "X26": "Later notes: maps shrink while their number grows.",
    "X29": "Later notes: an exercise, the layers and parameters of AlexNet.",
    "X30": "Later notes take torchvision's weights for those of this network.",
}
MISSING = f"Not counted: reports/architectures.csv is not there; run {COMMAND}."


def summary(networks: Networks) -> str:
    """One bullet a claim, as Markdown."""
    answers = answered(networks) if networks else {}
    lines = [
        f"- **{claim}** *{text}*\n" + _indented(answers.get(claim, [MISSING]))
        for claim, text in CLAIMS.items()
    ]
    return (
        f"{''.join(lines)}\nCounted in the layers of the live networks, forward, for one "
        "image; no data and no training. Multiply-adds are products with weights."
    )


def _indented(sentences: list[str]) -> str:
    return "".join(f"    - {sentence}\n" for sentence in sentences)


def answered(networks: Networks) -> dict[str, list[str]]:
    """Claim and what is counted, in sentences."""
    layers = networks[REFERENCE]
    table = stages(layers)
    compared = comparison(layers)
    return {
        "A4": [_parameters(table)],
        "A5": [_neurons(table)],
        "A6": [_kinds(table)],
        "S1.1": [_unshared(table)],
        "S1.2": [_shares(table)],
        "S3.2b": [_towers(table)],
        "S3.2d": [compared_networks.halves(networks)],
        "S3.2e": [compared_networks.work(networks)],
        "S3.4b": [compared_networks.pooled(networks)],
        "S3.5c": [_agreed(compared, "S3.5c"), _kernels(table)],
        "F2a": [_agreed(compared, "F2a"), _slip(table)],
        "F2b": [_agreed(compared, "F2b"), *compared_networks.inputs(networks)],
        "F2c": [_agreed(compared, "F2c")],
        "X20": [compared_networks.connected(networks)],
        "X26": [_shrinking(table)],
        "X29": [_sums(layers)],
        "X30": [compared_networks.one_tower(networks)],
    }


def _agreed(compared: pd.DataFrame, claim: str) -> str:
    rows = compared[compared["claim"] == claim]
    agree = (rows["agreement"] == AGREES).sum()
    return f"{agree} of {len(rows)} printed values agree with the count."


def _list(items) -> str:
    return ", ".join(map(str, items))


def _parameters(table: pd.DataFrame) -> str:
    parameters, weights = table["parameters"].sum(), table["weights"].sum()
    return (
        f"{parameters:,} parameters: {weights:,} weights and {parameters - weights:,} "
        "biases."
    )


def _neurons(table: pd.DataFrame) -> str:
    parts = [f"{count:,} ({what})" for what, count in neurons(table).items()]
    paper = int(printed.NEURONS.value)
    fitting = [
        what for what, count in neurons(table).items() if rounds_to(count, paper)
    ]
    return f"Neurons: {_list(parts)}. To {paper:,} rounds: {_list(fitting) or 'none'}."


def _kinds(table: pd.DataFrame) -> str:
    marks = {
        mark: [
            f"{row.name} ({row.after.count(mark)} times)"
            if row.after.count(mark) > 1
            else row.name
            for row in table.itertuples(index=False)
            if mark in row.after
        ]
        for mark in ("pooling", "normalisation", "dropout")
    }
    twice = any(after.count("normalisation") > 1 for after in table["after"])
    places = "; ".join(f"{mark} after {_list(names)}" for mark, names in marks.items())
    return (
        f"{len(convolutional(table))} convolutions, {len(connected(table))} connected "
        f"layers, {len(table)} with weights, {table['maps'].iloc[-1]} classes; {places}."
        + " The second normalisation is the released code's."
        * twice
    )


def _unshared(table: pd.DataFrame) -> str:
    shared = convolutional(table)
    first = shared.iloc[0]
    dense = shared["inputs"] * shared["neurons"]
    return (
        f"{first['name']}, fully connected, would have {first['inputs']:,} × "
        f"{first['neurons']:,} = {dense.iloc[0]:,} weights and as many connections; it "
        f"has {first['weights']:,} weights and {first['multiply_adds']:,} connections. "
        f"All {len(shared)} convolutions: {dense.sum():,} against "
        f"{shared['weights'].sum():,} weights and {shared['multiply_adds'].sum():,} "
        "connections. The cost in accuracy is not measured here."
    )


def _shares(table: pd.DataFrame) -> str:
    shares = table.set_index("name")["parameters"] / table["parameters"].sum()
    shares = shares[convolutional(table)["name"]]
    more = shares[shares > printed.LARGEST_SHARE.value]
    parts = [f"{name} {100 * share:.2f} %" for name, share in shares.items()]
    return f"{_list(parts)}: more than that in {_list(more.index) or 'none'}."


def _towers(table: pd.DataFrame) -> str:
    by = {
        sees: _list(table.loc[table["sees"] == sees, "name"]) or "none"
        for sees in ("own", "both")
    }
    return (
        f"Own GPU only: {by['own']}; both GPUs: {by['both']}; "
        f"{table['name'].iloc[0]} sees the image."
    )


def _kernels(table: pd.DataFrame) -> str:
    parts = [
        f"{row.name} {kernels(row.maps, row.window, row.depth)}"
        for row in convolutional(table).itertuples(index=False)
    ]
    return f"{_list(parts)}; {table['name'].iloc[0]} has stride {table['stride'].iloc[0]:g}."


def _slip(table: pd.DataFrame) -> str:
    first = table.iloc[0]
    printed_count = printed.FIGURE2_NEURONS[first["name"]]
    row, rest = first["maps"] * first["side"], ""
    if printed_count % row == 0:
        height = printed_count // row
        rest = (
            f"; {printed_count:,} is {first['side']}×{height}×{first['maps']}, a slip"
        )
    return (
        f"{first['name']} has {first['neurons']:,} = {first['side']}×{first['side']}×"
        f"{first['maps']} neurons{rest}."
    )


def _shrinking(table: pd.DataFrame) -> str:
    maps = convolutional(table)
    falls = maps.loc[maps["maps"].diff() < 0, "name"]
    return (
        f"Sides {_list(maps['side'])}; maps {_list(maps['maps'])}. Their number falls at "
        f"{_list(falls) or 'no layer'}."
    )


def _sums(layers: pd.DataFrame) -> str:
    counted = totals(layers)
    return (
        f"The table above: {counted['parameters']:,} parameters, {counted['neurons']:,} "
        f"neurons, {counted['multiply_adds']:,} multiply-adds."
    )
