"""Figure 3: what the first layer learns, and whether the towers specialise."""

from html import escape

from analysis.display.sections import Html, Section, figure, holes, table
from analysis.display.words import noted
from analysis.evidence.runs import Runs
from analysis.topics.kernels import figures, spectra, tables, towers
from analysis.topics.kernels.learned import (
    RECIPES,
    RELEASED,
    Learned,
    chosen,
    compared,
    missing,
    read_all,
)
from analysis.topics.kernels.measured import measured

__all__ = ["measured", "section"]


def section(runs: Runs) -> Section:
    """Tables and figures of the kernels and of the towers."""
    runs = chosen(runs)
    learned = read_all(runs)
    same = compared(learned)
    drawn = _kernels(runs, same) + _towers(runs, same)
    waiting = _waiting(missing(runs, learned))
    return Section(_tables(learned) + waiting + holes(runs), drawn)


def _tables(learned: list[Learned]) -> Html:
    if not learned:
        return Html("")
    data = tables.subject(learned)
    kernels = (
        f"First-layer kernels, {data}: after training and, in brackets, at the initial "
        "values; shares are means over kernels"
    )
    halves = (
        f"Colour energy of the two halves of the kernels, {data}; means over kernels"
    )
    recipes = (
        f"Runs whose gap is above the {towers.LIMIT} of {towers.DRAWS:,} random "
        f"splits, {data}"
    )
    return (
        table(tables.responses(learned), caption=kernels)
        + Html(f"<p>{escape(spectra.DEFINITIONS)}</p>")
        + table(tables.halves(learned), caption=halves)
        + table(tables.recipes(learned), caption=recipes)
    )


def _waiting(found: list[str]) -> Html:
    if not found:
        return Html("")
    lines = "".join(f"<li><code>{escape(line)}</code></li>" for line in found)
    title = "What has not run (<code>repro export RUN</code> follows each training):"
    return Html(f'<div class="hole"><p>{title}</p><ul>{lines}</ul></div>')


def _kernels(runs: Runs, learned: list[Learned]) -> Html:
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
        f"{caption} {tables.subject(shown)}; the first seed of each recipe. The half "
        "with less colour energy is above and called GPU 1."
    )
    panels = []
    for one in shown:
        released = one.recipe == RELEASED
        panels += figures.kernels(one) if released else [figures.control(one)]
    data = {f"kernels-{shown[0].recipe}": tables.weights(shown[0])}
    return figure(
        panels, caption=noted(runs, caption), data=data, runs=_of(runs, shown)
    )


def _towers(runs: Runs, learned: list[Learned]) -> Html:
    caption = (
        "The towers: orientation and colour of each kernel; the gap of the halves' mean "
        f"colour energy against {towers.DRAWS:,} random splits; and that gap, over "
        f"the {towers.LIMIT} of its random splits, as training goes (above 1, dashed: "
        "more than chance)."
    )
    if not learned:
        return figure([], caption=caption, data={}, runs=runs)
    one = learned[0]
    epochs = tables.per_epoch(learned)
    caption = (
        f"{caption} {tables.subject(learned)}; the first two of {one.run.name}, seed "
        f"{one.run.seed}."
    )
    data = {
        "kernels-measures": tables.per_kernel(learned).round(4),
        "kernels-towers-by-epoch": epochs,
    }
    return figure(
        figures.specialisation(one, epochs),
        caption=noted(runs, caption),
        data=data,
        runs=_of(runs, learned),
    )


def _of(runs: Runs, learned: list[Learned]) -> Runs:
    folders = {one.run.folder for one in learned}
    return runs.where(lambda run: run.folder in folders)
