"""Runs of both starts and of what one starts from, with made-up rows and mistakes."""

from pathlib import Path

import pandas as pd

from analysis.topics.dropout import rules
from repro.runs import folder
from tests.made.errors import mistakes, write_answers
from tests.made.training_runs import rows, write

# 25 % after 4 epochs from scratch and after 1 pre-trained; of the training images too.
SCRATCH = (0.5, 0.45, 0.4, 0.3, 0.2)
TUNED = (0.5, 0.0, 0.0, 0.0, 0.1)
ARRIVES = {"scratch": 3.5, "finetuned": 0.5}  # epochs, interpolated by hand
CLASSES = {"scratch": ["cat", "dog"], "finetuned": ["cat", "dog"]}
CLASSES |= {"source": ["deer", "ship"]}
PROFILE = {"name": "cifar10", "side": 32, "classes": 0, "note": ""}
PROFILE |= {"dataset": "cifar10"}
IMAGES = 20  # of the test split
EXPORT = {"test_sha256": {"images": "ce55", "labels": "f32b"}}


def write_arm(reports: Path, arm: str, seed=0, *, errors, wrong=None, **changes):
    """One run; `errors` by epoch of both splits, `wrong` test images with ten views."""
    name = f"transfer-{arm}{changes.pop('suffix', '')}"
    changes = {"profile": PROFILE, "splits": {"train": 9_000, "val": 1_000}} | changes
    if wrong is not None:
        files = ["errors.csv", "predictions.npz"]
        changes["export"] = EXPORT | {"files": files}
    run = write(reports, name, seed, rows(errors, errors), **changes)
    record = folder.read_json(run / "recipe.json")
    record["recipe"]["classes"] = CLASSES[arm]
    folder.write_json(run / "recipe.json", record)
    if wrong is not None:
        write_answers(run, mistakes(wrong, wrong), images=IMAGES)
    return run


def write_pair(reports: Path, seed=0, *, scratch=SCRATCH, tuned=TUNED, **changes):
    """A run from scratch that gets 8 of 20 test images wrong, a pre-trained one 5."""
    write_arm(reports, "scratch", seed, errors=scratch, wrong=8, **changes)
    write_arm(reports, "finetuned", seed, errors=tuned, wrong=5, **changes)


def write_removed(run: Path, *, tested: float, removed: float) -> None:
    """dropout.csv of a network without dropout, before and after units are removed."""
    rows = [(rules.TESTED, 0, tested), (rules.REMOVED, 32, removed)]
    frame = pd.DataFrame(rows, columns=["rule", "masks", "top1_error"])
    blank = dict.fromkeys(("top5_error", "disagreement", "kl"))
    frame.assign(**blank, n=2000).to_csv(run / rules.FILE, index=False)


def write_dropout(run: Path, *, tested=0.2, on=0.3, full=0.25, other=0.01) -> None:
    """dropout.csv of R0: errors of three rules, labels other than the geometric mean's."""
    table = [
        (rules.TESTED, 0, tested, other, 0.002),
        (rules.GEOMETRIC, 32, tested, 0.0, 0.0),
        ("arithmetic mean", 32, tested, 0.0, 0.001),
        (rules.AGAIN, 32, tested, 0.02, 0.003),
        (rules.FULL, 0, full, other + 0.04, 0.5),
        (rules.ON, 32, on, 0.2, 0.4),
    ]
    names = ["rule", "masks", "top1_error", "disagreement", "kl"]
    frame = pd.DataFrame(table, columns=names)
    frame.assign(top5_error=0.0, n=2000).to_csv(run / rules.FILE, index=False)
