"""The tables of the linear probe and of binary codes, as a reader sees them."""

import pandas as pd

from analysis.display import words
from analysis.display.holes import hole
from analysis.display.sections import Html, table
from analysis.evidence import answers, commands
from analysis.evidence.exported import exported
from analysis.evidence.runs import Runs
from analysis.statistics import images
from analysis.topics.neighbors import probes
from analysis.topics.neighbors.probes import CODES, HOG, MORE_HOG, PROBE, UNTRAINED
from analysis.topics.neighbors.retrieved import COLUMNS
from analysis.topics.neighbors.tables import INTERVAL

VECTORS = {
    "features": "last hidden layer",
    "pixels": "pixels of the centre view, at most 32 a side",
    UNTRAINED: "last hidden layer, untrained",
    HOG: "HOG of the centre view",
    MORE_HOG: "HOG, fitted to more images",
}


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
    held = exported(runs, ["errors.csv", "predictions.npz"])
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
    errors = answers.errors(runs)
    centre = errors[errors["views"] == 1].iloc[0]
    share = images.share(centre["top1_error"][0], centre["n"])
    trained = runs.complete[0].manifest["splits"]["train"]
    return {
        "Softmax on": "the network's own, trained with it",
        "Training images": f"{trained:,}",
        "Test images": f"{centre['n']:,}",
        "Top-1 error": words.per_cent(centre["top1_error"]),
        INTERVAL: share.limits_per_cent,
        "Seeds": str(len(runs.complete)),
    }


def codes_table(runs: Runs) -> Html:
    """Binary codes beside the full search; a hole without codes.csv."""
    found = probes.codes(runs)
    if found.empty:
        return hole(
            f"Binary codes are not exported: no {CODES}",
            commands.export(runs, runs.complete[0]),
        )
    rows = [
        {
            "Code": "none, the full vectors" if row.code == "none" else row.code,
            "Bits": "" if pd.isna(row.bits) else f"{row.bits:.0f}",
            "Of": row.source,
            f"Precision at {COLUMNS}": words.per_cent(row.precision),
            "Seconds": f"{row.seconds[0]:.3g}",
            "Queries": f"{row.n:,}",
            "Seeds": str(row.count),
        }
        for row in found.itertuples()
    ]
    caption = (
        f"Search by binary codes: {words.name(runs)}, test images as queries in the "
        "training images, mean over the seeds (range); pixels averaged to at most 32 a side; seconds of the "
        "search alone for all queries, the full one in float32"
    )
    return table(pd.DataFrame(rows), caption=caption)
