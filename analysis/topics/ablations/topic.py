"""Ablations: what each part of the 2012 network and of its training is worth."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from analysis.claims import measurement
from analysis.display import style
from analysis.display.sections import Html, Panel, Section, figure, folded, holes, table
from analysis.evidence.runs import Runs
from analysis.statistics.numbers import counted
from analysis.topics.ablations import (
    effects,
)
from analysis.topics.ablations import (
    light as disturbed,
)
from analysis.topics.ablations import (
    measured as ablations_measured,
)
from analysis.topics.ablations.effects import Measured
from analysis.topics.ablations.tables import missing, recipe, shown, shown_fits

FAR, LINEAR = 20, 5  # points: one such effect would leave no room for the others
RECIPES = ("released-145", "R-")
ROW, FRAME, WIDTH = 0.25, 0.8, 3.7  # inches: of one row, around them, of the panel


def plot(results: Sequence[Measured], top: int, ax: Axes) -> Axes:
    """Dots with intervals, one row a variant; the paper's and the notes' beside them."""
    for row, each in enumerate(results):
        found = each.difference(top)
        over_seeds = found.over == "seeds"
        line = {"color": style.BLUE, "linestyle": "-" if over_seeds else ":"}
        ax.plot([100 * found.low, 100 * found.high], [row, row], **line)
        face = style.BLUE if over_seeds else style.PAPER
        ax.plot(100 * found.value, row, "o", ms=5, c=style.BLUE, mfc=face)
        marks = {"D": each.comparison.paper, "|": each.comparison.notes}
        for marker, effect in marks.items():
            value = effect and getattr(effect, f"top{top}")
            if value is not None:
                about = {"ms": 6 + 3 * (marker == "|"), "mfc": "none"}
                ax.plot(float(value), row, marker, c=style.ORANGE, **about)
    ax.axvline(0, color=style.INK, linewidth=0.9, dashes=(6, 3))
    ax.set_yticks(range(len(results)), [each.comparison.change for each in results])
    ax.set_ylim(len(results) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.set(xlabel=f"top-{top} error: change, points")
    ends = [abs(100 * end) for each in results for end in _limits(each, top)]
    if max(ends, default=0) > FAR:
        ax.set_xscale("symlog", linthresh=LINEAR, linscale=2)
        ax.set_xticks([-5, -2, 0, 2, 5, 50])
        ax.xaxis.set_major_formatter("{x:g}")
        ax.set_xticks([], minor=True)
    return ax


def _limits(each: Measured, top: int) -> list[float]:
    found = each.difference(top)
    return [end for end in (found.low, found.high, found.value) if math.isfinite(end)]


def section(runs: Runs) -> Section:
    """Tables, figures and sentences of the ablations."""
    runs = runs.where(lambda run: run.name.startswith(RECIPES))
    results = effects.measured(runs)
    condition = effects.main_condition(results, runs)
    chosen = [each for each in results if each.pairs.condition == condition]
    return Section(_tables(runs, results, condition), _figure(runs, chosen))


def measured(runs: Runs) -> dict[str, tuple[measurement.Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    return ablations_measured.measured(runs)


def _tables(runs: Runs, results: list[Measured], condition: tuple[str, ...]) -> Html:
    conditions = list(dict.fromkeys(each.pairs.condition for each in results))
    conditions.sort(key=lambda found: found != condition)
    parts = Html("")
    for found in conditions:
        chosen = [each for each in results if each.pairs.condition == found]
        parts += _of_condition(runs, chosen)
    waiting = missing(
        runs, [e for e in results if e.pairs.condition == condition], condition
    )
    if len(waiting):
        title = (
            f"{counted(len(waiting), 'comparison')} not run, with the command of each"
        )
        caption = (
            "The next command of each comparison; `repro export` follows a training"
        )
        parts += folded(title, table(waiting, caption=caption))
    return parts + holes(runs)


def _of_condition(runs: Runs, chosen: list[Measured]) -> Html:
    spread = effects.spread(runs, chosen[0].pairs.condition)
    caption = (
        f"Change of the test error when one thing is changed, {_data(chosen[0])}, ten "
        "views. Paper and authors' notes: their own data, one run an arm. Images alone: "
        "half of the interval that sampling these images gives. Runs an arm: to find "
        "the paper's top-1 effect"
    )
    fits = (
        f"Training and validation top-1 error of the last epoch, {chosen[0].images}, per "
        "cent, one view; gap: validation minus training; differences to the reference "
        "with 95 % intervals over seeds"
    )
    errors = table(shown(chosen, spread), caption=caption)
    light = [
        disturbed.light_table(each)
        for each in chosen
        if disturbed.CLAIM in each.comparison.claims
    ]
    return sum(light, errors + table(shown_fits(chosen), caption=fits))


def _data(each: Measured) -> str:
    n = each.difference(1).images
    return f"{each.images}, n = {n:,}"


def _figure(runs: Runs, chosen: list[Measured]) -> Html:
    panels = [_panel(chosen, top) for top in (1, 5)] if chosen else []
    caption = (
        "Change of the test error, ten views, variant minus reference; right of 0 the "
        "variant is worse. Dots with 95 % intervals: filled and solid over seeds, hollow "
        "and dotted over images of one seed. Orange diamonds: the paper; orange bars: "
        f"its authors' notes; both on ILSVRC. Where one effect exceeds {FAR} points, the "
        f"axis is logarithmic beyond {LINEAR}."
    )
    if chosen:
        caption = f"{_data(chosen[0])}. {caption}"
    if runs.note:
        caption = f"{runs.note[:1].upper()}{runs.note[1:]}. {caption}"
    used = {run.folder for each in chosen for run in each.runs}
    kept = runs.where(lambda run: run.folder in used)
    data = {"ablations": effects.frame(chosen)}
    return figure(panels, caption=caption, data=data, runs=kept)


def _panel(chosen: list[Measured], top: int) -> Panel:
    def draw(ax: Axes) -> None:
        plot(chosen, top, ax)

    size = (WIDTH, FRAME + ROW * len(chosen))
    changes = [
        f"{recipe(each)}, {each.comparison.change}: {each.difference(top).points}"
        for each in chosen
    ]
    alt = f"Change of the top-{top} test error in points: {'; '.join(changes)}."
    return Panel(f"ablations-top{top}", style.drawn(draw, size), alt)
