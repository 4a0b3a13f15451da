"""One self-contained HTML page from the executed notebooks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from analysis.display.sections import Html, folded, once
from analysis.evidence.data_sets import SMOKE
from analysis.evidence.runs import ReportError, Runs
from analysis.ledger.rows import Row
from analysis.report import overview
from analysis.report.self_contained import outside

HERE = Path(__file__).parent
MOST_BYTES = 10 * 2**20


@dataclass(frozen=True)
class Part:
    """One topic of the page, or the reason why it is missing."""

    topic: str
    profile: str
    runs: int
    body: str = ""
    failure: str = ""

    @property
    def label(self) -> str:
        """Its name in the contents: that of its heading."""
        heading = re.search(r"<h2>([^:<]+)", self.body)
        return heading[1] if heading else self.topic.capitalize()


def body(notebook: NotebookNode, topic: str) -> str:
    """The notebook as HTML, with ids that do not change from run to run.

    What has not run names each command once.
    """
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{topic}-{number}"
    body, _ = _Exporter(template_name="basic").from_notebook_node(notebook)
    return once(body)


class _Renderer(IPythonRenderer):
    """Markdown below the page's own heading, formulas as MathML."""

    def heading(self, text: str, level: int, **attributes) -> str:
        return f"<h{level + 1}>{text}</h{level + 1}>\n"

    def inline_math(self, body: str) -> str:
        return convert(body)

    def block_math(self, body: str) -> str:
        return convert(body, display="block")


class _Exporter(HTMLExporter):
    @jinja2.pass_context
    def markdown2html(self, context, source: str) -> str:
        html = MarkdownWithMath(renderer=_Renderer(escape=True)).render(source)
        folds = "folded" in context["cell"].metadata.get("tags", [])
        return folded("How to read it", Html(html)).html if folds else html


def render(
    parts: list[Part],
    profile: str | None,
    evidence: Sequence[Runs] = (),
    rows: Sequence[Row] = (),
) -> str:
    """The page's HTML; raises ReportError where it would need the network.

    The first screen is of the runs of `evidence`, those of each profile, and of the
    `rows` of the ledger that follow from them.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (
        (HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js")
    )
    smoke = profile == SMOKE
    html = environment.get_template("page.html.j2").render(
        parts=parts,
        profile=profile,
        smoke=smoke,
        tallies={part.topic: overview.tally(rows, part.topic) for part in parts},
        verdicts=bool(rows) and not smoke,
        read_first=overview.read_first(evidence),
        lead=(
            overview.it_works(evidence) if smoke else overview.overview(rows, evidence)
        ),
        gallery=overview.gallery({part.topic: part.body for part in parts})
        if smoke
        else "",
        style=style,
        script=script,
    )
    if found := outside(html, script):
        raise ReportError(f"the page is not self-contained: it has {found[0]}")
    if (size := len(html.encode())) > MOST_BYTES:
        raise ReportError(
            f"the page has {size} bytes; at most {MOST_BYTES} are allowed"
        )
    return html
