"""Which output of imported weights is which class of a packed data set.

Most wrong numbers of downloaded networks come from here, so nothing is guessed: the
order is stated or the counts agree, and the label check, which classifies training
images, measures whether it can be right.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from repro.data.batches import Split
from repro.data.fixed_images import measured_images
from repro.data.packs import Pack
from repro.data.photographs.synsets import SYNSET
from repro.data.views import Pixels
from repro.errors import ReproError
from repro.recipes.recipe import Augmentation
from repro.training.evaluate import evaluate

FEWEST, MOST = 50, 200  # images of the label check
ABOVE_CHANCE = 0.2  # of the way from chance to all right
BY_LUCK = 1e-6  # probability that chance alone does as well


class ImportRefused(ReproError):
    """Weights that would load and be wrong, or do not fit; the text is one line."""


def read_classes(path: Path) -> tuple[str, ...]:
    """The classes in a text file, one a line, in the order of the network's outputs.

    Where every line begins with a synset (synset_words.txt, LOC_synset_mapping.txt),
    the synsets. Raises ImportRefused for an unreadable or empty list, or doubles.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ImportRefused(f"{path}: not a readable text file ({error})") from error
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise ImportRefused(f"{path}: an empty list of classes")
    first = [name.split()[0] for name in names]
    if all(SYNSET.fullmatch(word) for word in first):
        names = first
    if doubles := sorted({name for name in names if names.count(name) > 1}):
        raise ImportRefused(f"{path}: the class {doubles[0]!r} is listed twice")
    return tuple(names)


def rows_of(pack: Pack, outputs: int, listed: Sequence[str] | None) -> list[int]:
    """The output of each class of `pack`, in its order.

    `listed` names the outputs, by synset or by readable name; without it there must be
    as many outputs as classes, and they are taken to be in the pack's order. Raises
    ImportRefused.
    """
    if listed is None:
        if outputs != len(pack.classes):
            raise ImportRefused(
                f"the weights tell {outputs} classes apart, {pack.manifest['dataset']} "
                f"has {len(pack.classes)}: name the list of the {outputs} classes in "
                "their order with --classes"
            )
        return list(range(outputs))
    if len(listed) != outputs:
        raise ImportRefused(
            f"the list names {len(listed)} classes, the weights tell {outputs} apart"
        )
    wanted = pack.classes
    if SYNSET.fullmatch(listed[0]):
        wanted = pack.manifest.get("synsets", wanted)
    place = {name: row for row, name in enumerate(listed)}
    if missing := [name for name in wanted if name not in place]:
        raise ImportRefused(
            f"{len(missing)} of the {len(wanted)} classes of "
            f"{pack.manifest['dataset']} are not among those of the weights, such as "
            f"{missing[0]!r} (theirs begin with {listed[0]!r})"
        )
    return [place[name] for name in wanted]


def check_labels(
    network: nn.Module, pack: Pack, augmentation: Augmentation, pixels: Pixels
) -> str:
    """Classify training images; return how many were right, in words.

    These are at most 200 fixed images, seen in the centre view. Raises ImportRefused
    where the weights do hardly better than chance: to pass they must come a fifth of
    the way from chance to all right, and have more right than luck explains.
    """
    chosen = measured_images(len(pack.labels), MOST)
    count, chance = len(chosen), 1 / len(pack.classes)
    if count < FEWEST:
        raise ImportRefused(
            f"{pack.manifest['dataset']} has {count} images, the label check needs "
            f"{FEWEST}; leave it out with --no-canary"
        )
    split = Split(pack.images, pack.labels, chosen)
    device = torch.device("cpu")
    measured = evaluate(network, split, augmentation, pixels, device=device)
    right = round(count * (1 - measured["top1_error"]))
    found = f"{right} of {count} training images right, {count * chance:.3g} by chance"
    share = chance + ABOVE_CHANCE * (1 - chance)
    if right < share * count or luck(right, count, chance) > BY_LUCK:
        raise ImportRefused(
            f"label check: {found}: probably the order of the classes is another one "
            "(name it with --classes) or the weights are untrained; leave the check out "
            "with --no-canary"
        )
    return f"canary: {found}"


def luck(right: int, count: int, chance: float) -> float:
    """Probability of at least `right` of `count` where each has probability `chance`."""
    return sum(
        math.comb(count, k) * chance**k * (1 - chance) ** (count - k)
        for k in range(right, count + 1)
    )
