"""The claims that ablations test, each with what the runs say of it."""

from analysis.evidence.runs import Runs
from analysis.statistics.power import METHOD, Spread
from analysis.topics.ablations import ablation_sentences
from analysis.topics.ablations.ablation_sentences import OF_ALL, OF_ONE
from analysis.topics.ablations.comparisons import COMPARISONS
from analysis.topics.ablations.effects import Measured, main_condition, measured, spread
from analysis.topics.ablations.tables import next_command

CLAIMS = {
    "A8": "Dropout works well against overfitting in the connected layers.",
    "S1.3": "Removing any convolutional layer makes the network worse.",
    "S1.5": "Larger networks, longer training and more images lower the errors.",
    "S3.0": "By importance: ReLU, two GPUs, normalisation, overlapping pooling.",
    "S3.2c": "Two GPUs beat one with half the kernels.",
    "S3.2f": "Which layers see both towers was chosen by cross-validation.",
    "S3.3d": "Normalisation lowers the errors.",
    "S3.4a": "Overlapping pooling lowers the errors.",
    "S3.4c": "Networks with overlapping pooling are slightly harder to overfit.",
    "S4.1c": "Without crops and mirrors the network overfits substantially.",
    "S4.1g": "Colour noise lowers the top-1 error.",
    "S4.1h": "Colour noise teaches that light does not change what an object is.",
    "S4.2d": "Without dropout the network overfits substantially.",
    "S5.3": "A little weight decay lowers even the training error.",
    "S5.4": "Initial weights have standard deviation 0.01 in every layer.",
    "S5.6": "Biases of 1 speed up the first epochs.",
    "S7.2": "Removing a middle layer costs top-1 error, so depth matters.",
    "S7.4": "Larger networks that train longer are better.",
    "X6": "Later notes: normalisation is not needed.",
    "X8": "Later notes: warm-up and cosine are preferred to drops of the rate.",
    "X9": "Later notes: biases of 0 work as well.",
    "X10": "Later notes: cutting the network in towers was not needed.",
    "X20": "Later notes: without the large connected layers dropout matters less.",
    "X25": "Later notes: regularisation was not the key, the network's design is.",
    "X27": "Later notes: drops at fixed epochs replaced drops by hand.",
}


def summary(runs: Runs) -> str:
    """What the runs say of each claim, as a Markdown list."""
    results = measured(runs)
    condition = main_condition(results, runs)
    chosen = [each for each in results if each.pairs.condition == condition]
    known = spread(runs, condition)
    lines = []
    for claim, statement in CLAIMS.items():
        own = [each for each in chosen if claim in each.comparison.claims]
        answers = _measured(claim, own, known) + _holes(claim, runs, own, condition)
        lines.append(f"- **{claim}** *{statement}*\n")
        lines += [f"    - {answer}\n" for answer in answers]
    note = f"**{runs.note[:1].upper()}{runs.note[1:]}.**\n\n" if runs.note else ""
    return f"{note}{''.join(lines)}\n{protocol(chosen, known)}"


def _measured(claim: str, own: list[Measured], known: Spread | None) -> list[str]:
    say = OF_ONE.get(claim, ablation_sentences.errors)
    sentences = [sentence for each in own for sentence in say(each, known)]
    return sentences + (OF_ALL[claim](own) if claim in OF_ALL else [])


def _holes(
    claim: str, runs: Runs, own: list[Measured], condition: tuple[str, ...]
) -> list[str]:
    """What has not run, and the command that brings the first of it."""
    ran = {each.comparison.name for each in own}
    waiting = [
        comparison
        for comparison in COMPARISONS
        if claim in comparison.claims and comparison.name not in ran
    ]
    if not waiting:
        return []
    changes = ", ".join(comparison.change for comparison in waiting)
    command = next_command(runs, waiting[0], condition)
    return [f"Not run: {changes}. Next: `{command}`."]


def protocol(results: list[Measured], known: Spread | None) -> str:
    """What every number of the topic is of."""
    text = (
        "Differences are variant minus reference: above 0 the variant is worse. Test "
        "errors are of ten views. Intervals are 95 %: over seeds, Student's t on pairs of "
        "one seed, on these test images; over images, of one seed, paired by image, "
        "which leaves out how much seeds differ. Training and validation errors are of "
        "one view and at most 10,000 images."
    )
    if results:
        text = f"Test images: {results[0].images}. {text}"
    if known:
        text += (
            f" Standard deviation of the top-1 error over seeds: "
            f"{100 * known.deviation:.2f} points, pooled over recipes with "
            f"{known.degrees} degrees of freedom; runs an arm: {METHOD}."
        )
    return text
