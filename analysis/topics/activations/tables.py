"""Tables of Figure 1, and the words for its conditions and units."""

import math

import pandas as pd

from analysis.claims.printed import FIGURE1_LEVEL, FIGURE1_RATIO
from analysis.evidence.runs import Runs
from analysis.statistics import estimates
from analysis.topics.activations import race

UNITS = {
    "relu": "ReLU",
    "tanh": "tanh",
    "logistic": "logistic",
    "abs-tanh": "|tanh|",
}
NETS = {"80sec": "80-second net", "18pct": "18 % net", "13pct": "13 % net"}
SETTINGS = {  # initial values, input
    "modern": ("PyTorch's", "standardised"),
    "original": ("original", "centred 0–255"),
    "standardised": ("original", "standardised"),
    "torch-values": ("PyTorch's", "centred 0–255"),
}
LEVEL = f"{100 * FIGURE1_LEVEL.value:g} %"
INTERVAL = f"{100 * estimates.LEVEL:.0f} % interval"


def label(condition: str) -> str:
    """A condition in words; the name itself where it has none."""
    net, values, pixels = _described(condition).values()
    return f"{net}, {values} initial values, {pixels} input" if values else net


def _described(condition: str) -> dict[str, str]:
    net, _, setting = condition.partition("-")
    known = net in NETS and setting in SETTINGS
    values, pixels = SETTINGS[setting] if known else ("", "")
    name = NETS[net] if known else condition
    return {"Network": name, "Initial values": values, "Input": pixels}


def duration(row) -> str:
    """The mean epochs of an arm's seeds, or what is known of it."""
    if row.reached == 0:
        return f"more than {row.high:g}"
    bound = "" if row.reached == row.seeds else "more than "
    return f"{bound}{row.epochs:.2f}"


def shown(results: pd.DataFrame) -> pd.DataFrame:
    """The table over conditions, as a reader sees it."""
    rows = []
    for name, arms in results.groupby("condition", sort=False):
        if arms["seeds"].any() or arms["searched"].notna().any():
            rows += [_described(name) | _shown(row) for row in arms.itertuples()]
        else:
            units = ", ".join(UNITS[arm] for arm in arms["activation"])
            rows.append(_described(name) | {"Unit": units, "Epochs": "not run"})
    columns = ["Network", "Initial values", "Input", "Unit", "Rate", "Seeds", "Epochs"]
    return pd.DataFrame(rows, columns=[*columns, "Ratio", INTERVAL]).fillna("")


def to_download(results: pd.DataFrame) -> pd.DataFrame:
    """The results with ratios in words, as a .csv file has them."""
    return results.assign(ratio=results["ratio"].map(_in_words, na_action="ignore"))


def _in_words(ratio: estimates.Estimate) -> str:
    return f"{ratio.ratio} ({INTERVAL} {ratio.limits})" if ratio.limits else ratio.ratio


def readme(runs: Runs) -> str:
    """The part of README.md that Figure 1's runs decide, as Markdown."""
    results = race.results(runs)
    if not results["seeds"].any():
        return "Not run."
    table = shown(results).map(lambda cell: cell.replace("|", "\\|"))
    rows = [table.columns, ["---"] * len(table.columns), *table.to_numpy()]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    folder = f"../reports/{runs.profile}/figures"
    panels = [
        f"![Training error by epoch: {label(name)}]({folder}/activations-{name}.svg)"
        for name, arms in results.groupby("condition", sort=False)
        if arms["seeds"].any()
    ]
    images = runs.complete[0].manifest["splits"]["train"]
    data = (
        f"CIFAR-10, {images:,} training images; epochs to {LEVEL} "
        "training error, mean (range) over seeds. "
        f"{estimates.RATIO_METHOD}, over seeds, to ReLU; the paper's ratio is "
        f"{FIGURE1_RATIO.value:g}."
    )
    return "\n".join([*panels, "", data, "", *lines])


def _shown(row) -> dict[str, str]:
    if not row.seeds:
        search = f" (search: {row.searched:.2f})" if row.searched < math.inf else ""
        return {"Unit": UNITS[row.activation], "Epochs": f"not run{search}"}
    spread = f" ({row.low:.2f}–{row.high:.2f})" if row.reached == row.seeds else ""
    return {
        "Unit": UNITS[row.activation],
        "Rate": f"{row.learning_rate:g}",
        "Seeds": f"{row.reached} of {row.seeds}",
        "Epochs": duration(row) + spread,
        "Ratio": row.ratio.ratio if row.ratio else "",
        INTERVAL: row.ratio.limits if row.ratio else "",
    }


def shown_grid(grid: pd.DataFrame) -> pd.DataFrame:
    """The search of the learning rates, as a reader sees it."""
    rows = [
        _described(row.condition)
        | {
            "Unit": UNITS[row.activation],
            "Rate": f"{row.learning_rate:g}" + (" (chosen)" if row.chosen else ""),
            "Epochs": f"{row.epochs:.2f}" if row.epochs < math.inf else "not reached",
            "Error then": f"{100 * row.error_then:.1f} %",
            "Trained": f"{row.trained}",
            "Ended": row.outcome.partition(":")[0],
        }
        for row in grid.itertuples()
    ]
    return pd.DataFrame(rows)
