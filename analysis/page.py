"""One self-contained HTML page from the executed notebooks."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from analysis import ledger, notebooks, results
from analysis.results import ReportError, Runs
from repro.runs import reports_root, write_text

HERE = Path(__file__).parent
MOST_BYTES = 10 * 2**20
OUTSIDE = re.compile(r"""<(?:script|link|iframe)\b|\bsrc=(?!"data:)|@import|\burl\(""")

LEDGER = (
    "ledger"  # reads every topic's runs, on the page over all those of all profiles
)

# The topics in the order of the page, each with the recipes whose runs it reads; the
# first decides which profile is shown.
TOPICS: dict[str, tuple[str, ...]] = {
    "activations": ("figure1-",),
    "architecture": ("released-145",),
    "kernels": ("released-145", "R-dense", "R-nocomm"),
    "errors": ("released-145", "paper-text", "caffe", "one-tower"),
    "predictions": ("released-145",),
    "neighbors": ("released-145",),
    "ablations": ("R-", "released-145"),
    "training": (
        *("released-145", "R-frac-", "R-noreg", "R-nodrop", "R-tanh", "plateau"),
    ),
    "transfer": ("transfer-", "released-145"),
    LEDGER: ("",),
}


@dataclass(frozen=True)
class Part:
    """One topic of the page, or the reason why it is missing."""

    topic: str
    profile: str
    runs: int
    body: str = ""
    failure: str = ""


def build_page(profile: str | None = None, reports: Path | None = None) -> Path:
    """Run the notebooks and write the page of `profile`, or the page over all.

    A notebook that fails is named on the page, the others still run, and ReportError
    is raised once the page is written.
    """
    reports = (reports or reports_root()).resolve()
    chosen = {topic: _choose(topic, profile, reports) for topic in TOPICS}
    folder = reports / profile if profile else reports
    parts = [_part(topic, runs, folder, reports) for topic, runs in chosen.items()]
    page = _write(folder, render(parts, profile))
    failures = [part.failure for part in parts if part.failure]
    if failures:
        raise ReportError(f"{page}: incomplete: " + "; ".join(failures))
    return page


def _choose(topic: str, profile: str | None, reports: Path) -> Runs:
    """The runs of a topic: those of `profile`, or of the best profile that has some."""
    profiles = [profile] if profile else results.PROFILES
    found = [results.load(name, reports) for name in profiles]
    if topic == LEDGER and not profile:
        return Runs(ledger.ALL, tuple(run for runs in found for run in runs.complete))
    first = TOPICS[topic][0]
    best = next((runs for runs in found if runs.named(first).complete), found[-1])
    return best.named(*TOPICS[topic])


def _part(topic: str, runs: Runs, folder: Path, reports: Path) -> Part:
    path = notebooks.find(topic)
    output = folder / "notebooks" / path.name
    part = {"topic": topic, "profile": runs.profile, "runs": len(runs.complete)}
    try:
        executed = notebooks.execute(
            path, {"profile": runs.profile}, output=output, reports=reports
        )
    except ReportError as error:
        return Part(**part, failure=str(error))
    return Part(**part, body=_body(executed, topic))


def _body(notebook: NotebookNode, topic: str) -> str:
    """The notebook as HTML, with ids that do not change from run to run."""
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{topic}-{number}"
    body, _ = _Exporter(template_name="basic").from_notebook_node(notebook)
    return body


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
        return MarkdownWithMath(renderer=_Renderer(escape=False)).render(source)


def render(parts: list[Part], profile: str | None) -> str:
    """The page's HTML; raises ReportError where it would need the network."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True
    )
    style = (HERE / "page.css").read_text(encoding="utf-8")
    template = environment.get_template("page.html.j2")
    html = template.render(parts=parts, profile=profile, style=style)
    if outside := OUTSIDE.findall(html):
        raise ReportError(f"the page is not self-contained: it has {outside[0]}")
    if (size := len(html.encode())) > MOST_BYTES:
        raise ReportError(
            f"the page has {size} bytes; at most {MOST_BYTES} are allowed"
        )
    return html


def _write(folder: Path, html: str) -> Path:
    """Write the page, and each of its drawings as a file of its own."""
    page = folder / "index.html"
    try:
        for name, svg in drawings(html).items():
            write_text(folder / "figures" / f"{name}.svg", svg.decode())
        write_text(page, html)
    except OSError as error:
        raise ReportError(f"{page}: cannot be written ({error.strerror})") from error
    return page


def drawings(html: str) -> Mapping[str, bytes]:
    """The drawings of a page by name."""
    pattern = r'data-name="([^"]+)" src="data:image/svg\+xml;base64,([^"]+)"'
    return {name: base64.b64decode(data) for name, data in re.findall(pattern, html)}
