"""The part of README.md that runs of the 2012 network decide, as Markdown."""

from analysis.evidence.answers import Group, groups, images_of
from analysis.evidence.runs import Runs
from analysis.topics.errors import numbers
from analysis.topics.kernels import learned as learned_kernels
from analysis.topics.kernels.learned import Learned

DRAWN = (("learned", "after training"), ("initial", "at the initial values"))


def readme(runs: Runs) -> str:
    """Errors and first layer of the released-145 runs, a paragraph and a table each name.

    Raises ReportError for exported files that cannot be read.
    """
    found = groups(runs.named(learned_kernels.RELEASED))
    if not found:
        return "Not run."
    figures = [
        f"![First-layer kernels {words}]"
        f"(reports/{runs.profile}/figures/kernels-{name}.svg)"
        for name, words in DRAWN
    ]
    return "\n\n".join(["\n".join(figures), *map(_part, found)])


def _part(group: Group) -> str:
    learned = [learned_kernels.read(run) for run in group.runs]
    return "\n\n".join([_trained(group), _errors(group), _kernels(learned)])


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


def _errors(group: Group) -> str:
    rows = ["| Images | Views | Top-1 error, % | Top-5 error, % | n |"]
    rows.append("| --- | --- | --- | --- | --- |")
    for row in numbers.ours([group]).itertuples():
        cells = [row.images, row.views, row.top1.per_cent, row.top5.per_cent, row.n]
        rows.append(f"| {' | '.join(map(str, cells))} |")
    interval = numbers.ours([group])["top1"].iloc[0].covers
    return "\n".join([*rows, "", f"In brackets 95 % intervals over {interval}."])


def _kernels(learned: list[Learned]) -> str:
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
