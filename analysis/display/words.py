"""Figure 4 in words and numbers: what both of its halves say in the same way."""

import unicodedata

from analysis.evidence.runs import Runs
from analysis.statistics.numbers import Line


def name(runs: Runs) -> str:
    """The run behind the numbers, its seeds and its data set, in words."""
    seeds = [run.seed for run in runs.complete]
    first = runs.complete[0]
    many = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
    return f"{first.name}, {many}, {first.manifest['data']['dataset']}"


def per_cent(line: Line, digits: int = 1) -> str:
    """A share's mean over the seeds, its range in brackets where they differ."""
    mean, low, high = (f"{100 * value:.{digits}f}" for value in line)
    return f"{mean} %" + (f" ({low}–{high})" if low != high else "")


def noted(runs: Runs, text: str) -> str:
    """`text` after what a reader must know about the profile."""
    return f"{runs.note[:1].upper()}{runs.note[1:]}. {text}" if runs.note else text


def short(label: str, longest: int = 24) -> str:
    """The first of a synset's names, cut where it is longer than `longest`.

    It cannot change the direction of the text around it: one that is written from right
    to left is isolated, and control characters are left out.
    """
    first = "".join(each for each in label.split(",")[0] if not _controls(each)).strip()
    if len(first) > longest:
        first = f"{first[: longest - 1].rstrip()}…"
    if any(unicodedata.bidirectional(each) in ("R", "AL") for each in first):
        return f"\N{FIRST STRONG ISOLATE}{first}\N{POP DIRECTIONAL ISOLATE}"
    return first


def _controls(character: str) -> bool:
    bidirectional = unicodedata.bidirectional(character)
    embeds = bidirectional.endswith(("E", "O", "I")) and bidirectional[0] in "LRF"
    return (
        embeds or bidirectional[:2] == "PD" or unicodedata.category(character) == "Cc"
    )
