"""What the runs say of pre-training, of dropout at test and of crops, as Markdown."""

from analysis.display import words
from analysis.evidence.exported import RECIPES
from analysis.evidence.runs import Runs
from analysis.statistics.seeds import per_cent, plural, spread
from analysis.topics.crops import overlap
from analysis.topics.dropout import rules
from analysis.topics.transfer.pairs import LEVEL, STARTS, Transfer, transfers

CLAIMS = {
    "X1": "Later notes, an exercise: do cats and dogs take fewer epochs from a "
    "pre-trained network than from scratch?",
    "X2, S4.1b": "Crops and mirrors make 2048 images of one, all much alike.",
    "X15": "Later notes: counting every crop overstates the gain, because crops of one "
    "image look alike.",
    "X3": "Later notes, an exercise: dropout must be off, and the outputs halved, at test.",
    "S4.2b": "Halving comes close to the geometric mean of all the thinned networks.",
}
PROFILES = ("smoke", "cifar10")  # with cats and dogs


def transfer_command(runs: Runs) -> str:
    """What runs the exercise; its classes are CIFAR-10's."""
    profile = runs.profile if runs.profile in PROFILES else PROFILES[1]
    return f"repro reproduce --profile {profile} --experiments transfer"


def summary(runs: Runs) -> str:
    """One item a claim; what has not run is named with its command."""
    pairs = transfers(runs)
    answers = {
        "X1": [line for pair in pairs for line in _sooner(pair)]
        or [f"Not run: `{transfer_command(runs)}`."],
        "X2, S4.1b": _counts(),
        "X15": _alike(runs),
        "X3": _mistakes(runs),
        "S4.2b": _closeness(runs),
    }
    return words.heading(runs) + words.bullets(CLAIMS, answers)


def _sooner(pair: Transfer) -> list[str]:
    starts = {name: spread(found, per_cent) for name, found in pair.last("val").items()}
    ends = " and ".join(f"{STARTS[name]} {found} %" for name, found in starts.items())
    lines = [
        (
            f"{pair.dataset}, {plural(len(pair.scratch), 'pair')} of seeds: epochs to "
            f"{100 * LEVEL:g} % error, from scratch over pre-trained: of the training "
            f"images {pair.ratio('train')}, of those held out {pair.ratio('val')}."
        ),
        (
            f"Validation error after the last epoch: {ends}; from scratch minus pre-trained "
            f"{pair.last_difference('val').points} points."
        ),
    ]
    if found := pair.test_difference():
        lines.append(
            f"Test error, ten views, from scratch minus pre-trained: {found.points} "
            f"points (n = {found.images:,}; {found.covers})."
        )
    if pair.source:
        errors = [run.metrics["val_top1_error"].iloc[-1] for run in pair.source]
        lines.append(
            f"Pre-trained on {pair.pretrained_on}: validation error "
            f"{spread(errors, per_cent)} % there, "
            f"{int(pair.source[0].metrics['epoch'].max())} epochs that the epochs above "
            "do not count."
        )
    return lines


def _counts() -> list[str]:
    found = overlap.sizes().iloc[0]
    side, size = int(found["side"]), int(found["crop"])
    return [
        (
            f"Crops of {size} of {side} pixels lie at {side - size + 1} × {side - size + 1} "
            f"offsets: {int(found['different']):,} different ones, mirrored ones too; the "
            f"paper counts {side - size} × {side - size}: {int(found['as_printed']):,}."
        ),
        (
            f"Two of them share {100 * found['in_two']:.0f} % of their pixels on average, all "
            f"of them {100 * found['in_all']:.0f} %."
        ),
    ]


def _alike(runs: Runs) -> list[str]:
    used = overlap.chosen(runs)
    found = overlap.similarity(used.complete[0]) if used.complete else None
    if found is None:
        return [_not_exported(runs, "")]
    return [
        (
            f"{overlap.VIEWS} training views of each of {found.images} test images, "
            f"{used.complete[0].manifest['data']['dataset']}: the pixels of two views of one "
            f"image correlate with {found.same:.2f} on average, of two images with "
            f"{found.other:.2f}; difference {found.value:.2f} (95 % interval {found.low:.2f} "
            f"to {found.high:.2f}, Student's t over images)."
        ),
        (
            "What so many crops are worth in error is not measured: it takes trainings on "
            "fewer of them."
        ),
    ]


def _mistakes(runs: Runs) -> list[str]:
    used = rules.chosen(runs)
    if not used.complete:
        return [_not_exported(runs, " --comparison")]
    return [rules.sentence(used, rule) for rule in (rules.ON, rules.FULL)]


def _closeness(runs: Runs) -> list[str]:
    used = rules.chosen(runs)
    if not used.complete:
        return [_not_exported(runs, " --comparison")]
    return rules.closeness(used)


def _not_exported(runs: Runs, how: str) -> str:
    """What R0 lacks: an export, or the training before it."""
    known = runs.named(RECIPES).complete
    name = f"{known[0].name}/seed-{known[0].seed}" if known else f"{RECIPES}/seed-0"
    export = f"`repro export{how} reports/{runs.profile}/runs/{name}`."
    if known:
        return f"Not exported: {export}"
    train = f"repro train --profile {runs.profile} --recipe {RECIPES} --seed 0"
    return f"Not run: `{train}`, then {export}"
