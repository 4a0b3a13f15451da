"""The blocks of README.md that follow from the runs; `repro write readme` writes them.

Each block stands between two comments, `<!-- name -->` and `<!-- end of name -->`.
"""

from collections.abc import Callable
from pathlib import Path

from analysis.evidence import runs
from analysis.evidence.runs import ROOT, ReportError
from analysis.ledger import rows
from analysis.report import ledger_readme, network_readme
from analysis.topics.activations import race, tables
from repro.runs.folder import reports_root, write_text

README = ROOT / "README.md"


def _figure1(reports: Path) -> str:
    return tables.readme(runs.load("cifar10", reports).named(race.RECIPES))


def _released(reports: Path) -> str:
    return network_readme.readme(runs.load("tiny-imagenet", reports))


def _results(reports: Path) -> str:
    return ledger_readme.readme(rows.rows(rows.load(runs.ALL, reports)))


BLOCKS: dict[str, Callable[[Path], str]] = {
    "figure 1": _figure1,
    "results": _results,
    "released": _released,
}


def block(text: str, name: str) -> str:
    """What stands between the comments; raises ReportError where they are missing."""
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    _, found, rest = text.partition(start)
    inside, closed, _ = rest.partition(end)
    if not (found and closed):
        raise ReportError(f"README.md: no block between {start.strip()} and {end}")
    return inside


def written(text: str, reports: Path) -> str:
    """`text` with every block as the runs under `reports` say."""
    for name, make in BLOCKS.items():
        start, old = f"<!-- {name} -->\n", block(text, name)
        text = text.replace(f"{start}{old}", f"{start}{make(reports).strip()}\n", 1)
    return text


def write_readme() -> Path:
    """Write the blocks into README.md and return its path; raises ReportError."""
    write_text(README, written(README.read_text(encoding="utf-8"), reports_root()))
    return README
