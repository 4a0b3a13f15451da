"""Figure 1 in words: its conditions, its units and what the runs say of each claim."""

import math

import pandas as pd

from analysis.claims.printed import FIGURE1_LEVEL, FIGURE1_RATIO
from analysis.evidence.runs import Runs
from analysis.statistics import ratios as intervals
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
INTERVAL = f"{100 * intervals.LEVEL:.0f} % interval"
CLAIMS = {
    "F1a": f"ReLU reaches {100 * FIGURE1_LEVEL.value:g} % training error "
    f"{FIGURE1_RATIO.value:g} times sooner than tanh.",
    "F1b": "Each arm has its own fastest learning rate, and nothing is regularised.",
    "F1c": "How much sooner depends on the network; it is always several times.",
    "S3.1a": "Saturating units are slower: logistic as well as tanh.",
    "S3.1b": "A network of AlexNet's size would not have been feasible with tanh.",
    "S3.1c": "|tanh| was proposed against overfitting, not for speed.",
    "X14": "Later notes: with today's habits ReLU is no longer much faster.",
    "X22": "Later notes: tanh needs standardised input, ReLU does not.",
}


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


def readme(runs: Runs) -> str:
    """The part of README.md that Figure 1's runs decide, as Markdown."""
    measured = race.measured(runs)
    results = race.results(measured, race.declared(runs))
    if not results["seeds"].any():
        return "Not run."
    table = shown(results).map(lambda cell: cell.replace("|", "\\|"))
    rows = [table.columns, ["---"] * len(table.columns), *table.to_numpy()]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    folder = f"reports/{runs.profile}/figures"
    panels = [
        f"![Training error by epoch: {label(name)}]({folder}/activations-{name}.svg)"
        for name, arms in results.groupby("condition", sort=False)
        if arms["seeds"].any()
    ]
    images = runs.complete[0].manifest["splits"]["train"]
    data = (
        f"CIFAR-10, {images:,} training images; epochs to {100 * FIGURE1_LEVEL.value:g} % "
        "training error, mean (range) over seeds. "
        f"{intervals.RATIO_METHOD}, over seeds, to ReLU; the paper's ratio is "
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
        "Ratio": row.ratio.estimate if row.ratio else "",
        INTERVAL: row.ratio.interval if row.ratio else "",
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


def summary(runs: Runs) -> str:
    """What the runs say of each claim, as a Markdown list."""
    measured = race.measured(runs)
    results = race.results(measured, race.declared(runs))
    answers = {
        "F1a": [*_ratios(results, "tanh"), *_against_the_paper(results)],
        "F1b": _rules(runs, measured),
        "F1c": _nets(results),
        "S3.1a": _ratios(results, "logistic"),
        "S3.1b": ["Not measured here: it takes the 2012 network with tanh."],
        "S3.1c": _ratios(results, "abs-tanh"),
        "X14": _initial_values(measured),
        "X22": _inputs(measured),
    }
    lines = [
        f"- **{claim}** *{CLAIMS[claim]}*\n" + _indented(answer or ["Not run."])
        for claim, answer in answers.items()
    ]
    note = f"**{runs.note[:1].upper()}{runs.note[1:]}.**\n\n" if runs.note else ""
    return f"{note}{''.join(lines)}\n{intervals.RATIO_METHOD}, over seeds."


def _indented(sentences: list[str]) -> str:
    return "".join(f"    - {sentence}\n" for sentence in sentences)


def _ratios(results: pd.DataFrame, arm: str) -> list[str]:
    rows = results[(results["activation"] == arm) & results["ratio"].notna()]
    relu = results[results["activation"] == race.REFERENCE].set_index("condition")
    sentences = []
    for row in rows.itertuples():
        seeds = f"n = {row.seeds} and {relu.loc[row.condition, 'seeds']}"
        ratio = f"{row.ratio} times as many as ReLU"
        if row.ratio.bound == "unknown":
            ratio = "as ReLU does"
        sentences.append(
            f"{label(row.condition)}: {UNITS[arm]} takes {duration(row)} epochs, {ratio} "
            f"({seeds})."
        )
    return sentences


def _against_the_paper(results: pd.DataFrame) -> list[str]:
    """Only ratios with an interval can say something about the paper's value."""
    ratios = results.loc[results["activation"] == "tanh", "ratio"].dropna()
    known = [ratio for ratio in ratios if ratio.interval]
    outside = sum(ratio.excludes(FIGURE1_RATIO.value) for ratio in known)
    text = (
        f"The paper's {FIGURE1_RATIO.value:g} lies outside the interval in {outside} of "
        f"{len(known)} condition{'s' * (len(known) != 1)}."
    )
    return [text] if known else []


def _rules(runs: Runs, measured: pd.DataFrame) -> list[str]:
    """Counted in the records of the runs, not taken from the plan."""
    search = measured[measured["seed"] == race.SEARCH_SEED]
    if search.empty:
        return []
    tried = search.groupby(["condition", "activation"]).size()
    free = sum(unregularised(run.record["recipe"]) for run in runs.complete)
    text = (
        f"{_span(tried.min(), tried.max())} rates tried in each of {len(tried)} arms; "
        f"{free} of {len(runs.complete)} runs without weight decay, crops and flips."
    )
    return [text]


def _span(low: float, high: float) -> str:
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def unregularised(recipe: dict) -> bool:
    """Whether nothing in the record decays weights or augments images."""
    decays = [v for k, v in recipe["optimisation"].items() if k.endswith("decay")]
    augmentation = recipe["augmentation"]
    return (
        not any(decays) and augmentation["crop"] == "whole" and not augmentation["flip"]
    )


def _nets(results: pd.DataFrame) -> list[str]:
    rows = results[(results["activation"] == "tanh") & results["ratio"].notna()]
    known = [row for row in rows.itertuples() if row.ratio.bound != "unknown"]
    if not known:
        return []
    nets = {_described(row.condition)["Network"] for row in known}
    ratios = [row.ratio.value for row in known]
    bounded = any(row.ratio.bound != "none" for row in known)
    conditions = f"{len(known)} condition{'s' * (len(known) != 1)}"
    text = (
        f"{', '.join(sorted(nets))}, {conditions}: tanh over ReLU "
        f"{_span(min(ratios), max(ratios))}{', bounds among them' * bounded}."
    )
    if len(nets) < 2:
        text += " One net says nothing about how the ratio depends on the net."
    return [text]


def _initial_values(measured: pd.DataFrame) -> list[str]:
    sentences = []
    for net, name in NETS.items():
        original, modern = (
            race.compare(measured, (key, "tanh"), (key, "relu"))
            for key in (f"{net}-original", f"{net}-modern")
        )
        if original and modern:
            sentences.append(
                f"{name}, tanh over ReLU: {original} with the original initial values and "
                f"input, {modern} with PyTorch's and standardised input."
            )
    return sentences


def _inputs(measured: pd.DataFrame) -> list[str]:
    sentences = []
    for net, name in NETS.items():
        for arm in ("relu", "tanh"):
            centred, standardised = (
                (f"{net}-original", arm),
                (f"{net}-standardised", arm),
            )
            ratio = race.compare(measured, centred, standardised)
            if ratio:
                sentences.append(
                    f"{name}, {UNITS[arm]}: epochs on centred 0–255 over those on "
                    f"standardised input {ratio}."
                )
    return sentences
