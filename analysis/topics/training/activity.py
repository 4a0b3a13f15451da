"""Units and gradients of every layer, untrained and trained: diagnostics.csv.

Measured by `repro export` on fixed training images, centre views, evaluation mode:
after the activation of each layer with weights, before dropout.
"""

from pathlib import Path

import pandas as pd

from analysis.evidence import curves
from analysis.evidence.runs import Run, Runs, read_table
from analysis.statistics.numbers import counted, per_cent, spread

FILE = "diagnostics.csv"
STATES = ("untrained", "trained")
COLUMNS = ["state", "layer", "activation", "units", "dead_units"]
COLUMNS += ["saturated_activations", "zero_activations", "gradient_norm"]
COLUMNS += ["n", "gradient_n"]
FIRST, LAST = "conv1", "fc8"


def exported(run: Run) -> bool:
    """Whether the export of the run has come to the file."""
    written = run.manifest.get("export", {}).get("files", ())
    return FILE in written and (run.folder / FILE).is_file()


def read(folder: Path) -> pd.DataFrame:
    """diagnostics.csv, shares as fractions; raises ReportError where it is not that."""
    return read_table(folder / FILE, COLUMNS)


def measured(runs: Runs) -> pd.DataFrame:
    """One row for each exported run, state and layer."""
    frames = []
    for run in filter(exported, runs.complete):
        recipe, changes = curves.setting(run)
        names = {"recipe": recipe, "changes": changes, "run": run.name}
        names["data"] = curves.data(run)
        frames.append(read(run.folder).assign(**names, seed=run.seed))
    columns = ["recipe", "changes", "run", "data", "seed", *COLUMNS]
    return pd.concat(frames)[columns] if frames else pd.DataFrame(columns=columns)


def shown(activity: pd.DataFrame) -> pd.DataFrame:
    """The table over layers; each cell untrained → trained, means over seeds."""
    rows = []
    saturating = activity["saturated_activations"].notna().any()
    for (name, layer), found in activity.groupby(["run", "layer"], sort=False):
        first = found.iloc[0]
        row = {"Run": name, "Seeds": f"{found['seed'].nunique()}", "Layer": layer}
        row |= {"Activation": first["activation"], "Units": f"{first['units']:,}"}
        row["Dead units, %"] = _change(found, "dead_units", per_cent)
        row["Zero activations, %"] = _change(found, "zero_activations", per_cent)
        if saturating:
            column = "saturated_activations"
            row["Saturated activations, %"] = _change(found, column, per_cent)
        row["Gradient norm"] = _change(found, "gradient_norm", three)
        rows.append(row)
    return pd.DataFrame(rows)


def _change(found: pd.DataFrame, column: str, form) -> str:
    parts = [spread(found.loc[found["state"] == s, column], form) for s in STATES]
    return "–" if parts == ["–", "–"] else " → ".join(parts)


def protocol(activity: pd.DataFrame) -> str:
    """What was measured on how many images, in words."""
    return (
        f"{_counts(activity, 'n')} fixed training images, centre view, evaluation mode, "
        "after the activation; dead: not above 0 on any of them; a unit is a map in a "
        f"convolution; norm of the gradient of the weights of the mean loss of "
        f"{_counts(activity, 'gradient_n')} of them"
    )


def gradient_ratios(activity: pd.DataFrame) -> pd.DataFrame:
    """One row for each run and state: conv1's gradient norm over fc8's."""
    keys = ["recipe", "changes", "run", "seed", "state"]
    norms = activity.pivot_table("gradient_norm", keys, "layer").reset_index()
    if norms.empty or not {FIRST, LAST} <= {*norms.columns}:
        return pd.DataFrame(columns=[*keys, "ratio"])
    return norms.assign(ratio=norms[FIRST] / norms[LAST])[[*keys, "ratio"]]


def sentences(activity: pd.DataFrame) -> list[str]:
    """Gradient ratio and sparsity of every set of runs, over its seeds."""
    return [
        sentence(found)
        for _, found in activity.groupby("run", sort=False)
        for sentence in (_gradients, _zeros)
    ]


def _gradients(found: pd.DataFrame) -> str:
    ratios = gradient_ratios(found)
    known = [
        f"{spread(ratios.loc[ratios['state'] == state, 'ratio'], three)} {state}"
        for state in STATES
    ]
    hidden = found.loc[found["activation"] != "none", "activation"]
    return (
        f"{_named(found)}, {', '.join(hidden.unique())}: gradient norm of {FIRST} over "
        f"that of {LAST} {', '.join(known)} ({_counts(found, 'gradient_n')} images)."
    )


def _zeros(found: pd.DataFrame) -> str:
    hidden = found[found["activation"] != "none"]
    layers = [
        f"{layer} {_change(rows, 'zero_activations', per_cent)} %"
        for layer, rows in hidden.groupby("layer", sort=False)
    ]
    return (
        f"{_named(found)}: activations that are 0, untrained → trained, "
        f"{', '.join(layers)} ({_counts(found, 'n')} images)."
    )


def _named(found: pd.DataFrame) -> str:
    data = " and ".join(sorted(set(found["data"])))
    return (
        f"{found['run'].iloc[0]} ({counted(found['seed'].nunique(), 'seed')}; {data})"
    )


def _counts(found: pd.DataFrame, column: str) -> str:
    return " or ".join(f"{n:,}" for n in sorted(set(found[column])))


def three(value: float) -> str:
    """Three significant digits."""
    return f"{value:.3g}"
