"""Figure 3 in words: what the kernels of the runs say of each claim."""

import math

import pandas as pd

from analysis.evidence.runs import Runs
from analysis.topics.kernels import spectra, towers
from analysis.topics.kernels.learned import CONTROLS, RELEASED, SEEDS
from analysis.topics.kernels.words import (
    CHANCE,
    INTERVAL,
    KERNELS,
    NULL,
    SIDE,
    WELCH,
    count,
    number,
    percent,
    points,
    seeds,
    spread,
    subject,
)

CLAIMS = {
    "F3a": "The first layer learns frequency- and orientation-selective kernels and "
    "coloured blobs.",
    "F3b": "The kernels on GPU 1 are largely colour-agnostic, those on GPU 2 largely "
    "colour-specific.",
    "F3c": "This happens in every run, whatever the initial values, up to renumbering "
    "the GPUs.",
    "F3d": "It results from the restricted connectivity.",
    "X17": "Later notes: the split may be chance and have little to do with the GPUs.",
}
OVER_SEEDS = "Over several seeds: mean (lowest to highest)."
COLOUR_ENERGY = "Colour energy: share of a kernel's energy off the grey axis of RGB."
GROUPS = (
    "GPU 1 is, in every run, the half with less colour energy; the gap is that of the "
    f"halves' means; the null is {towers.DRAWS:,} random splits of the same "
    f"kernels, and p the share of them with as large a gap (lowest possible "
    f"{1 / (1 + towers.DRAWS):.4f})."
)


def summary(runs: Runs, rows: pd.DataFrame, commands: dict[str, list[str]]) -> str:
    """What the runs of one setting say of each claim, as a Markdown list."""
    arms = {name: rows[rows["recipe"] == name] for name in SEEDS} if len(rows) else {}
    arms = {name: arm for name, arm in arms.items() if len(arm)}
    released = arms.get(RELEASED)
    missing = _missing(commands, RELEASED)
    answers = {
        "F3a": missing if released is None else _kinds(released),
        "F3b": missing if released is None else _colours(released),
        "F3c": missing if released is None else [*_every_run(released), *missing],
        "F3d": _controls(arms, commands),
        "X17": _chance(arms),
    }
    lines = [
        f"- **{claim}** *{CLAIMS[claim]}*\n"
        + "".join(f"    - {sentence}\n" for sentence in answer)
        for claim, answer in answers.items()
    ]
    note = f"**{runs.note[:1].upper()}{runs.note[1:]}.**\n\n" if runs.note else ""
    return f"{note}{''.join(lines)}\n{OVER_SEEDS} {COLOUR_ENERGY} {GROUPS}"


def _missing(commands: dict[str, list[str]], name: str) -> list[str]:
    """What to run first, and how many more commands the tables list."""
    if name not in commands:
        return []
    first, *others = commands[name]
    more = f" and {len(others)} more, listed below the tables" if others else ""
    return [f"{name}, not run: `{first}`{more}."]


def _kinds(rows: pd.DataFrame) -> list[str]:
    total, _, side, _ = rows["learned"].iloc[0].trained.shape
    kinds = [
        f"{spread(rows[name], count)} {words} "
        f"({spread(rows[f'initial_{name}'], count)} at the initial values)"
        for name, words in (
            ("gabor_like", "are Gabor-like"),
            ("colour_blobs", "are colour blobs"),
        )
    ]
    low = spread(rows["low_frequency_share"])
    initial = spread(rows["initial_low_frequency_share"])
    kernels = f"of {total} kernels of {side} × {side}"
    below = f"Share of spectral energy below half the Nyquist frequency ({_spectrum()})"
    values = f"{low} after training, {initial} at the initial values"
    return [
        f"{_evidence(rows)}: {kernels}, {' and '.join(kinds)}.",
        _paper(),
        f"{below}, mean over {total} kernels: {values}.",
        spectra.DEFINITIONS,
    ]


def _paper() -> str:
    return (
        f"The paper shows {KERNELS.value:g} of {SIDE.value:g} × {SIDE.value:g} "
        f"({KERNELS.place}) and counts no kinds."
    )


def _evidence(rows: pd.DataFrame) -> str:
    learned = list(rows["learned"])
    name = learned[0].run.name
    return f"{subject(learned)}; {name}, {seeds(len(rows))}"


def _spectrum() -> str:
    side = spectra.SIDE
    return (
        f"radial frequency below {spectra.LOW:g} cycles per pixel, DC included, "
        f"each channel zero-padded to {side} × {side}"
    )


def _colours(rows: pd.DataFrame) -> list[str]:
    grey, colour = spread(rows["lower_mean"]), spread(rows["higher_mean"])
    gap, p = spread(rows["gap"], points), _p_values(rows)
    means = f"mean colour energy {grey} on GPU 1 and {colour} on GPU 2"
    initial = spread(rows["initial_colour_share"])
    before = f"{initial} over all kernels at the initial values"
    return [f"{_evidence(rows)}: {means}, a gap of {gap}, p {p}; {before}."]


def _p_values(rows: pd.DataFrame) -> str:
    low, high = rows["p"].min(), rows["p"].max()
    return f"{low:.4f}" if low == high else f"{low:.4f} to {high:.4f}"


def _every_run(rows: pd.DataFrame) -> list[str]:
    first = int((rows["lower_tower"] == 1).sum())
    return [
        f"{_above(rows)}.",
        f"GPU 1 is the first half in {first} of {seeds(len(rows))}.",
    ]


def _above(rows: pd.DataFrame) -> str:
    above, total = int(rows["exceeds"].sum()), len(rows)
    low, high = towers.exact_interval(above, total)
    return (
        f"{rows['learned'].iloc[0].run.name}: the gap is above {NULL} of random splits "
        f"in {above} of {seeds(total)}, {percent(above / total)} ({INTERVAL} "
        f"{percent(low)} to {percent(high)})"
    )


def _controls(
    arms: dict[str, pd.DataFrame], commands: dict[str, list[str]]
) -> list[str]:
    sentences = []
    for name in CONTROLS:
        if name in arms:
            meets = arms[name]["learned"].iloc[0].meets or "one tower"
            sentences.append(f"{_above(arms[name])}; the halves meet in {meets}.")
        if name in arms and RELEASED in arms:
            sentences.append(_against(arms[RELEASED]["gap"], arms[name]["gap"], name))
        sentences += _missing(commands, name)
    return sentences


def _against(released: pd.Series, other: pd.Series, name: str) -> str:
    value, low, high = towers.difference_of_means(released, other)
    known = (
        "" if math.isnan(low) else f", {WELCH} {number(100 * low)} to {points(high)}"
    )
    return (
        f"Gap of {RELEASED} minus gap of {name}: {points(value)}{known} "
        f"(n = {len(released)} and {len(other)})."
    )


def _chance(arms: dict[str, pd.DataFrame]) -> list[str]:
    sentences = []
    for name in (RELEASED, *CONTROLS):
        if name not in arms:
            sentences.append(f"{name}: not run.")
            continue
        above, total = int(arms[name]["exceeds"].sum()), len(arms[name])
        low, high = towers.exact_interval(above, total)
        where = "below" if low > CHANCE else "above" if high < CHANCE else "inside"
        sentences.append(
            f"{name}: {above} of {total} above {NULL}; the {percent(CHANCE)} that chance "
            f"gives lie {where} the {INTERVAL} {percent(low)} to {percent(high)}."
        )
    return sentences
