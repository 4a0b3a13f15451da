"""What a topic hands to its notebook: tables and figures, as HTML.

Figures are `<img>` elements made here, because a notebook cannot give an SVG an
alternative text; each carries its data and how it was made.
"""

import base64
import re
from dataclasses import dataclass
from html import escape

import pandas as pd

from analysis.display.style import Drawing
from analysis.evidence.runs import Run, Runs

END = "</figure>"
HOLE = re.compile(r'<p class="hole">(.*?): (<code>.*?</code>)</p>\n?')
LONG = re.compile(r"<td >([^<]{21,})</td>")  # a cell that wraps
BRACKETS = re.compile(r"\([^()]{1,24}\)")  # short ones, as of intervals, stay whole


@dataclass(frozen=True)
class Html:
    """A piece of HTML that a notebook displays as it is."""

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __add__(self, other: "Html") -> "Html":
        return Html(f"{self.html}\n{other.html}")

    def __repr__(self) -> str:
        return f"<{len(self.html)} characters of HTML>"


@dataclass(frozen=True)
class Section:
    """The tables and figures that answer one question.

    A notebook shows `first`, then the claims, then `rest`.
    """

    table: Html
    figure: Html

    @property
    def first(self) -> Html:
        """The first figure, or that there is none; empty of a topic without figures."""
        figure, end, _ = self.figure.html.partition(END)
        if end or not figure:
            return Html(figure + end)
        return Html('<p class="hole">No figure yet: no run has what it takes.</p>')

    @property
    def rest(self) -> Html:
        """All tables and the other figures, each kind behind a line that opens it."""
        first, end, others = self.figure.html.partition(END)
        if not end:
            first, others = "", first
        parts = {"All numbers": self.table.html, "More figures": others}
        return Html(
            "\n".join(
                folded(title, Html(once(html))).html
                for title, html in parts.items()
                if html.strip()
            )
        )


@dataclass(frozen=True)
class Panel:
    """One drawing of a figure, with what it shows in words."""

    name: str  # file name without ending
    drawing: Drawing
    alt: str

    @property
    def html(self) -> str:
        """The image; its pixels are for the file beside the page, which takes them out."""
        svg, png = map(_base64, self.drawing)
        return (
            f'<img alt="{escape(self.alt)}" data-name="{escape(self.name)}" '
            f'src="data:image/svg+xml;base64,{svg}" data-png="{png}">'
        )


def figure(
    panels: list[Panel], *, caption: str, data: dict[str, pd.DataFrame], runs: Runs
) -> Html:
    """Panels side by side with caption, data to download and provenance."""
    if not panels:
        return Html(f'<p class="hole">No figure: {escape(caption)} No runs yet.</p>')
    images = "\n".join(panel.html for panel in panels)
    links = " ".join(download(name, frame) for name, frame in data.items())
    return Html(
        f'<figure>\n<div class="panels">\n{images}\n</div>\n'
        f"<figcaption>{escape(caption)} Data: {links}</figcaption>\n"
        f"{provenance(runs).html}\n</figure>"
    )


def table(frame: pd.DataFrame, *, caption: str) -> Html:
    """`frame` as an accessible table; wide ones scroll inside their own box."""
    styler = frame.style.hide(axis="index").set_caption(
        f"<span>{escape(caption)}</span>"
    )
    styler = styler.format(escape="html").format_index(escape="html", axis="columns")
    html = styler.to_html(exclude_styles=True)
    html = html.replace("<th >", '<th scope="col">')
    html = LONG.sub(_wrapping, html)
    html = html.replace("<td >", '<td dir="auto">')
    return Html(
        f'<div class="scroll" role="region" tabindex="0" '
        f'aria-label="{escape(caption)}">\n{html}</div>'
    )


def _wrapping(cell: re.Match[str]) -> str:
    text = BRACKETS.sub(r"<span>\g<0></span>", cell[1])
    return f'<td ><div class="long">{text}</div></td>'


def folded(title: str, content: Html) -> Html:
    """`content` behind a line that opens it."""
    summary = f"<summary>{escape(title)}</summary>"
    return Html(f"<details>{summary}\n{content.html}\n</details>")


def once(html: str) -> str:
    """`html` with every command of its holes once, at the first of them."""
    lacking: dict[str, list[str]] = {}
    for what, command in HOLE.findall(html):
        lacking.setdefault(command, []).append(what)

    def gathered(found: re.Match[str]) -> str:
        whats = "; ".join(dict.fromkeys(lacking.pop(found[2], [])))
        return f'<p class="hole">{whats}: {found[2]}</p>\n' if whats else ""

    return HOLE.sub(gathered, html)


def holes(runs: Runs) -> Html:
    """The runs that are no evidence, by name, and why."""
    if not runs.incomplete:
        return Html("")
    lines = "".join(
        f"<li>{escape(run.name)}, seed {run.seed}: {escape(run.status)}</li>"
        for run in runs.incomplete
    )
    return Html(f'<div class="hole"><p>Not counted:</p><ul>{lines}</ul></div>')


def provenance(runs: Runs) -> Html:
    """How the runs behind a figure were made, behind a line that opens it."""
    if not runs.complete:
        return Html("")
    facts = {
        "Runs": _folders(runs),
        "Commit": _distinct(runs, _commit),
        "Command": _distinct(runs, lambda run: run.manifest["command"]),
        "Data": _distinct(runs, _data),
        "Hardware": _distinct(runs, lambda run: _flat(run.manifest["hardware"])),
        "Precision": _distinct(runs, lambda run: run.manifest["precision"]),
        "Versions": _distinct(runs, lambda run: _flat(run.manifest["versions"])),
        "Measured": _distinct(runs, lambda run: run.manifest["protocol"]),
    }
    rows = "".join(
        f"<dt>{name}</dt>" + "".join(f"<dd>{escape(value)}</dd>" for value in values)
        for name, values in facts.items()
    )
    return folded("How was this made?", Html(f"<dl>{rows}</dl>"))


def _folders(runs: Runs) -> list[str]:
    seeds: dict[str, list[int]] = {}
    for run in runs.complete:
        seeds.setdefault(run.name, []).append(run.seed)
    return [
        f"reports/{runs.profile}/runs/{name}: seed {', '.join(map(str, sorted(known)))}"
        for name, known in sorted(seeds.items())
    ]


def _distinct(runs: Runs, fact) -> list[str]:
    return sorted({str(fact(run)) for run in runs.complete})


def _commit(run: Run) -> str:
    changed = " with uncommitted changes" if run.manifest["dirty"] else ""
    return f"{run.manifest['commit'] or 'not recorded'}{changed}"


def _data(run: Run) -> str:
    data = run.manifest["data"]
    return f"{data['dataset']} {data['split']}, SHA-256: {_flat(data['sha256'])}"


def _flat(record: dict[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in record.items())


def download(name: str, frame: pd.DataFrame) -> str:
    """A link that carries the frame as a .csv file."""
    source = _base64(frame.to_csv(index=False).encode())
    return (
        f'<a download="{escape(name)}.csv" href="data:text/csv;base64,{source}">'
        f"{escape(name)}.csv</a>"
    )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
