"""The ablations: which recipe is compared with which, and which runs pair."""

from dataclasses import dataclass

from analysis.evidence.answers import data_hashes, is_exported
from analysis.evidence.arms import R0, Arm, field_of
from analysis.evidence.runs import Run, Runs

Pair = tuple[Run, Run]  # variant, reference


@dataclass(frozen=True)
class Comparison:
    """A variant, and what it is compared with."""

    change: str  # what the variant lacks or has, in words
    variant: Arm
    bears_on: tuple[str, ...] = ()  # claims that it alone does not decide
    reference: Arm = R0
    varied: frozenset[str] = frozenset()  # fields that no condition may set

    @property
    def name(self) -> str:
        return f"{self.variant.name()} against {self.reference.name()}"


NOCROP, GAP = Arm("R-nocrop"), Arm("R-gap")
NO_DROPOUT = ("dropout=0",)
PLATEAU = Arm(R0.recipe, ("late_epochs=", "schedule=plateau"))

COMPARISONS = (
    Comparison("tanh for ReLU", Arm("R-tanh"), ("S3.0",)),
    Comparison("one GPU's half of the kernels", Arm("R-half"), ("S3.0",)),
    Comparison("no towers: all layers joined", Arm("R-dense"), ("S3.2f",)),
    Comparison("towers meet at fc8 only, wider", Arm("R-nocomm")),
    Comparison("towers meet at conv4, not conv3", Arm("R-comm4")),
    Comparison("no normalisation", Arm("R-nolrn"), ("S3.0",)),
    Comparison("no normalisation after conv1", Arm("R-nolrn1"), ("X6",)),
    Comparison("batch normalisation instead", Arm("R-bn"), ("X6",)),
    Comparison("pooling without overlap", Arm("R-pool2"), ("S3.0",)),
    Comparison("centre crop, no mirrors", NOCROP),
    Comparison(
        "width 0.25, centre crop",
        Arm("R-nocrop", ("width=0.25",)),
        ("S4.1c",),
        NOCROP,
    ),
    Comparison("no colour noise", Arm("R-nopca")),
    Comparison("no dropout", Arm("R-nodrop"), ("X20",)),
    Comparison("no dropout, no augmentation", Arm("R-noreg")),
    Comparison(
        "half the width",
        Arm("R-wide-0.5"),
        varied=frozenset({"width"}),
    ),
    Comparison(
        "half the images, equal steps",
        Arm("R-frac-0.5"),
        varied=frozenset({"train_share", "epochs"}),  # else the steps differ
    ),
    Comparison(
        "a quarter of images, equal steps",
        Arm("R-frac-0.25"),
        varied=frozenset({"train_share", "epochs"}),  # else the steps differ
    ),
    Comparison(
        "twice the epochs",
        Arm("R-long"),
        varied=frozenset({"epochs"}),
    ),
    Comparison("no weight decay", Arm("R-nowd")),
    Comparison("std 0.01 in every layer", Arm("R-init"), ("S5.4",)),
    Comparison("biases 0", Arm("R-bias0")),
    Comparison("biases 0.1", Arm("R-bias0.1"), ("S5.6",)),
    Comparison("no conv2", Arm("R-noc2")),
    Comparison("no conv3", Arm("R-noc3")),
    Comparison("no conv4", Arm("R-noc4")),
    Comparison("no conv5", Arm("R-noc5"), ("S7.2",)),
    Comparison("no fc7", Arm("R-nofc7"), ("S7.2",)),
    Comparison("a sixth convolution", Arm("R-6conv"), ("S6.3",)),
    Comparison("warm-up, then cosine", Arm("R-cos"), ("X8",)),
    Comparison("a drop each quarter", Arm("R-step30"), ("X8", "X27")),
    Comparison("cosine against quarters", Arm("R-cos"), reference=Arm("R-step30")),
    Comparison("quarters against plateau", Arm("R-step30"), reference=PLATEAU),
    Comparison("average pooling for fc6, fc7", GAP, ("X20",)),
    Comparison(
        "average pooling, no dropout", Arm("R-gap", NO_DROPOUT), ("X20",), reference=GAP
    ),
)


def compared(runs: Runs) -> tuple[Comparison, ...]:
    """The comparisons, and one for every other recipe `R-...` that has run."""
    known = {comparison.variant.recipe for comparison in COMPARISONS}
    recipes = dict.fromkeys(run.name.partition("+")[0] for run in runs.complete)
    others = [name for name in recipes if name.startswith("R-") and name not in known]
    return COMPARISONS + tuple(Comparison(name, Arm(name)) for name in others)


def pairs(runs: Runs, comparison: Comparison) -> dict[tuple[str, ...], list[Pair]]:
    """The exported runs that have the same seed and data, by condition.

    A condition is what both arms change alike; its pairs are in the order of seeds. Both
    runs of a pair made the same draws: order, crops and noise are functions of the seed.
    Where the runs of a condition used different data, the data with most pairs counts. A
    condition that sets what the variant varies leaves nothing to compare.
    """
    exported = [run for run in runs.complete if is_exported(run)]
    references = {
        (comparison.reference.condition(run.name), run.seed, data_hashes(run)): run
        for run in exported
    }
    found: dict[tuple[str, ...], dict[tuple, list[Pair]]] = {}
    for run in exported:
        condition = comparison.variant.condition(run.name)
        if condition is None or comparison.varied & set(map(field_of, condition)):
            continue
        data = data_hashes(run)
        reference = references.get((condition, run.seed, data))
        if reference is not None and reference.name != run.name:
            of_data = found.setdefault(condition, {})
            of_data.setdefault(data, []).append((run, reference))
    return {
        condition: sorted(max(of_data.values(), key=len), key=lambda pair: pair[0].seed)
        for condition, of_data in found.items()
    }
