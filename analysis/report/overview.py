"""The top of the page: what was run, what came out, and the paper's four figures.

Made of the topics' finished parts, so that nothing is computed or drawn twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from typing import Protocol

from analysis.claims.verdicts import WORDS
from analysis.display.sections import Html
from analysis.evidence import data_sets
from analysis.evidence.runs import Run, Runs

HASH = 7  # digits of a commit
MOST = 2  # drawings of a figure


class Part(Protocol):
    """A topic of the page: its HTML, empty where its notebook failed."""

    topic: str
    profile: str
    body: str


@dataclass(frozen=True)
class Lead:
    """A figure of the paper: its topics, and how their drawings that stand here start."""

    title: str
    drawings: dict[str, str]
    says: str
    of_runs: bool = True  # and not of the layers alone


FIGURES = (
    Lead(
        "Figure 1",
        {"activations": "activations-"},
        "Training error by epoch with ReLU and with tanh.",
    ),
    Lead(
        "Figure 2",
        {"architecture": "architecture-paper-"},
        "The network on two GPUs, drawn from its layers.",
        of_runs=False,
    ),
    Lead(
        "Figure 3",
        {"kernels": "kernels-learned"},
        "The kernels of the first layer after training, GPU 1 above GPU 2.",
    ),
    Lead(
        "Figure 4",
        {"predictions": "predictions-1", "neighbors": "neighbors-features"},
        "Test images with their most probable labels; test images, each with the "
        "training images nearest to it in the last hidden layer.",
    ),
)


def overview(parts: Sequence[Part], evidence: Sequence[Runs]) -> Html:
    """The overview of a page of `parts`, on the runs of each profile.

    A figure without drawings is a hole that links to its topic, which says what to run.
    """
    topics = {part.topic: part for part in parts}
    notes = {runs.profile: runs.note for runs in evidence}
    figures = "\n".join(
        _figure(lead, topics, notes)
        for lead in FIGURES
        if lead.drawings.keys() & topics
    )
    verdicts = _Pieces(topics["ledger"].body).verdicts if "ledger" in topics else []
    return Html(
        f"<h2>Overview</h2>\n{_counts(verdicts)}\n"
        f'<div class="leads">\n{figures}\n</div>\n{_runs(evidence)}'
    )


class _Pieces(HTMLParser):
    """The drawings of a topic by name, with alt text; the verdicts of each claim."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.drawings: dict[str, dict[str, str]] = {}
        self.verdicts: list[list[str]] = []
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "img" and "data-name" in known:
            self.drawings[known["data-name"]] = known
        if tag == "tbody" and "data-verdicts" in known:
            self.verdicts.append(known["data-verdicts"].split(","))


def _figure(lead: Lead, topics: Mapping[str, Part], notes: Mapping[str, str]) -> str:
    here = [topic for topic in lead.drawings if topic in topics]
    links = ", ".join(f'<a href="#{topic}">{topic.capitalize()}</a>' for topic in here)
    found = [
        each
        for topic in here
        for name, each in _Pieces(topics[topic].body).drawings.items()
        if name.startswith(lead.drawings[topic])
    ]
    if not found:
        return (
            f'<p class="hole"><b>{lead.title}</b>: not drawn, no run has what it takes. '
            f"What would make it: {links}.</p>"
        )
    images = "\n".join(
        f'<img alt="{escape(each["alt"])}" src="{escape(each["src"])}">'
        for each in found[:MOST]
    )
    profile = topics[here[0]].profile
    note = f" ({notes[profile]})" if notes.get(profile) else ""
    known = f"Profile {profile}{note}: how" if lead.of_runs else "How"
    return (
        f'<figure>\n<div class="panels">\n{images}\n</div>\n<figcaption>'
        f"<b>{lead.title}</b>. {lead.says} {escape(known)}, and the data: {links}.</figcaption>\n"
        "</figure>"
    )


def _counts(claims: Sequence[Sequence[str]]) -> str:
    """How many claims have each verdict, each a link to them in the ledger."""
    if not claims:
        return '<p class="hole">No verdicts: the ledger could not be built.</p>'
    known = Counter(word for words in claims for word in words)
    items = "\n".join(
        f'<li><a href="#claims" data-verdict="{word}"><b>{known[word]}</b> {word}</a></li>'
        for word in WORDS
        if known[word]
    )
    return (
        f"<p>{len(claims)} claims, by what arithmetic and runs say of them; one with "
        f'several conditions counts for each of its verdicts.</p>\n<ul class="counts">\n'
        f"{items}\n</ul>"
    )


def _runs(evidence: Sequence[Runs]) -> str:
    """What was run: one row a profile."""
    known = [runs for runs in evidence if runs.complete]
    if not known:
        return '<p class="hole">Nothing has run yet: <code>repro reproduce</code>.</p>'
    head = ("Profile", "Images", "Recipes and their runs", "Hardware", "Commits")
    cells = "".join(f'<th scope="col">{name}</th>' for name in head)
    rows = "\n".join(map(_row, known))
    return (
        '<div class="scroll" role="region" tabindex="0" aria-label="What was run">\n'
        '<table class="runs"><caption><span>What was run</span></caption>\n'
        f"<thead><tr>{cells}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _row(runs: Runs) -> str:
    recipes = Counter(run.name.partition("+")[0] for run in runs.complete)
    seeds = sorted({run.seed for run in runs.complete})
    others = len(runs.incomplete)
    made = [
        f"{len(runs.complete)} complete runs" if recipes.total() > 1 else "1 run",
        f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}",
        *([f"{others} not counted"] if others else []),
    ]
    listed = ", ".join(f"{name} ({count})" for name, count in sorted(recipes.items()))
    commits = _distinct(runs, lambda run: (run.manifest["commit"] or "unknown")[:HASH])
    cells = (
        _lines(_distinct(runs, _images)),
        _lines([", ".join(made), listed]),
        _lines(_distinct(runs, _hardware)),
        escape(", ".join(commits)),
    )
    note = f"<br><small>{escape(runs.note)}</small>" if runs.note else ""
    prose = "".join(f'<td class="prose">{cell}</td>' for cell in cells)
    return f'<tr><th scope="row">{escape(runs.profile)}{note}</th>{prose}</tr>'


def _distinct(runs: Runs, fact) -> list[str]:
    return sorted({fact(run) for run in runs.complete})


def _images(run: Run) -> str:
    """Weights from elsewhere may come without data."""
    dataset = (run.manifest["data"] or {}).get("dataset", "not known")
    training = run.manifest.get("splits", {}).get("train")
    known = f", {training:,} training images" if training else ""
    return data_sets.find(dataset).name + known


def _hardware(run: Run) -> str:
    record = run.manifest["hardware"]
    threads = f", {record['threads']} threads" if "threads" in record else ""
    machine = record.get("gpu") or f"{record['processor']}{threads}"
    return f"{machine}, {run.manifest['precision']}"


def _lines(parts: Iterable[str]) -> str:
    return "<br>".join(map(escape, parts))
