"""Figure 3: what the first layer learns, and whether the towers specialise."""

from html import escape

import pandas as pd

from analysis.claims.measurement import Measured
from analysis.display.sections import Html, Section, figure, holes, table
from analysis.evidence.runs import Runs
from analysis.topics.kernels import (
    measured as kernels_measured,
)
from analysis.topics.kernels import (
    panels as kernel_panels,
)
from analysis.topics.kernels import (
    spectra,
    tables,
    words,
)
from analysis.topics.kernels import (
    towers as tower_split,
)
from analysis.topics.kernels.learned import (
    RECIPES,
    RELEASED,
    Learned,
    chosen,
    commands,
    compared,
    read_all,
)
from analysis.topics.kernels.words import NULL, subject


def section(runs: Runs) -> Section:
    """Tables, figures and sentences of Figure 3 and of the towers."""
    runs = chosen(runs)
    learned = read_all(runs)
    missing = commands(runs, learned)
    same = [one for one in learned if one.setting == compared(learned)]
    rows = tables.per_run(learned)
    figures = _figure3(runs, same) + _towers(runs, same)
    return Section(_tables(rows) + _waiting(missing) + holes(runs), figures)


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    return kernels_measured.measured(runs)


def _tables(rows: pd.DataFrame) -> Html:
    if rows.empty:
        return Html("")
    data = subject(list(rows["learned"]))
    kernels = (
        f"First-layer kernels, {data}: after training and, in brackets, at the initial "
        "values; shares are means over kernels"
    )
    towers = (
        f"Colour energy of the two halves of the kernels, {data}; means over kernels"
    )
    recipes = (
        f"Runs whose gap is above {NULL} of {tower_split.DRAWS:,} random splits, {data}"
    )
    return (
        table(words.shown_kernels(rows), caption=kernels)
        + Html(f"<p>{escape(spectra.DEFINITIONS)}</p>")
        + table(words.shown_towers(rows), caption=towers)
        + table(words.shown_recipes(rows), caption=recipes)
    )


def _waiting(missing: dict[str, list[str]]) -> Html:
    if not missing:
        return Html("")
    lines = "".join(
        f"<li>{escape(name)}: <code>{escape(line)}</code></li>"
        for name, found in missing.items()
        for line in found
    )
    title = "What has not run (<code>repro export RUN</code> follows each training):"
    return Html(f'<div class="hole"><p>{title}</p><ul>{lines}</ul></div>')


def _figure3(runs: Runs, learned: list[Learned]) -> Html:
    caption = (
        "Figure 3: the kernels of the first layer. Scaled as the released plotting code "
        "does, all kernels of a half together, and with each kernel standardised first; "
        "the same kernels at the initial values; a few of them as training goes, each "
        "snapshot standardised; then the controls, scaled together."
    )
    firsts = [
        next((one for one in learned if one.recipe == name), None) for name in RECIPES
    ]
    shown = [one for one in firsts if one]
    if not shown:
        return figure([], caption=caption, data={}, runs=runs)
    caption = (
        f"{caption} {subject(shown)}; the first seed of each recipe. The half "
        "with less colour energy is above and called GPU 1."
    )
    main = [one for one in shown if one.recipe == RELEASED]
    panels = [panel for one in main for panel in kernel_panels.figure3(one)]
    panels += [kernel_panels.control(one) for one in shown if one not in main]
    data = {f"kernels-{shown[0].recipe}": tables.weights(shown[0])}
    return figure(
        panels, caption=_noted(runs, caption), data=data, runs=_of(runs, shown)
    )


def _towers(runs: Runs, learned: list[Learned]) -> Html:
    caption = (
        "The towers: orientation and colour of each kernel; the gap of the halves' mean "
        f"colour energy against {tower_split.DRAWS:,} random splits; and that gap, over "
        f"{NULL} of its random splits, as training goes (above 1, dashed: more "
        "than chance)."
    )
    if not learned:
        return figure([], caption=caption, data={}, runs=runs)
    one = learned[0]
    epochs = tables.per_epoch(learned)
    caption = (
        f"{caption} {subject(learned)}; the first two of {one.run.name}, seed "
        f"{one.run.seed}."
    )
    panels = kernel_panels.towers(one, epochs)
    data = {
        "kernels-measures": tables.per_kernel(learned).round(4),
        "kernels-towers-by-epoch": epochs,
    }
    kept = _of(runs, learned)
    return figure(panels, caption=_noted(runs, caption), data=data, runs=kept)


def _of(runs: Runs, learned: list[Learned]) -> Runs:
    folders = {one.run.folder for one in learned}
    return runs.where(lambda run: run.folder in folders)


def _noted(runs: Runs, caption: str) -> str:
    return (
        f"{runs.note[:1].upper()}{runs.note[1:]}. {caption}" if runs.note else caption
    )
