"""How many crops an image has and how alike they are, for the ledger."""

from analysis.claims import from_runs
from analysis.claims.measurement import Measured, exact
from analysis.evidence.runs import Runs
from analysis.topics.crops import overlap


def measured(runs: Runs) -> dict[str, tuple[Measured, ...]]:
    """Claim and its measurements; the counts take no run."""
    answers = {"S4.1b": [_crops()], "X2": [_crops()], "X15": _alike(runs)}
    return {claim: tuple(found) for claim, found in answers.items() if found}


def _crops() -> Measured:
    """Different crops of an image: at all offsets, and as the paper counts them."""
    paper = overlap.sizes().iloc[0]
    offsets = int(paper.side - paper.crop) + 1
    return exact(
        paper.different,
        stated=f"{paper.different:,.0f} at {offsets} × {offsets} offsets; "
        f"{paper.as_printed:,.0f} at {offsets - 1} × {offsets - 1}",
    )


def _alike(runs: Runs) -> list[Measured]:
    used = overlap.chosen(runs)
    found = overlap.similarity(used.complete[0]) if used.complete else None
    if found is None:
        return []
    return [
        Measured(
            **from_runs.limits(found.difference, 1),
            unit="",
            stated=f"{found.difference.value:.2f}: correlation of pixels "
            f"{found.same:.2f} of one image, {found.other:.2f} of two",
            images=found.difference.images,
            dataset=from_runs.trained_on(used.complete[0]),
            split="test images",
            protocol=f"{overlap.VIEWS} training views of each thumbnail; Student's "
            "t over images",
            runs=from_runs.folders(used.complete),
        )
    ]
