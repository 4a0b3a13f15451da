"""The blocks of README.md and docs/ that follow from the code and the runs.

`repro write readme` writes them.

Each block stands between two comments, `<!-- name -->` and `<!-- end of name -->`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from analysis.evidence import runs
from analysis.evidence.runs import ROOT, ReportError
from analysis.ledger import rows
from analysis.ledger.rows import Row
from analysis.report import results
from analysis.topics.activations import race, tables
from repro.runs.folder import reports_root, write_text

DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def _ledger(reports: Path) -> list[Row]:
    return rows.rows(rows.load(runs.ALL, reports))


# By the name that the comments around a block have.
BLOCKS: dict[str, Callable[[Path], str]] = {
    "answers": lambda reports: results.answers(_ledger(reports)),
    "figure 1": lambda reports: tables.readme(
        runs.load("cifar10", reports).named(race.RECIPES)
    ),
    "released": lambda reports: results.released(runs.load("tiny-imagenet", reports)),
    "results": lambda reports: results.results(_ledger(reports)),
}


def block(text: str, name: str) -> str:
    """What stands between the comments; raises ReportError where they are missing."""
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    _, found, rest = text.partition(start)
    inside, closed, _ = rest.partition(end)
    if not (found and closed):
        raise ReportError(f"no block between {start.strip()} and {end}")
    return inside


def written(text: str, made: Mapping[str, str]) -> str:
    """`text` with every block that it has as it was made."""
    for name, content in made.items():
        start = f"<!-- {name} -->\n"
        if start in text:
            text = text.replace(
                start + block(text, name), f"{start}{content.strip()}\n"
            )
    return text


def blocks(reports: Path) -> dict[str, str]:
    """Every block as the runs under `reports` say."""
    return {name: make(reports) for name, make in BLOCKS.items()}


def write_documents(known: Mapping[str, str]) -> list[Path]:
    """Write all blocks, and those that are `known`, into README.md and docs/.

    Returns the paths of the documents; raises ReportError.
    """
    made = blocks(reports_root()) | known
    for path in DOCUMENTS:
        write_text(path, written(path.read_text(encoding="utf-8"), made))
    return list(DOCUMENTS)
