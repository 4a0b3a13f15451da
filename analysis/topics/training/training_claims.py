"""What the runs say of each claim about training, as Markdown."""

import math
from collections.abc import Iterable

import pandas as pd

from analysis.claims.measurement import Measured, interval
from analysis.claims.printed import Reported
from analysis.evidence import commands as training_commands
from analysis.evidence.curves import RELEASED, gaps, setting
from analysis.evidence.runs import Runs
from analysis.statistics.seeds import plural, seeds
from analysis.topics.dropout import measured as dropout_measured
from analysis.topics.dropout import rules
from analysis.topics.dropout.rules import FILE
from analysis.topics.plateau import grid
from analysis.topics.plateau import tables as plateau_table
from analysis.topics.speed import throughput
from analysis.topics.training import (
    activity,
    activity_measured,
    recorded_settings,
    tables,
    tanh_measured,
)

CLASSES = Reported(1000, "section 2")
PARAMETERS = Reported(60e6, "abstract")
CLAIMS = {
    "S1.4": "Training takes five to six days on two GTX 580 3GB GPUs.",
    "S1.7": "Data sets like ImageNet are large enough to train such networks without "
    "severe overfitting.",
    "S3.1b": "Networks of this size would not have been feasible with saturating units.",
    "S3.3c": "ReLUs do not need their input normalised to keep them from saturating.",
    "S4.0": "A label of 1000 classes gives 10 bits of constraint: too little for 60 "
    "million parameters without overfitting.",
    "S4.1a": "Augmented images are made while the GPU trains on the batch before: in "
    "effect free.",
    "S4.2e": "Dropout roughly doubles the iterations to converge.",
    "S4.2f": "Dropout is worth several networks for about twice the training cost.",
    "S4.2g": "Dropout makes units useful beside many subsets of the others.",
    "S5.1": "SGD: batches of 128, momentum 0.9, weight decay 0.0005.",
    "S5.7": "One learning rate for all layers, 0.01 at first, divided by 10 three times, "
    "whenever the validation error stops improving.",
    "S5.8": "About 90 passes over 1.2 million images in five to six days.",
    "X11": "Later notes: augmentation in Python on the CPU is today's bottleneck and "
    "should move to the GPU.",
    "X16": "Later notes: SGD's noise helps generalisation, plain momentum is enough.",
    "X23": "Later notes: ReLU prevents vanishing gradients and gives sparsity.",
    "Plateau": "Not a claim of the paper: from its initial values the loss may stay at "
    "ln(classes).",
}
LOADER = (
    "Here the loader gathers whole images; crops, mirrors and colour noise are part of "
    "the step, on the device that trains."
)


def without_timings(runs: Runs) -> Runs:
    """Without R0's runs that only time what a step costs unaugmented."""
    return runs.where(
        lambda run: setting(run)[0] != RELEASED or not throughput.is_plain(run)
    )


def summary(runs: Runs) -> str:
    """One item a claim; what has not run is named with its command."""
    r0 = runs.where(lambda run: setting(run)[0] == RELEASED)
    speeds = throughput.speeds(r0)
    runs, r0 = without_timings(runs), without_timings(r0)
    measured = gaps(runs)
    starts = grid.starts(runs)
    missing = [f"Not run: `{training_commands.released(runs)}`."]
    without_dropout = dropout_measured.measured(runs)
    answers = {
        "S1.4": _days(speeds) or missing,
        "S1.7": _fractions(runs, measured) or missing,
        "S3.1b": _beside(runs, tanh_measured.measured(runs), "S3.1b", "R-tanh"),
        "S3.3c": _never_active(runs),
        "S4.0": _constraint(runs, r0, measured),
        "S4.1a": [*(_waits(speeds) or missing), LOADER, *_augmentation(runs, speeds)],
        "S4.2e": _iterations(runs, measured),
        "S4.2f": _beside(runs, without_dropout, "S4.2f", "R-nodrop"),
        "S4.2g": _said(without_dropout.get("S4.2g", ())) or _not_removed(runs),
        "S5.1": recorded_settings.optimiser(r0) if r0.complete else missing,
        "S5.7": recorded_settings.rates(r0) if r0.complete else missing,
        "S5.8": recorded_settings.passes(r0) or missing,
        "X11": [
            f"{LOADER} What both cost is under S4.1a.",
            "Loader alone, and the same augmentation on the CPU: not measured.",
        ],
        "X16": _batches(runs, measured),
        "X23": _activity(runs),
        "Plateau": plateau_table.sentences(runs, starts, grid.cells(starts, runs)),
    }
    lines = [
        f"- **{claim}** *{CLAIMS[claim]}*\n"
        + "".join(f"    - {sentence}\n" for sentence in answer)
        for claim, answer in answers.items()
    ]
    note = f"**{runs.note[:1].upper()}{runs.note[1:]}.**\n\n" if runs.note else ""
    return f"{note}{''.join(lines)}"


def _days(speeds: pd.DataFrame) -> list[str]:
    low, high = (throughput.days(1) / days.value for days in reversed(throughput.DAYS))
    paper = (
        f"The paper: {low:.0f} to {high:.0f} images/s on {throughput.PAPER_HARDWARE}."
    )
    lines = [
        f"{row['Run']} on {row['Hardware']}, {row['Precision']}: {row['Images/s']} "
        f"images/s, median (range) of {plural(int(row['Epochs']), 'epoch')} of "
        f"{seeds(int(row['Seeds']))}; "
        f"extrapolated, not trained: {throughput.EPOCHS.value:g} passes over "
        f"{throughput.IMAGES.value / 1e6:g} million images of {row['Input']} pixels (the "
        f"paper's are {throughput.SIDE.value:g} × {throughput.SIDE.value:g}), network of "
        f"width {row['Width']}, would take {row['Extrapolated days']} days."
        for row in throughput.shown(speeds).to_dict("records")
    ]
    return [*lines, paper] if lines else []


def _fractions(runs: Runs, measured: pd.DataFrame) -> list[str]:
    changes = tables.settings(measured)
    lines = [line for c in changes for line in tables.gap(measured, RELEASED, c)]
    changes = [c for c in changes if "train_share=" not in c]
    for recipe in tables.FRACTIONS if lines else ():
        lines += _compared(runs, measured, recipe, changes)
    return lines


def _compared(
    runs: Runs, measured: pd.DataFrame, recipe: str, changes: list[str]
) -> list[str]:
    """Another recipe's gap beside R0's, or the command that would train it."""
    lines = []
    for under in changes:
        lines += tables.gap(measured, recipe, under)
        lines += tables.against(measured, recipe, under)
    return lines or [
        f"{recipe}, not run: `{training_commands.train(runs, recipe, *changes[:1])}`."
    ]


def _constraint(runs: Runs, r0: Runs, measured: pd.DataFrame) -> list[str]:
    images, parameters = throughput.IMAGES.value, PARAMETERS.value
    lines = [_bits("The paper", CLASSES.value, images, parameters)]
    for run in r0.complete[:1]:
        if (run.folder / "layers.csv").is_file():
            layers = pd.read_csv(run.folder / "layers.csv")
            known = run.manifest["splits"]["train"], layers["parameters"].sum()
            lines.append(_bits(run.name, int(layers["shape"].iloc[-1]), *known))
    changes = tables.settings(measured)
    return lines + _compared(runs, measured, "R-noreg", changes)


def _bits(who: str, classes: float, images: float, parameters: float) -> str:
    bits = math.log2(classes)
    return (
        f"{who}: log2 {classes:g} = {bits:.2f} bits a label; {images:,.0f} labels, "
        f"{bits * images / 1e6:.3g} Mbit, {bits * images / parameters:.2g} bit for each of "
        f"{parameters / 1e6:.3g} million parameters."
    )


def _waits(speeds: pd.DataFrame) -> list[str]:
    return [
        f"{row['Run']} on {row['Hardware']}: {row['Data wait']} of the training time is "
        "spent waiting for images, median (range) of "
        f"{plural(int(row['Epochs']), 'epoch')} of {seeds(int(row['Seeds']))}."
        for row in throughput.shown(speeds).to_dict("records")
    ]


def _augmentation(runs: Runs, speeds: pd.DataFrame) -> list[str]:
    lines = [
        f"{row['hardware']}, {row['precision']}, {row['side']} pixels: {row['with']:,.0f} "
        f"images/s with augmentation, {row['without']:,.0f} without, {row['ratio']:.3f} "
        f"times the time an image (medians of {row['epochs_with']} and "
        f"{row['epochs_without']} epochs, separate runs)."
        for row in throughput.augmentation_cost(speeds).to_dict("records")
    ]
    return lines or [
        f"Without augmentation, not run: `{training_commands.without_augmentation(runs)}`."
    ]


def _iterations(runs: Runs, measured: pd.DataFrame) -> list[str]:
    without, changes = "R-nodrop", tables.settings(measured)
    lines = [line for c in changes for line in tables.iterations(runs, c, without)]
    missing = [f"Not run: `{training_commands.released(runs)}`."] * (not changes)
    command = training_commands.train(runs, without, *changes[:1])
    return lines or [*missing, f"{without}, not run: `{command}`."]


def _batches(runs: Runs, measured: pd.DataFrame) -> list[str]:
    command = training_commands.train(runs, RELEASED, "batch_size=32")
    lines = tables.batch_sizes(measured) or [
        f"Not run: `{command}`, and 1024, each at several learning rates."
    ]
    return [*lines, "Adam is not implemented here."]


def _never_active(runs: Runs) -> list[str]:
    found = activity_measured.never_active(runs.where(activity.exported))
    lines = _said(each for each in found if each.has_interval)
    return lines or [f"Not run: `{training_commands.train(runs, 'R-nolrn')}`."]


def _beside(
    runs: Runs, answers: dict[str, tuple[Measured, ...]], claim: str, recipe: str
) -> list[str]:
    """What is measured of R0 beside another recipe, or the command that trains it."""
    command = training_commands.train(runs, recipe)
    then = "`, then `repro export --comparison RUN"
    return _said(answers.get(claim, ())) or [f"Not run: `{command}{then}`."]


def _not_removed(runs: Runs) -> list[str]:
    """The runs of both arms that lack what S4.2g reads, each with its command."""
    lines = []
    for recipe in ("R-nodrop", RELEASED):
        found = runs.where(lambda run, of=recipe: setting(run)[0] == of).complete
        lines += [
            f"{recipe} seed {run.seed}: {FILE} lacks the row, or is not there: remove it, "
            f"then `{training_commands.export(runs, run)}`."
            for run in found
            if rules.added_by_removal(run) is None
        ]
        if not found:
            lines.append(
                f"{recipe}, not run: `{training_commands.train(runs, recipe)}`."
            )
    return lines


def _said(found: Iterable[Measured]) -> list[str]:
    return [
        f"{each.stated}{_limits(each)}; {each.protocol}; {each.images:,} {each.split}."
        for each in found
    ]


def _limits(each: Measured) -> str:
    if not each.has_interval:
        return ""
    return f"; 95 % interval {interval(each.low, each.high, each.unit)}"


def _activity(runs: Runs) -> list[str]:
    lines = activity.sentences(activity.measured(runs))
    commands = {
        RELEASED: training_commands.released(runs),
        "R-tanh": training_commands.train(runs, "R-tanh"),
    }
    for recipe, command in commands.items():
        found = [run for run in runs.complete if setting(run)[0] == recipe]
        lacking = [run for run in found if not activity.exported(run)]
        exports = [training_commands.export(runs, run) for run in lacking]
        lines += [f"{recipe}, not exported: `{export}`." for export in exports]
        if not found:
            then = "" if "reproduce" in command else ", then `repro export RUN`"
            lines.append(f"{recipe}, not run: `{command}`{then}.")
    return lines
