"""Transfer: pre-trained against from scratch; dropout at test; the crops of an image."""

from html import escape

from analysis.claims.measurement import Measured
from analysis.display.sections import Html, Section, holes
from analysis.evidence.exported import RECIPES as RELEASED
from analysis.evidence.exported import missing
from analysis.evidence.runs import Runs
from analysis.topics.crops import figures as crop_figures
from analysis.topics.crops import overlap
from analysis.topics.dropout import rules
from analysis.topics.transfer import measured as transfer_measured
from analysis.topics.transfer.figures import arms_table, differences_table, figures
from analysis.topics.transfer.pairs import PREFIX, Transfer, transfers
from analysis.topics.transfer.transfer_claims import summary, transfer_command

RECIPES = (PREFIX, RELEASED)


def section(runs: Runs) -> Section:
    """Tables, figures and sentences."""
    runs = runs.named(*RECIPES)
    pairs = transfers(runs)
    tables = (
        _arms(runs, pairs)
        + rules.rules_table(runs)
        + overlap.sizes_table()
        + holes(runs.named(PREFIX))
    )
    drawn = figures(runs, pairs) + crop_figures.figures(runs)
    if not overlap.chosen(runs).complete:
        drawn += missing(runs.named(RELEASED), [overlap.FILE])
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
