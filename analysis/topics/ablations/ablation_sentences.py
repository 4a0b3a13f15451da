"""What a measured ablation says of a claim, in sentences with data, n and interval."""

from collections.abc import Callable

from analysis.claims.reported_errors import NOTES, VAL_2012
from analysis.evidence.fit import EARLY
from analysis.statistics.estimates import signed
from analysis.statistics.power import Spread
from analysis.topics.ablations import light
from analysis.topics.ablations.comparisons import Comparison
from analysis.topics.ablations.effects import Measured
from analysis.topics.ablations.tables import needed, recipe, reported

MARGIN = 0.5  # points: X6 calls less than this no difference
IMPORTANCE = ("R-tanh", "R-half", "R-nolrn", "R-pool2")  # section 3's order
SMOOTH = ("155", "156", "157", "158", "160")  # exponential rates, in the notes


def start(words: str) -> str:
    """With a capital."""
    return words[:1].upper() + words[1:]


def errors(each: Measured, known: Spread | None) -> list[str]:
    """The change of both test errors; the paper's and the notes' beside it."""
    top1, top5 = each.difference(1), each.difference(5)
    text = (
        f"{start(each.comparison.change)} (`{recipe(each)}`): top-1 {top1.points}, "
        f"top-5 {top5.points} points; interval over {top1.covers}, n = {top1.images:,}."
    )
    return [" ".join([text, *_reported(each.comparison, known)])]


def _reported(comparison: Comparison, known: Spread | None) -> list[str]:
    parts = []
    for source, effect in (
        ("The paper", comparison.paper),
        ("The authors' notes", comparison.notes),
    ):
        if effect:
            parts.append(f"{source}: {reported(effect)} ({effect.place}).")
    if count := needed(comparison, known):
        parts.append(
            f"The paper's top-1 effect takes {count} runs an arm at our spread."
        )
    return parts


def _overfitting(each: Measured, known: Spread | None) -> list[str]:
    train, gap = each.fit("train_error"), each.fit("gap")
    text = (
        f"{start(each.comparison.change)}, last epoch, one view: training error "
        f"{100 * train[0]:.2f} % (reference {100 * train[1]:.2f} %), validation minus "
        f"training {signed(100 * gap[0])} points ({signed(100 * gap[1])}); difference "
        f"of these gaps {_fit(each, 'gap')}; of the lowest validation errors "
        f"{_fit(each, 'best_val')}."
    )
    return [*errors(each, known), text]


def _fit(each: Measured, quantity: str) -> str:
    difference = each.fit_difference(quantity)
    return f"{difference.points} points ({difference.covers})"


def _at_equal_loss(each: Measured, known: Spread | None) -> list[str]:
    difference = each.gap_difference_at_equal_loss()
    if difference is None:
        return ["It takes validation images, and these runs held none out."]
    text = (
        f"{start(each.comparison.change)}: at the lowest training loss that both reach, "
        f"validation minus training error differs by {difference.points} points "
        f"({difference.covers}); above 0 the change overfits more."
    )
    return [text]


def _training_error(each: Measured, known: Spread | None) -> list[str]:
    variant, reference = each.fit("train_error")
    text = (
        f"{start(each.comparison.change)}: training error {100 * variant:.2f} %, with it "
        f"{100 * reference:.2f} %, last epoch, one view; difference "
        f"{_fit(each, 'train_error')}."
    )
    return [text, *errors(each, known)]


def _early(each: Measured, known: Spread | None) -> list[str]:
    variant, reference = each.fit("early_loss")
    loss = each.fit_difference("early_loss")
    interval = f" ({signed(loss.low)} to {signed(loss.high)})"
    text = (
        f"{start(each.comparison.change)}: mean training loss of the first {EARLY} epochs "
        f"{variant:.3f}, with biases 1 {reference:.3f}; difference {signed(loss.value)}"
        f"{interval * (loss.over == 'seeds')} ({loss.covers})."
    )
    return [text]


def _equivalence(each: Measured, known: Spread | None) -> list[str]:
    within = each.equivalent(MARGIN / 100)
    if within is None:
        return errors(each, known)
    verb = "within" if within else "not shown to be within"
    text = f"Two one-sided 5 % tests over seeds: {verb} {MARGIN:g} points, top-1."
    return [*errors(each, known), text]


def _nothing(each: Measured, known: Spread | None) -> list[str]:
    return []


def _ranking(own: list[Measured]) -> list[str]:
    """The measured order beside the paper's."""
    effects = {each.comparison.variant.recipe: each.difference(1) for each in own}
    if not effects:
        return []
    order = sorted(effects, key=lambda name: effects[name].value, reverse=True)
    measured = "; ".join(
        f"{name} {effects[name].points}, {effects[name].covers}" for name in order
    )
    paper = " > ".join(name for name in IMPORTANCE if name in effects)
    text = (
        f"{len(order)} of {len(IMPORTANCE)} ran; top-1 differences in points, largest "
        f"first: {measured}. The paper's order: {paper}."
    )
    return [text]


def _smooth_rates(own: list[Measured]) -> list[str]:
    control = NOTES["145", VAL_2012.name, 10].top1
    found = [NOTES[run, VAL_2012.name, 10].top1 - control for run in SMOOTH]
    low, high = (signed(float(bound)) for bound in (min(found), max(found)))
    text = (
        f"The authors' notes: {len(found)} exponential schedules minus #145, "
        f"{VAL_2012.name}, ten views: top-1 {low} to {high} points."
    )
    return [text]


# What each claim is measured by, where that is not the test errors alone.
OF_ONE: dict[str, Callable[[Measured, Spread | None], list[str]]] = {
    "S3.0": _nothing,
    "S3.4c": _at_equal_loss,
    "S4.1c": _overfitting,
    "S4.1h": light.sentences,
    "S4.2d": _overfitting,
    "S5.3": _training_error,
    "S5.6": _early,
    "X6": _equivalence,
}
OF_ALL: dict[str, Callable[[list[Measured]], list[str]]] = {
    "S3.0": _ranking,
    "X8": _smooth_rates,
}
