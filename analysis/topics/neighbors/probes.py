"""How good the last hidden layer is for something simple: softmax, binary codes.

codes.csv, where a run has it, has a row for each way to search: `code` (`none` for the
vectors themselves, else what made the code, such as `autoencoder`), `bits` (empty for
`none`), `source` (`features` or `pixels`), `precision_at_6` (fraction of the six nearest
training images of the query's class), `seconds` (search time of all queries together)
and `n` (queries).
"""

import pandas as pd

from analysis.evidence import exported
from analysis.evidence.runs import Runs
from analysis.statistics import estimates, images
from analysis.statistics.numbers import mean_and_range

PROBE, CODES = "probe.csv", "codes.csv"
PROBE_COLUMNS = ("vectors", "top1_error", "n", "train_images", "dimensions", "l2")
CODES_COLUMNS = ("code", "bits", "source", "precision_at_6", "seconds", "n")
FEATURES, PIXELS, UNTRAINED = "features", "pixels", "untrained features"
HOG, MORE_HOG = "HOG", "HOG, more images"


def probe(runs: Runs) -> pd.DataFrame:
    """One row for each kind of vectors: top-1 error of a softmax on them, test split.

    `error` is Wilson's interval around the seeds' mean, of `n` images; `seeds` the mean
    and range. Empty where no run has probe.csv.
    """
    held = exported.exported(runs, [PROBE])
    columns = (*PROBE_COLUMNS, "protocol")
    tables = [exported.rows(run, PROBE, columns) for run in held.complete]
    rows = []
    for vectors, found in _groups(tables, ["vectors"]):
        seeds, n = mean_and_range(found["top1_error"]), int(found["n"].iloc[0])
        rows.append(
            {
                "vectors": vectors[0],
                "error": images.share(seeds[0], n),
                "seeds": seeds,
                "count": len(found),
                "train_images": int(found["train_images"].iloc[0]),
                "dimensions": int(found["dimensions"].iloc[0]),
                "l2": ", ".join(f"{value:g}" for value in sorted(set(found["l2"]))),
                "protocol": found["protocol"].iloc[0],
            }
        )
    return pd.DataFrame(rows)


def gains(table: pd.DataFrame) -> dict[str, estimates.Estimate]:
    """By what the features are compared with: how much lower the error on them is.

    Softmax fitted to equally many images.
    """
    errors = {row.vectors: row.error for row in table.itertuples()}
    if FEATURES not in errors:
        return {}
    others = [name for name in (PIXELS, UNTRAINED, HOG) if name in errors]
    return {name: images.unpaired(errors[name], errors[FEATURES]) for name in others}


def codes(runs: Runs) -> pd.DataFrame:
    """One row for each code of codes.csv: precision and seconds over the seeds.

    Empty where no run has the file.
    """
    held = exported.exported(runs, [CODES])
    tables = [exported.rows(run, CODES, CODES_COLUMNS) for run in held.complete]
    return pd.DataFrame(
        {
            "code": code,
            "bits": None if pd.isna(bits) else int(bits),
            "source": source,
            "precision": mean_and_range(found["precision_at_6"]),
            "seconds": mean_and_range(found["seconds"]),
            "n": int(found["n"].iloc[0]),
            "count": len(found),
        }
        for (code, bits, source), found in _groups(tables, ["code", "bits", "source"])
    )


def _groups(tables: list[pd.DataFrame], keys: list[str]):
    """Rows with equal keys, one a seed, in the order of the first file."""
    if not tables:
        return []
    found = pd.concat(tables, ignore_index=True)
    return found.groupby(keys, sort=False, dropna=False)
