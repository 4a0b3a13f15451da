"""What other networks' counts say beside those of the 2012 network, in sentences."""

from analysis.topics.architecture import counts
from analysis.topics.architecture.counts import stages, totals
from analysis.topics.architecture.layer_lists import (
    HALVED,
    REFERENCE,
    UNPADDED,
    Networks,
)


def halves(networks: Networks) -> str:
    """Footnote 2: parameters of the one-GPU nets beside the two-GPU net's."""
    whole, half, halved = (
        totals(networks[name])["parameters"] for name in (REFERENCE, "R-half", HALVED)
    )
    return (
        f"One GPU {half:,} parameters, two GPUs {whole:,}: ratio {half / whole:.3f}. With "
        f"conv5 halved too it would be {halved:,}: {halved / whole:.3f}."
    )


def work(networks: Networks) -> str:
    """Section 3.2: multiply-adds on each of two GPUs, and on the one."""
    layers = networks[REFERENCE]
    each = totals(layers)["multiply_adds"] // counts.lanes(layers)
    one = totals(networks["R-half"])["multiply_adds"]
    return (
        f"Multiply-adds of one image: {each:,} on each of two GPUs, {one:,} on one "
        f"GPU: ratio {each / one:.3f}. The time is not measured here."
    )


def pooled(networks: Networks) -> str:
    """Section 3.4: sizes with overlapping windows and without."""
    sides = {
        name: ", ".join(map(str, counts.map_sides(networks[name])))
        for name in (REFERENCE, "R-pool2")
    }
    return (
        f"Sides of the maps with 3×3: {sides[REFERENCE]}; with 2×2: {sides['R-pool2']}. "
        "Windows over the edge are left out in both."
    )


def inputs(networks: Networks) -> list[str]:
    """Section 3.5: how 224 or 227 pixels give maps of 55×55."""
    sentences = []
    for name, words in (
        (UNPADDED, "without padding"),
        (REFERENCE, "padded right and below as the released windows overhang"),
        ("one-tower", "padded on all sides, as torchvision has it"),
        ("caffe", "without padding, as Caffe crops"),
    ):
        layers = networks[name]
        image, first = layers.iloc[0], stages(layers).iloc[0]
        sentences.append(
            f"{image['side']} pixels {words}: conv1 has {first['maps']} maps of {first['side']}×"
            f"{first['side']}, {first['inputs']:,} numbers in the input, "
            f"{first['multiply_adds']:,} multiply-adds in conv1, "
            f"{totals(layers)['parameters']:,} parameters."
        )
    return sentences


def connected(networks: Networks) -> str:
    """What the connected layers hold, and what is left without two of them."""
    table = stages(networks[REFERENCE])
    share = {
        key: 100 * counts.connected(table)[key].sum() / table[key].sum()
        for key in ("parameters", "multiply_adds")
    }
    averaged = totals(networks["R-gap"])["parameters"]
    return (
        f"The connected layers hold {share['parameters']:.1f} % of the parameters and do "
        f"{share['multiply_adds']:.1f} % of the multiply-adds; with averaged maps instead "
        f"of fc6 and fc7 {averaged:,} parameters are left. Errors and dropout are not "
        "measured here."
    )


def one_tower(networks: Networks) -> str:
    """What torchvision's network is."""
    layers = networks["one-tower"]
    table = stages(layers)
    normalised = sum("normalisation" in after for after in table["after"])
    grouped = int((table["towers"] > 1).sum())
    return (
        f"torchvision's is another network: {totals(layers)['parameters']:,} parameters, "
        f"{table['maps'].iloc[0]} kernels in conv1, {normalised} layers normalised, "
        f"{grouped} layers in two towers: it cannot show the two groups of figure 3."
    )
