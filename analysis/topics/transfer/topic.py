"""Transfer: a network pre-trained on other classes against one from scratch."""

from analysis.claims.measurement import Measured
from analysis.display.holes import hole
from analysis.display.sections import Html, Section, holes
from analysis.evidence import commands
from analysis.evidence.runs import Runs
from analysis.topics.transfer import measured as transfer_measured
from analysis.topics.transfer.figures import arms_table, differences_table, figures
from analysis.topics.transfer.pairs import PREFIX, Transfer, transfers


def section(runs: Runs) -> Section:
    """Tables and figures."""
    runs = runs.named(PREFIX)
    pairs = transfers(runs)
    return Section(_arms(runs, pairs) + holes(runs), figures(runs, pairs))


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """What the runs measure of each claim, for the ledger."""
    return transfer_measured.measured(runs)


def _arms(runs: Runs, pairs: list[Transfer]) -> Html:
    if not pairs:
        return hole(
            "Pre-trained against from scratch: no pair of complete runs",
            commands.transfer(runs),
        )
    parts = [arms_table(pair) + differences_table(pair) for pair in pairs]
    return sum(parts, Html(""))
