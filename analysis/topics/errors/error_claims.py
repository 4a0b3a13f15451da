"""The claims on errors, each with what is reported and what our runs say of it."""

from analysis.evidence.answers import Group, groups
from analysis.evidence.ensembles import ensembles
from analysis.evidence.runs import Runs
from analysis.topics.ablations import ablation_sentences, effects
from analysis.topics.ablations.comparisons import COMPARISONS, R0
from analysis.topics.ablations.tables import export_command, next_command, train_command
from analysis.topics.errors import error_sentences, numbers
from analysis.topics.errors.error_quotes import quotes

MEMBERS = 5  # section 6 averages so many networks of one kind
CLAIMS = {
    "A1": "The top-1 error of one network.",
    "A2": "Its top-5 error.",
    "A3": "Both are considerably better than the best results before.",
    "A9": "The winning entry of ILSVRC-2012 is far ahead of the second best.",
    "S1.6": "By far the best results reported on these data sets.",
    "T1-1": "Table 1: sparse coding, the best of the competition.",
    "T1-2": "Table 1: SIFT and Fisher vectors, the best published.",
    "T1-3": "Table 1: the network.",
    "T2-1": "Table 2: the second best entry.",
    "T2-2a": "Table 2: one network, top-1.",
    "T2-2b": "Table 2: one network, top-5.",
    "T2-3": "Table 2: five networks averaged.",
    "T2-4": "Table 2: one network pre-trained on all of ImageNet.",
    "T2-5": "Table 2: seven networks averaged, two of them pre-trained.",
    "S4.1e": "Ten views instead of one lower the errors.",
    "S6.1": "Validation and test errors hardly differ.",
    "S6.2": "Averaging five similar networks lowers the error.",
    "S6.3": "Pre-training on all of ImageNet, with a sixth convolution, lowers it.",
    "S6.4": "Adding two pre-trained networks to the five lowers it further.",
    "S6.5a": "Errors on the Fall 2009 release of ImageNet.",
    "S7.1": "Record results with purely supervised learning.",
}


def summary(runs: Runs) -> str:
    """What is reported and measured for each claim, as a Markdown list."""
    reported, measured = quotes(), _measured(runs)
    lines = []
    for claim, statement in CLAIMS.items():
        lines.append(f"- **{claim}** *{statement}*\n")
        answers = reported[claim] + measured.get(claim, [])
        lines += [f"    - {answer}\n" for answer in answers]
    note = f"**{runs.note[:1].upper()}{runs.note[1:]}.**\n\n" if runs.note else ""
    return f"{note}{''.join(lines)}\n{error_sentences.PROTOCOL}"


def released(runs: Runs) -> Runs:
    """The runs of R0, whatever fields its name changes."""
    return runs.where(lambda run: run.name.partition("+")[0] == R0.recipe)


def main_group(known: list[Group]) -> Group | None:
    """R0's runs with most seeds, then the longest training."""
    own = [group for group in known if R0.condition(group.name) is not None]
    return max(own, key=lambda group: (len(group.runs), group.epochs), default=None)


def _measured(runs: Runs) -> dict[str, list[str]]:
    own = released(runs)
    known = groups(own)
    ours = numbers.ours(known)
    hole = [f"Not run: `{next_run(own)}`."]
    top1, top5 = (error_sentences.errors(ours, top) or hole for top in (1, 5))
    one_view = error_sentences.errors(ours, 1, views=1)
    gains = error_sentences.view_gains(numbers.view_gains(known))
    splits = error_sentences.splits(numbers.split_differences(ours))
    unsplit = ["Not run with images held out of training."] if known else hole
    averages = error_sentences.averages(ensembles(own), MEMBERS)
    averages = averages or [not_averaged(runs.profile, main_group(known))]
    shallow = [run for group in known for run in group.runs]
    return {
        "A1": top1,
        "A2": top5,
        "A3": error_sentences.shallow(shallow) + (one_view or hole),
        "T2-2a": top1,
        "T2-2b": top5,
        "T2-3": averages,
        "S4.1e": gains or hole,
        "S6.1": splits or unsplit,
        "S6.2": averages,
        "S6.3": _sixth(runs, main_group(known)),
    }


def next_run(own: Runs) -> str:
    """The command that brings R0's first errors."""
    if own.complete:
        return export_command(own.profile, own.complete[0].name, own.complete[0].seed)
    return train_command(own.profile, R0, (), 0)


def not_averaged(profile: str, main: Group | None) -> str:
    """What the average of MEMBERS networks waits for."""
    condition = R0.condition(main.name) if main else ()
    name, seeds = R0.name(condition), main.seeds if main else []
    for seed in range(MEMBERS):
        if seed not in seeds:
            command = train_command(profile, R0, condition, seed)
            return f"Not run: it takes {MEMBERS} seeds: `{command}`."
    return (
        f"Not averaged: {MEMBERS} seeds ran, reports/{profile}/ensembles has none "
        f"of `{name}`."
    )


def _sixth(runs: Runs, main: Group | None) -> list[str]:
    """The control: a sixth convolution without pre-training."""
    control = next(each for each in COMPARISONS if "S6.3" in each.claims)
    own = effects.measured(runs, [control])
    sentences = [text for each in own for text in ablation_sentences.errors(each, None)]
    if not own:
        condition = R0.condition(main.name) if main else ()
        sentences = [f"Not run: `{next_command(runs, control, condition)}`."]
    return [f"Control, not pre-trained. {text}" for text in sentences]
