"""Figure 1: how much faster a network learns with ReLU than with other activations."""

import pandas as pd

from analysis.display.holes import hole
from analysis.display.sections import Html, Section, figure, folded, holes, table
from analysis.display.words import noted
from analysis.evidence import commands
from analysis.evidence.runs import Runs
from analysis.topics.activations import figures, race
from analysis.topics.activations.measured import measured
from analysis.topics.activations.tables import (
    INTERVAL,
    LEVEL,
    shown,
    shown_grid,
    to_download,
)

__all__ = ["measured", "section"]

CIFAR_PROFILES = ("cifar10", "smoke")


def section(runs: Runs) -> Section:
    """Tables and figures of Figure 1."""
    runs = runs.named(race.RECIPES)
    results = race.results(runs)
    grid = race.grid(runs, results)
    searched = runs.where(lambda run: run.seed == race.SEARCH_SEED)
    counted = runs.where(lambda run: run.seed != race.SEARCH_SEED)
    drawn = _race(counted, results) + _search(searched, results, grid)
    return Section(_tables(runs, results, grid), drawn)


def _tables(runs: Runs, results: pd.DataFrame, grid: pd.DataFrame) -> Html:
    caption = (
        f"Epochs until {LEVEL} training error: the learning rate, how many of the seeds "
        "got there, mean and range of their epochs, ratio of the mean to that of ReLU"
    )
    main = table(shown(results), caption=caption) if len(results) else Html("")
    unfinished = holes(runs.where(lambda run: run.status != "failed"))
    tables = main + _waiting(runs, results) + unfinished
    if grid.empty:
        return tables
    caption = (
        f"Every learning rate tried, with seed {race.SEARCH_SEED}: epochs until "
        f"{LEVEL}, and training error when the arm's fastest rate got there or, if "
        "sooner, at the run's own end"
    )
    title = f"All {len(grid)} runs of the learning-rate search"
    return tables + folded(title, table(shown_grid(grid), caption=caption))


def _waiting(runs: Runs, results: pd.DataFrame) -> Html:
    names = race.waiting(runs, results)
    if not names:
        return Html("")
    if runs.profile not in CIFAR_PROFILES:
        return Html('<p class="hole">Measured on CIFAR-10: profile cifar10.</p>')
    return hole("What has not run", commands.reproduce(runs.profile, *names))


def _race(runs: Runs, results: pd.DataFrame) -> Html:
    curves = race.curves(runs, results)
    panels = [
        figures.curves(name, curves[curves["condition"] == name], rows)
        for name, rows in results.groupby("condition", sort=False)
        if rows["seeds"].any()
    ]
    caption = (
        "Training error by epoch: ReLU solid, tanh dashed, one thin line a seed; a dot "
        f"is the mean epoch at {LEVEL} (dashed horizontal). "
        f"In brackets the {INTERVAL} of the ratio."
    )
    data = {
        "activations-curves": curves,
        "activations-results": to_download(results),
    }
    return figure(panels, caption=noted(runs, caption), data=data, runs=runs)


def _search(runs: Runs, results: pd.DataFrame, grid: pd.DataFrame) -> Html:
    names = [
        name for name in results["condition"].unique() if name in {*grid["condition"]}
    ]
    panels = [figures.search(name, grid[grid["condition"] == name]) for name in names]
    caption = (
        "The search of the learning rates, one run each: training error when the arm's "
        f"fastest rate reaches {LEVEL} (dashed horizontal), or at the run's own end if "
        "that came sooner; a ring is the rate chosen."
    )
    data = {"activations-learning-rates": grid}
    return figure(panels, caption=noted(runs, caption), data=data, runs=runs)
