"""The first screen: what ran, what came out, every claim at a glance, what to trust."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from html.parser import HTMLParser
from itertools import groupby

from analysis.claims.verdicts import EXACT, PLAIN, REPRODUCED
from analysis.display.sections import Html, folded
from analysis.evidence import data_sets
from analysis.evidence.data_sets import SMOKE
from analysis.evidence.runs import Run, Runs
from analysis.ledger.checks import read_checks
from analysis.ledger.in_short import GLYPHS, anchor, badge, counts, kind
from analysis.ledger.rows import Row
from analysis.report.questions import Answer, answered
from analysis.report.scale import Scale, drawing, key, scales
from analysis.statistics.numbers import counted

HASH = 7  # digits of a commit
PAPER = "imagenet"  # the profile of the paper's own data


def overview(rows: Sequence[Row], evidence: Sequence[Runs]) -> Html:
    """Questions, map and trust, from the rows of the ledger and each profile's runs."""
    if not rows:
        lacking = '<p class="hole">No verdicts: the ledger could not be built.</p>'
        found = Html(f'<h2 id="found">What was found</h2>\n{lacking}')
        return found + what_was_run(evidence)
    return questions(rows) + whole_paper(rows) + trust(evidence)


def read_first(evidence: Sequence[Runs]) -> str:
    """What ran, on what, and what that cannot show."""
    known = [runs for runs in evidence if runs.complete and runs.profile != SMOKE]
    if not known:
        return "Nothing has run yet. Arithmetic alone decides what is decided here."
    amounts = "; ".join(map(_amount, known))
    machines = sorted({_machine(run) for runs in known for run in runs.complete})
    text = f"What ran, on {', '.join(machines)}: {amounts}."
    if any(runs.profile == PAPER for runs in known):
        return text
    return (
        f"{text} <b>Nothing ran on ImageNet.</b> So this page can say whether an effect "
        "is there and which way it points, not whether the paper's error rates are right."
    )


def _amount(runs: Runs) -> str:
    """How many runs on which images, and of which network, how wide, most of them are."""
    many = counted(len(runs.complete), "run")
    images = Counter(map(_images, runs.complete)).most_common(1)[0][0]
    (network, width, epochs), most = Counter(map(_setting, runs.complete)).most_common(
        1
    )[0]
    wide = "full width" if width == 1 else f"{width:g} of the full width"
    which = "most of them" if most < len(runs.complete) else "all"
    return escape(
        f"{many} on {images}"
        f"{f', {which}' if len(runs.complete) > 1 else ''} of the {network} network at "
        f"{wide} for {counted(epochs, 'epoch')}"
    )


def _setting(run: Run) -> tuple[str, float, int]:
    recipe = run.record["recipe"]
    network = recipe.get("network", {})
    epochs = recipe.get("optimisation", {}).get("epochs", 0)
    return network.get("layout", "2012"), network.get("width", 1.0), epochs


def _machine(run: Run) -> str:
    record = run.manifest["hardware"]
    return escape(record.get("gpu") or f"{record['processor']} processors")


# The questions.


def questions(rows: Sequence[Row]) -> Html:
    """Each with the verdict, one sentence, and its intervals on one scale."""
    answers = answered(rows)
    known = scales(answers)
    items = "\n".join(_question(answer, known) for answer in answers)
    return Html(
        f'<h2 id="found">What was found</h2>\n{key()}\n<ol class="questions">\n{items}\n</ol>'
    )


def _question(answer: Answer, known: Mapping[str, Scale]) -> str:
    row = answer.row
    numbers = " and ".join(
        f"<b>{escape(value)}</b>" + f" ({escape(of)})" * bool(of)
        for value, of in answer.values
    )
    here = f"{escape(answer.says)} {numbers}." if numbers else "Not measured yet."
    return (
        f'<li>{badge(row.verdict)}<p><a href="#{anchor(row)}">{escape(answer.ask)}</a> '
        f"{here} The paper: {escape(answer.paper)}.</p>{drawing(answer, known)}</li>"
    )


# The map.


def whole_paper(rows: Sequence[Row]) -> Html:
    """A square for every claim, and how many have which verdict."""
    buttons = "\n".join(
        f'<button type="button" aria-pressed="false" data-verdict="{word}">'
        f"{badge(word)} <b>{many}</b></button>"
        for word, many in counts(rows).items()
    )
    parts = "\n".join(
        f"<div><h3>{escape(title)}</h3><p>{''.join(map(_square, group))}</p></div>"
        for title, group in groupby(rows, lambda row: row.claim.group)
    )
    notes = sum(row.claim.kind == "note" for row in rows)
    return Html(
        '<h2 id="map">The whole paper at a glance</h2>\n'
        f"<p>A square for each of {len(rows)} claims, {len(rows) - notes} of the paper and "
        f"{notes} of later reading notes. “{PLAIN[EXACT].capitalize()}” is arithmetic, "
        f"a layer list or a recorded setting: no training is in it. "
        f"{_reproduced(rows)}</p>\n"
        f'<div class="legend" role="group" aria-label="Show one verdict">\n{buttons}\n'
        f'</div>\n<div class="map">\n{parts}\n</div>'
    )


def _reproduced(rows: Sequence[Row]) -> str:
    if not (many := counts(rows)[REPRODUCED]):
        return "No measured number of the paper is reproduced in size."
    return f"{counted(many, 'claim')} of a measured number reproduced in size."


def _square(row: Row) -> str:
    text = escape(f"{row.claim.id}: {row.claim.statement} {PLAIN[row.verdict]}")
    return (
        f'<a class="square {kind(row.verdict)}" href="#{anchor(row)}" title="{text}" '
        f'aria-label="{text}" data-verdict="{row.verdict}">{GLYPHS[row.verdict]}</a>'
    )


def tally(rows: Iterable[Row], topic: str) -> str:
    """The verdicts of a topic's claims, with how many have each."""
    own = [row for row in rows if row.claim.topic == topic]
    return " ".join(
        f"<span>{badge(word)} {many}</span>"
        for word, many in counts(own).items()
        if many
    )


# How far to trust it.


def trust(evidence: Sequence[Runs]) -> Html:
    """What stands behind the numbers, and what was run."""
    return Html(
        '<h2 id="trust">How far to trust it</h2>\n<ul class="trust">\n'
        "<li><b>Noise.</b> n counts the runs of each thing compared. The interval of "
        "one run covers the choice of test images alone: another seed may differ by "
        "more.</li>\n"
        "<li><b>Scale.</b> Small images, narrow networks and short training can turn "
        "an effect round. “Opposite here” does not say that the paper is wrong.</li>\n"
        '<li><b>Origin.</b> No verdict is typed: <a href="#verdicts">rules</a> read '
        "the measured numbers. Every figure names its runs, commits and commands, and "
        'offers its data; all claims are in <a href="ledger.json">ledger.json</a>.'
        "</li>\n</ul>"
    ) + what_was_run(evidence)


def what_was_run(evidence: Sequence[Runs]) -> Html:
    """One row a profile, behind a line that opens it."""
    known = [runs for runs in evidence if runs.complete]
    if not known:
        return Html(
            '<p class="hole">Nothing has run yet: <code>repro reproduce</code></p>'
        )
    head = ("Profile", "Images", "Recipes and their runs", "Hardware", "Commits")
    cells = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "\n".join(map(_row, known))
    table = Html(
        '<div class="scroll" role="region" tabindex="0" aria-label="What was run">\n'
        '<table class="runs"><caption><span>What was run</span></caption>\n'
        f"<thead><tr>{cells}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )
    return folded("What was run: profiles, hardware, commits", table)


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


def _distinct(runs: Runs, fact: Callable[[Run], str]) -> list[str]:
    return sorted({fact(run) for run in runs.complete})


def _images(run: Run) -> str:
    """Weights from elsewhere may come without data."""
    dataset = (run.manifest["data"] or {}).get("dataset", "not known")
    training = run.manifest.get("splits", {}).get("train")
    known = f" ({training:,} training images)" if training else ""
    return data_sets.find(dataset).name + known


def _hardware(run: Run) -> str:
    record = run.manifest["hardware"]
    threads = f", {counted(record['threads'], 'thread')}" if "threads" in record else ""
    machine = record.get("gpu") or f"{record['processor']}{threads}"
    return f"{machine}, {run.manifest['precision']}"


def _lines(parts: Iterable[str]) -> str:
    return "<br>".join(map(escape, parts))


# The page of the smoke profile.


def it_works(evidence: Sequence[Runs]) -> Html:
    """What ran, how long it took, which checks agree, and where the results are."""
    runs = next((each for each in evidence if each.profile == SMOKE), None)
    complete = runs.complete if runs else ()
    stopped = runs.incomplete if runs else ()
    if not complete:
        return Html(
            '<p class="hole">Nothing has run yet: <code>repro reproduce</code></p>'
        )
    checks = read_checks()
    off = (checks["measured"] - checks["expected"]).abs() > checks["tolerance"]
    facts = [
        f"{counted(len(complete), 'training run')} complete"
        + f", {len(stopped)} not" * bool(stopped)
        + f", on {escape(' and '.join(_distinct(runs, _images)))}.",
        f"Training took {_duration(complete)} on "
        + f"{escape(' and '.join(_distinct(runs, _hardware)))}.",
        f"{len(checks) - off.sum()} of {len(checks)} checks of formulas and rules agree "
        + "with an independent calculation.",
        'What was found is on <a href="../index.html">the page over all profiles</a>, '
        + "which <code>repro report</code> builds from the committed runs.",
    ]
    title = "It works" if not stopped and not off.any() else "Not all of it works"
    items = "\n".join(f"<li>{fact}</li>" for fact in facts)
    return Html(f'<h2 id="found">{title}</h2>\n<ul class="works">\n{items}\n</ul>')


def _duration(runs: Iterable[Run]) -> str:
    """From start to end of each run, all together."""
    spans = [
        datetime.fromisoformat(run.manifest["ended"])
        - datetime.fromisoformat(run.manifest["started"])
        for run in runs
    ]
    seconds = sum(spans, timedelta()).total_seconds()
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


class _Drawings(HTMLParser):
    """The drawings of a topic: their attributes by name."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "img" and "data-name" in known:
            self.found.append(known)


def gallery(bodies: Mapping[str, str]) -> Html:
    """The first drawing of each topic, small, with a link to the topic."""
    drawn = {topic: _Drawings(body).found for topic, body in bodies.items()}
    return Html(
        "\n".join(
            f'<a href="#{topic}"><img alt="{escape(found[0]["alt"])}" '
            f'src="{escape(found[0]["src"])}"></a>'
            for topic, found in drawn.items()
            if found
        )
    )
