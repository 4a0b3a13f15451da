"""Transfer: pre-trained against from scratch; dropout at test; the crops of an image."""

from html import escape

from analysis import crop_figures, crop_overlap, thinned, transfer_measured
from analysis.figure4_runs import RECIPES as RELEASED
from analysis.figure4_runs import missing
from analysis.measurement import Measured
from analysis.results import Runs
from analysis.sections import Html, Section, holes
from analysis.transfer_claims import summary, transfer_command
from analysis.transfer_curves import arms_table, differences_table, figures
from analysis.transfer_pairs import PREFIX, Transfer, transfers

RECIPES = (PREFIX, RELEASED)


def section(runs: Runs) -> Section:
    """Tables, figures and sentences."""
    runs = runs.named(*RECIPES)
    pairs = transfers(runs)
    tables = (
        _arms(runs, pairs)
        + thinned.rules_table(runs)
        + crop_overlap.sizes_table()
        + holes(runs.named(PREFIX))
    )
    drawn = figures(runs, pairs) + crop_figures.figures(runs)
    if not crop_overlap.chosen(runs).complete:
        drawn += missing(runs.named(RELEASED), [crop_overlap.FILE])
    return Section(tables, drawn, summary(runs))


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    return transfer_measured.measured(runs)


def _arms(runs: Runs, pairs: list[Transfer]) -> Html:
    if not pairs:
        command = escape(transfer_command(runs))
        return Html(
            '<p class="hole">Pre-trained against from scratch: no pair of complete runs. '
            f"<code>{command}</code></p>"
        )
    parts = [arms_table(pair) + differences_table(pair) for pair in pairs]
    return sum(parts, Html(""))
