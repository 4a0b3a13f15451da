"""The tables of Figure 4, right, as a reader sees them."""

import pandas as pd

from analysis.display import words
from analysis.display.holes import hole
from analysis.display.sections import Html, folded, table
from analysis.evidence import answers, commands
from analysis.evidence.exported import exported
from analysis.evidence.features import (
    CODES,
    FEATURES,
    HOG,
    MORE_HOG,
    PIXELS,
    PROBE,
    SPACES,
    UNTRAINED,
    Neighbors,
)
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import LEVEL
from analysis.statistics.images import BOOTSTRAP, share
from analysis.statistics.numbers import Line
from analysis.topics.neighbors import probes, retrieved
from analysis.topics.neighbors.retrieved import COLUMNS, NEAR

INTERVAL = f"{100 * LEVEL:.0f} % interval"
LONGEST = 80  # characters of a class in the tables
VECTORS = {
    FEATURES: "last hidden layer",
    PIXELS: "pixels of the centre view, at most 32 a side",
    UNTRAINED: "last hidden layer, untrained",
    HOG: "HOG of the centre view",
    MORE_HOG: "HOG, fitted to more images",
}
OVER_QUERIES = f"{BOOTSTRAP} of queries, of the mean over the seeds"


def protocol(runs: Runs, found: Neighbors) -> str:
    """What was searched for what, in words."""
    return (
        f"{words.name(runs)}; {len(found.queries):,} test images as queries, "
        f"{found.database:,} training images, Euclidean"
    )


def precision_table(runs: Runs, found: Neighbors) -> Html:
    """How many of the nearest are of the query's class, in features and in pixels."""
    rows = []
    for row in retrieved.precision(found).to_dict("records"):
        for space, name in SPACES.items():
            of_class, seeds = row[space]
            rows.append(
                {
                    "Nearest": str(row["k"]),
                    "In": name,
                    "Of the query's class": words.per_cent(seeds),
                    INTERVAL: of_class.limits_per_cent,
                }
            )
        gain, seeds = row["gain"]
        text = f"{100 * gain.value:+.1f} pp" + _range(seeds)
        difference = {"Nearest": str(row["k"]), "In": "difference, same queries"}
        rows.append(
            difference | {"Of the query's class": text, INTERVAL: gain.limits_per_cent}
        )
    caption = (
        "How many of the nearest training images are of the query's class, mean over the "
        f"seeds (range): {protocol(runs, found)}. By chance {100 * found.chance:.1f} %, "
        f"1 of {found.known} classes if they are equally large. {OVER_QUERIES}; none "
        "where all queries agree"
    )
    return table(pd.DataFrame(rows), caption=caption)


def _range(seeds: Line) -> str:
    low, high = (f"{100 * value:+.1f}" for value in seeds[1:])
    return f" ({low} to {high})" if low != high else ""


def outside_table(runs: Runs, found: Neighbors) -> Html:
    """How many of the neighbours in features are far in pixels."""
    rows = [
        {
            f"The {COLUMNS} nearest": row["neighbours"],
            f"Outside the nearest {100 * NEAR:g} %": words.per_cent(row["far"][1]),
            INTERVAL: row["far"][0].limits_per_cent,
            "Median rank in pixels": f"{100 * row['median']:.0f} % of the images",
            "Neighbours a seed": f"{row['count']:.0f}",
        }
        for row in retrieved.outside(found).to_dict("records")
    ]
    caption = (
        "How many of the neighbours in the last hidden layer are outside the nearest "
        f"{100 * NEAR:g} % in pixels, mean over the seeds (range): "
        f"{protocol(runs, found)}. By chance {100 * (1 - NEAR):g} %. {OVER_QUERIES}"
    )
    return table(pd.DataFrame(rows), caption=caption)


def probe_table(runs: Runs) -> Html:
    """The linear probe beside the network's own softmax; a hole without probe.csv."""
    found = probes.probe(runs)
    if found.empty:
        return hole(
            f"The linear probe is not exported: no {PROBE}",
            commands.export(runs, runs.complete[0]),
        )
    rows = [
        {
            "Softmax on": VECTORS.get(row.vectors, row.vectors),
            "Dimensions": f"{row.dimensions:,}",
            "Training images": f"{row.train_images:,}",
            "Test images": f"{row.error.images:,}",
            "Top-1 error": words.per_cent(row.seeds),
            INTERVAL: row.error.limits_per_cent,
            "Seeds": str(row.count),
            "L2": row.l2,
        }
        for row in found.itertuples()
    ]
    held = exported(runs, answers.FILES)
    if held.complete:
        rows.append(_own(held))
    caption = (
        f"Linear probe: {words.name(runs)}, test split, centre view; mean over the "
        f"seeds (range). {found['protocol'].iloc[-1]}. {INTERVAL}: Wilson's, of the "
        "seeds' mean over the test images"
    )
    return table(pd.DataFrame(rows).fillna(""), caption=caption)


def _own(runs: Runs) -> dict[str, str]:
    """The network's own last layer, from errors.csv."""
    errors = answers.errors_over_seeds(runs)
    centre = errors[errors["views"] == 1].iloc[0]
    trained = runs.complete[0].manifest["splits"]["train"]
    return {
        "Softmax on": "the network's own, trained with it",
        "Training images": f"{trained:,}",
        "Test images": f"{centre['n']:,}",
        "Top-1 error": words.per_cent(centre["top1_error"]),
        INTERVAL: share(centre["top1_error"][0], centre["n"]).limits_per_cent,
        "Seeds": str(len(runs.complete)),
    }


def codes_table(runs: Runs, found: Neighbors) -> Html:
    """Binary codes beside the full search; a hole without codes.csv."""
    codes = probes.codes(runs)
    if codes.empty:
        return hole(
            f"Binary codes are not exported: no {CODES}",
            commands.export(runs, runs.complete[0]),
        )
    full = {  # bits of a vector; the probe is on other pixels
        row.vectors: 32 * row.dimensions
        for row in probes.probe(runs).itertuples()
        if row.vectors == FEATURES
    }
    rows = []
    for row in codes.itertuples():
        uncoded = pd.isna(row.bits)
        size = full.get(row.source) if uncoded else row.bits
        rows.append(
            {
                "Code": "none, the full vectors" if row.code == "none" else row.code,
                "Bits": "" if uncoded else f"{row.bits:.0f}",
                "Of": SPACES.get(row.source, row.source),
                f"Precision at {COLUMNS}": words.per_cent(row.precision),
                "Seconds": f"{row.seconds[0]:.3g}",
                "MB": f"{size * found.database / 8e6:.3g}" if size else "",
                "Queries": f"{row.n:,}",
                "Seeds": str(row.count),
            }
        )
    caption = (
        f"Search by binary codes: {words.name(runs)}, test images as queries in the "
        f"{found.database:,} training images, mean over the seeds (range); pixels averaged "
        "to at most 32 a side; seconds of the search alone for all queries; memory of "
        "what is searched, the full vectors in float32"
    )
    return table(pd.DataFrame(rows), caption=caption)


def deciles_caption(runs: Runs, found: Neighbors) -> str:
    """What the table and the panel of deciles show."""
    return (
        "Share of the query's class by decile of the distance, of all pairs of a query "
        f"and one of its {found.rank.shape[2]} nearest: {protocol(runs, found)}. By chance "
        f"{100 * found.chance:.1f} %. Band and interval: {OVER_QUERIES}."
    )


def deciles_table(runs: Runs, found: Neighbors, deciles: pd.DataFrame) -> Html:
    """The numbers behind the panel of deciles, folded."""
    rows = [
        {
            "In": SPACES[row.space],
            "Decile": str(row.decile),
            "Distance": f"{row.near:.4g} to {row.far:.4g}",
            "Of the query's class": words.per_cent(row.seeds),
            INTERVAL: row.share.limits_per_cent,
            "Pairs a seed": f"{row.pairs:,}",
        }
        for row in deciles.itertuples()
    ]
    content = table(pd.DataFrame(rows), caption=deciles_caption(runs, found))
    return folded("Class agreement by decile of the distance", content)


def shown_table(runs: Runs, shown: pd.DataFrame) -> Html:
    """The classes of the images that the figure shows, folded."""
    rows = []
    for (space, query), own in shown.groupby(["space", "query"], sort=False):
        label = words.short(own["query_label"].iloc[0], LONGEST)
        row = {"In": SPACES[space], "Test image": f"{label} ({query})"}
        for each in own.itertuples():
            row[str(each.rank)] = "✓ " * each.same + words.short(each.label, LONGEST)
        rows.append(row)
    first = Runs(runs.profile, runs.complete[:1])
    caption = (
        "Test images, with their rows of the test split, and the classes of the nearest "
        f"training images, ✓: the same class. {words.name(first)}"
    )
    content = table(pd.DataFrame(rows), caption=caption)
    return folded("The classes of the images shown", content)
