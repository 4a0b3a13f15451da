"""Units and gradients of every layer, untrained and trained: diagnostics.csv.

`repro export` measures them on fixed training images, centre views, in evaluation mode:
after the activation of each layer with weights, before dropout. Shares are fractions.
"""

import math
from functools import partial

import pandas as pd

from analysis.claims import from_runs
from analysis.claims.from_runs import described, every
from analysis.claims.measurement import Measured
from analysis.evidence import curves
from analysis.evidence.arms import WELCH, WELCH_OF_LOG, Arms, arms
from analysis.evidence.curves import RELEASED
from analysis.evidence.runs import Run, Runs, read_table
from analysis.statistics.estimates import difference, ratio_of_means
from analysis.statistics.numbers import per_cent, signed, spread

FILE = "diagnostics.csv"
STATES = ("untrained", "trained")
COLUMNS = ["state", "layer", "activation", "units", "dead_units"]
COLUMNS += ["saturated_activations", "zero_activations", "gradient_norm"]
COLUMNS += ["n", "gradient_n"]
FIRST, LAST = "conv1", "fc8"
TANH, NO_NORM = "R-tanh", "R-nolrn"


def exported(run: Run) -> bool:
    """Whether the export of the run has come to the file."""
    written = run.manifest.get("export", {}).get("files", ())
    return FILE in written and (run.folder / FILE).is_file()


def by_layer(runs: Runs) -> pd.DataFrame:
    """One row for each exported run, state and layer.

    Raises ReportError where a file is not readable or lacks columns.
    """
    frames = []
    for run in filter(exported, runs.complete):
        recipe, changes = curves.setting(run)
        names = {"recipe": recipe, "changes": changes, "run": run.name}
        names["data"] = curves.data(run)
        table = read_table(run.folder / FILE, COLUMNS)
        frames.append(table.assign(**names, seed=run.seed))
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
        f"{curves.counts(activity['n'])} fixed training images, centre view, evaluation mode, "
        "after the activation; dead: not above 0 on any of them; a unit is a map in a "
        f"convolution; norm of the gradient of the weights of the mean loss of "
        f"{curves.counts(activity['gradient_n'])} of them"
    )


def gradient_ratios(activity: pd.DataFrame) -> pd.DataFrame:
    """One row for each run and state: conv1's gradient norm over fc8's."""
    keys = ["recipe", "changes", "run", "seed", "state"]
    norms = activity.pivot_table("gradient_norm", keys, "layer").reset_index()
    if norms.empty or not {FIRST, LAST} <= {*norms.columns}:
        return pd.DataFrame(columns=[*keys, "ratio"])
    return norms.assign(ratio=norms[FIRST] / norms[LAST])[[*keys, "ratio"]]


def three(value: float) -> str:
    """Three significant digits."""
    return f"{value:.3g}"


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """X23, untrained and trained, and S3.3c.

    There is no measurement where an arm has no diagnostics.csv.
    """
    runs = runs.where(exported)
    pairs = arms(runs, RELEASED, TANH)
    found = [
        each
        for measure in (_gradients, _zeros)
        for state in STATES
        for each in every(partial(measure, state=state), pairs)
    ]
    answers = {"X23": tuple(found), "S3.3c": tuple(_never_active(runs))}
    return {claim: found for claim, found in answers.items() if found}


def _never_active(runs: Runs) -> list[Measured]:
    """Of units that nothing activates: without normalisation minus with it, trained."""
    measure = partial(
        _share,
        state="trained",
        column="dead_units",
        what="units that none of these images activates",
    )
    return every(measure, arms(runs, NO_NORM, RELEASED))


def _gradients(pair: Arms, state: str) -> Measured | None:
    """None where a norm is zero: then no ratio has an interval."""
    tables = [by_layer(arm) for arm in (pair.first, pair.second)]
    ratios = [gradient_ratios(table) for table in tables]
    samples = [each.loc[each["state"] == state, "ratio"] for each in ratios]
    if any(sample.empty or not _positive(sample) for sample in samples):
        return None
    ratio = ratio_of_means(*samples)
    shown = " and ".join(spread(sample, three) for sample in samples)
    return Measured(
        **from_runs.limits(ratio, factor=1),
        unit="times",
        quantity="gradient",
        stated=f"{ratio.value:.3g}, {state}: {shown}",
        images=int(tables[0]["gradient_n"].iloc[0]),
        split="training images",
        protocol=(
            f"norm of the gradient of the weights of the mean loss, {FIRST} over {LAST}; "
            f"centre view, evaluation mode; {WELCH_OF_LOG}"
        ),
        **described(pair),
    )


def _positive(sample: pd.Series) -> bool:
    return bool(((sample > 0) & (sample < math.inf)).all())


def _zeros(pair: Arms, state: str) -> Measured | None:
    return _share(
        pair, state, "zero_activations", "activations that are 0", quantity="zeros"
    )


def _share(
    pair: Arms, state: str, column: str, what: str, quantity: str = ""
) -> Measured | None:
    """The mean share over the hidden layers: the first arm's minus the second's."""
    tables = [by_layer(arm) for arm in (pair.first, pair.second)]
    samples = [_of_hidden(table[table["state"] == state], column) for table in tables]
    if any(sample.empty for sample in samples):
        return None
    found = difference(*samples)
    shown = " and ".join(f"{spread(sample, per_cent)} %" for sample in samples)
    return Measured(
        **from_runs.limits(found),
        unit="points",
        quantity=quantity,
        stated=f"{signed(100 * found.value)}, {state}: {shown}",
        images=int(tables[0]["n"].iloc[0]),
        split="training images",
        protocol=(
            f"share of {what}, mean over the hidden layers; centre view, evaluation "
            f"mode; {WELCH}"
        ),
        **described(pair),
    )


def _of_hidden(table: pd.DataFrame, column: str) -> pd.Series:
    """The mean over the hidden layers, one value a run."""
    hidden = table[table["activation"] != "none"]
    return hidden.groupby(["run", "seed"])[column].mean()
