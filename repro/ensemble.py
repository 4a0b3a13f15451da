"""Errors of several runs together: the mean of their probabilities (section 6)."""

from pathlib import Path
from typing import Any

import torch

from repro.error_rates import VIEWS, error_row, protocol, top_five
from repro.finished_runs import (
    classifier,
    one_data_set,
    open_finished,
    pack_for_test,
    training_pack,
    whole,
)
from repro.recipes import crop_size
from repro.runs import RunError


def ensemble_errors(
    runs: list[Path], *, device: torch.device, data: Path | None = None
) -> list[dict[str, Any]]:
    """Rows as in errors.csv, of the test images, for all `runs` with equal weights.

    Each network sees its own crops and scale. Raises RunError where a run is not
    complete, is there twice or was trained on another data set.
    """
    finished = [open_finished(run) for run in runs]
    one_data_set(finished)
    if len({run.resolve() for run in runs}) < len(runs):
        raise RunError("an ensemble has one run twice: name each folder once")
    members = []
    for run in finished:
        train = training_pack(run, data)
        members.append(classifier(run, data, device))
    test = pack_for_test(finished[0], train, data)
    weights = "+".join(sorted({run.weights for run in finished}))
    side = test.images.shape[1]
    sizes = {crop_size(member.augmentation, side) for member in members}
    rows = []
    for views in VIEWS:
        seen = [protocol(views, size, side) for size in sorted(sizes)]
        rows.append(
            error_row(
                top_five(members, whole(test), views, device),
                split="test",
                views=views,
                weights=weights,
                networks=len(members),
                protocol="mean over networks of " + " or ".join(seen),
            )
        )
    return rows
