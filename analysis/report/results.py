"""What the README and docs/results.md say of the runs, as Markdown tables."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from analysis.claims.measurement import Measured, interval
from analysis.claims.verdicts import NOT_RUN, NOT_TESTABLE, PLAIN, WORDS
from analysis.evidence.answers import Group, groups, images_of
from analysis.evidence.runs import Runs
from analysis.ledger.in_short import counted, counts
from analysis.ledger.lines import Line
from analysis.ledger.rows import Row
from analysis.ledger.table import reported
from analysis.report.questions import answered
from analysis.topics.errors import numbers
from analysis.topics.kernels import learned as learned_kernels
from analysis.topics.kernels.learned import Learned

COLUMNS = (
    *("", "Claim", "Paper", "Measured", "95 % interval", "n", "Data set", "Verdict"),
)

Condition = tuple[Line, Measured]
DRAWN = (("learned", "after training"), ("initial", "at the initial values"))


def results(rows: Sequence[Row]) -> str:
    """Verdict counts, and a row for each claim measured on images with an interval.

    A row has the first condition of the ledger, whatever it says, and the verdicts of
    the others; that of an order has all, which are decided together.
    """
    found = [
        (row, [(line, each) for line in row.lines for each in line.measured])
        for row in rows
    ]
    shown = [(row, list(filter(_shown, each))) for row, each in found]
    kept = [(row, conditions) for row, conditions in shown if conditions]
    parts = [_counts(rows)]
    if kept:
        parts.append("\n".join(_table(kept)))
    return "\n\n".join(parts)


def _shown(condition: Condition) -> bool:
    line, measured = condition
    open_ones = (NOT_RUN, NOT_TESTABLE)
    known = measured.needs_data and measured.has_interval
    return known and line.verdict.word not in open_ones


def _counts(rows: Sequence[Row]) -> str:
    notes = sum(row.claim.kind == "note" for row in rows)
    listed = ", ".join(f"{PLAIN[word]} {many}" for word, many in counts(rows).items())
    return (
        f"{len(rows)} claims, {len(rows) - notes} of the paper and {notes} of later notes: "
        f"{listed}."
    )


def _listed(words: Iterable[str]) -> str:
    known = Counter(words)
    return ", ".join(f"{known[word]} {word}" for word in WORDS if known[word])


def _table(found: Sequence[tuple[Row, list[Condition]]]) -> Iterator[str]:
    yield _line(COLUMNS)
    yield _line(["---"] * len(COLUMNS))
    for row, [(line, measured), *others] in found:
        claim = row.claim
        quantity = claim.quantity(measured.quantity)
        known = (quantity.paper, quantity.logged) != (None, None)
        images = f"{measured.images:,} images" if measured.images else ""
        besides = _listed(other.verdict.word for other, _ in others)
        stated = measured.stated
        limits = interval(measured.low, measured.high, measured.unit)
        if claim.test == "ordering":
            every = [measured, *(other for _, other in others)]
            stated, limits, besides = "; ".join(map(_with_limits, every)), "", ""
        yield _line(
            (
                f"**{claim.id}**",
                claim.statement,
                reported(quantity) if known else "",
                stated,
                limits,
                ", ".join(filter(None, (counted(measured), images))),
                f"{measured.dataset}, {measured.split}".strip(", "),
                line.verdict.word + f"; other conditions: {besides}" * bool(besides),
            )
        )


def _with_limits(measured: Measured) -> str:
    return f"{measured.stated} ({interval(measured.low, measured.high, measured.unit)})"


def _line(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def answers(rows: Sequence[Row]) -> str:
    """The questions of questions.toml: what the paper says, what was measured here."""
    lines = [
        _line(("Question", "Paper", "Here (95 % interval)", "")),
        _line(["---"] * 4),
    ]
    for each in answered(rows):
        here = each.numbers or "not measured"
        lines.append(_line((each.ask, each.paper, here, PLAIN[each.row.verdict])))
    return "\n".join(lines)


def released(runs: Runs) -> str:
    """Errors and first layer of the released-145 runs, a paragraph and a table each name.

    Raises ReportError for exported files that cannot be read.
    """
    found = groups(runs.named(learned_kernels.RELEASED))
    if not found:
        return "Not run."
    figures = [
        f"![First-layer kernels {words}]"
        f"(../reports/{runs.profile}/figures/kernels-{name}.svg)"
        for name, words in DRAWN
    ]
    return "\n\n".join(["\n".join(figures), *map(_part, found)])


def _part(group: Group) -> str:
    learned = [learned_kernels.read(run) for run in group.runs]
    return "\n\n".join([_trained(group), _error_table(group), _first_layers(learned)])


def _trained(group: Group) -> str:
    run = group.runs[0]
    record, manifest = run.record["recipe"], run.manifest
    side = run.record["profile"]["side"]
    crop = round(side * record["augmentation"]["crop_share"])
    steps = int(run.metrics["step"].max())
    training = images_of(run, group.answers[0], "val").replace(", held out", "")
    return (
        f"`{group.name}`, {training}: {manifest['splits']['train']:,} images of {side} "
        f"pixels, crops of {crop}; {steps:,} steps of "
        f"{record['optimisation']['batch_size']} images in "
        f"{record['optimisation']['epochs']} epochs, {manifest['precision']}, "
        f"{manifest['hardware'].get('gpu') or manifest['hardware']['processor']}; "
        f"seed {', '.join(map(str, group.seeds))}."
    )


def _error_table(group: Group) -> str:
    rows = ["| Images | Views | Top-1 error, % | Top-5 error, % | n |"]
    rows.append("| --- | --- | --- | --- | --- |")
    for row in numbers.ours([group]).itertuples():
        cells = [row.images, row.views, row.top1.per_cent, row.top5.per_cent, row.n]
        rows.append(f"| {' | '.join(map(str, cells))} |")
    interval = numbers.ours([group])["top1"].iloc[0].covers
    return "\n".join([*rows, "", f"In brackets 95 % intervals over {interval}."])


def _first_layers(learned: list[Learned]) -> str:
    lines = []
    for one in learned:
        trained, initial = (
            100 * measures["low_frequency_share"].mean()
            for measures in (one.measures, one.initial_measures)
        )
        lines.append(
            f"First layer, seed {one.run.seed}: {trained:.1f} % of the energy of its "
            f"{len(one.trained)} kernels lies below half the Nyquist frequency, "
            f"{initial:.1f} % at the initial values."
        )
    return "\n".join(lines)
