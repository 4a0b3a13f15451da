"""The tables of Figure 4, right, as a reader sees them."""

import pandas as pd

from analysis.display import words
from analysis.display.sections import Html, folded, table
from analysis.evidence.runs import Runs
from analysis.statistics.estimates import LEVEL
from analysis.statistics.images import BOOTSTRAP
from analysis.topics.neighbors import retrieved
from analysis.topics.neighbors.retrieved import COLUMNS, NEAR, SPACES, Neighbors

INTERVAL = f"{100 * LEVEL:.0f} % interval"
LONGEST = 80  # characters of a class in the tables
OVER_QUERIES = f"{BOOTSTRAP} of queries, of the mean over the seeds"


def protocol(runs: Runs, found: Neighbors) -> str:
    """What was searched for what, in words."""
    return (
        f"{words.name(runs)}; {len(found.queries):,} test images as queries, "
        f"{found.database:,} training images, Euclidean"
    )


def precision_table(runs: Runs, found: Neighbors) -> Html:
    """Class agreement of the nearest, in features and in pixels."""
    rows = []
    for row in retrieved.precision(found).to_dict("records"):
        for space, name in SPACES.items():
            share, seeds = row[space]
            rows.append(
                {
                    "Nearest": str(row["k"]),
                    "In": name,
                    "Of the query's class": words.per_cent(seeds),
                    INTERVAL: share.limits_per_cent,
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
        f"1 of {found.classes} classes if they are equally large. {OVER_QUERIES}; none "
        "where all queries agree"
    )
    return table(pd.DataFrame(rows), caption=caption)


def _range(seeds: words.Line) -> str:
    low, high = (f"{100 * value:+.1f}" for value in seeds[1:])
    return f" ({low} to {high})" if low != high else ""


def outside_table(runs: Runs, found: Neighbors) -> Html:
    """How far in pixels the neighbours in features are."""
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


def deciles_caption(runs: Runs, found: Neighbors) -> str:
    """What the table and the panel of deciles show."""
    return (
        "Share of the query's class by decile of the distance, of all pairs of a query "
        f"and one of its {found.pairs} nearest: {protocol(runs, found)}. By chance "
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
