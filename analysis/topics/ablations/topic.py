"""Ablations: what each part of the 2012 network and of its training is worth."""

from analysis.display.sections import Html, Section, folded, holes, table
from analysis.evidence.arms import R0
from analysis.evidence.runs import Runs
from analysis.statistics.numbers import counted
from analysis.statistics.power import METHOD
from analysis.topics.ablations import light
from analysis.topics.ablations.effects import Effect, effects, main_condition, spread
from analysis.topics.ablations.figures import effects_figure
from analysis.topics.ablations.measured import concerned, measured
from analysis.topics.ablations.tables import data, missing, shown, shown_fits

__all__ = ["measured", "section"]  # what a topic offers

RECIPES = (R0.recipe, "R-")


def section(runs: Runs) -> Section:
    """The tables and figures of the ablations."""
    runs = runs.named(*RECIPES)
    results = effects(runs)
    condition = main_condition(results, runs)
    chosen = [each for each in results if each.condition == condition]
    return Section(_tables(runs, results, condition), effects_figure(runs, chosen))


def _tables(runs: Runs, results: list[Effect], condition: tuple[str, ...]) -> Html:
    conditions = list(dict.fromkeys(each.condition for each in results))
    conditions.sort(key=lambda found: found != condition)
    parts = Html("")
    for found in conditions:
        chosen = [each for each in results if each.condition == found]
        parts += _of_condition(runs, chosen)
    waiting = missing(runs, [e for e in results if e.condition == condition], condition)
    if len(waiting):
        title = (
            f"{counted(len(waiting), 'comparison')} not run, with the command of each"
        )
        caption = (
            "The next command of each comparison; `repro export` follows a training"
        )
        parts += folded(title, table(waiting, caption=caption))
    return parts + holes(runs)


def _of_condition(runs: Runs, chosen: list[Effect]) -> Html:
    noise = spread(runs, chosen[0].condition)
    caption = (
        f"Change of the test error when one thing is changed, {data(chosen[0])}, ten "
        "views. Paper and authors' notes: their own data, one run an arm. Images alone: "
        "half of the interval that sampling these images gives. Runs an arm: to find "
        f"the paper's top-1 effect, {METHOD}"
    )
    if noise:
        caption += (
            f"; the standard deviation over seeds is {100 * noise.deviation:.2f} points, "
            f"pooled over recipes with {noise.degrees} degrees of freedom"
        )
    fits = (
        f"Training and validation top-1 error of the last epoch, {chosen[0].images}, per "
        "cent, one view; gap: validation minus training; differences to the reference "
        "with 95 % intervals over seeds"
    )
    errors = table(shown(chosen, noise), caption=caption)
    lit = [
        light.light_table(each)
        for each in chosen
        if light.CLAIM in concerned(each.comparison)
    ]
    return sum(lit, errors + table(shown_fits(chosen), caption=fits))
