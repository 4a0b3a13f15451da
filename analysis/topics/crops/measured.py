"""How many crops an image has and how alike they are, for the ledger."""

from analysis.claims import from_runs, printed
from analysis.claims.measurement import Measured, exact
from analysis.evidence.runs import Runs
from analysis.topics.crops import overlap
from analysis.topics.crops.counted import different_crops


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements; the counts take no run."""
    answers = {"S4.1b": [_crops()], "X2": [_crops()], "X15": _alike(runs)}
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _crops() -> Measured:
    """Different crops of a training image, at all offsets and at one fewer each way."""
    side, size = int(printed.IMAGE_SIDE.value), int(printed.INPUT_SIDE.value)
    offsets = side - size + 1
    count, fewer = (different_crops(pixels, size) for pixels in (side, side - 1))
    return exact(
        count,
        stated=f"{count:,} at {offsets} × {offsets} offsets; {fewer:,} at "
        f"{offsets - 1} × {offsets - 1}",
    )


def _alike(runs: Runs) -> list[Measured]:
    used = overlap.chosen(runs)
    found = overlap.similarity(used.complete[0]) if used.complete else None
    if found is None:
        return []
    return [
        Measured(
            value=found.value,
            low=found.low,
            high=found.high,
            unit="",
            stated=f"{found.value:.2f}: correlation of pixels {found.same:.2f} of one "
            f"image, {found.other:.2f} of two",
            images=found.images,
            dataset=from_runs.trained_on(used.complete[0]),
            split="test images",
            protocol=f"{overlap.VIEWS} training views of each thumbnail; Student's "
            "t over images",
            runs=from_runs.folders(used.complete),
        )
    ]
