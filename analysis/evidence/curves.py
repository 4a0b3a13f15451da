"""Learning curves: loss and error by epoch, drops of the rate, the gap to validation.

`train_*` and `val_*` of metrics.csv are measured after each epoch in evaluation mode,
without augmentation, on at most `MEASURED` fixed images of the split.
"""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.evidence.runs import Run, Runs

RELEASED = "released-145"
MEASURED = 10_000  # images of a split, at most (the protocol of metrics.csv)
SPLITS = {"train": "training", "val": "validation"}
MOMENTS = ("last epoch", "lowest validation error")


def setting(run: Run) -> tuple[str, str]:
    """The recipe's name and what `--set` changed of it."""
    recipe, _, changes = run.name.partition("+")
    return recipe, changes


def data(run: Run) -> str:
    """Data set and split that the images come from."""
    return f"{run.manifest['data']['dataset']} {run.manifest['data']['split']}"


def images(run: Run, split: str) -> int:
    """How many images of `split` each row of metrics.csv measured; 0 without the split."""
    return min(run.manifest["splits"].get(split, 0), MEASURED)


def data_sets(runs: Runs) -> str:
    """Data sets and splits of the complete runs."""
    return " and ".join(sorted({*map(data, runs.complete)}))


def protocol(runs: Runs) -> str:
    """What the rows of metrics.csv were measured on, in words."""
    train, val = ([images(run, split) for run in runs.complete] for split in SPLITS)
    held = f"{counts(val)} validation images held out of them"
    protocols = "; ".join(sorted({run.manifest["protocol"] for run in runs.complete}))
    return (
        f"{data_sets(runs)}, {counts(train)} training and "
        f"{held if any(val) else 'no validation images'} ({protocols})"
    )


def counts(numbers: Iterable[int]) -> str:
    """`800` or, of runs that differ, `800 or 1,000`."""
    return " or ".join(f"{number:,}" for number in sorted({*numbers}))


def curves(runs: Runs) -> pd.DataFrame:
    """One row for each run, epoch and split: loss in nats, errors as fractions."""
    columns = ["run", "seed", "epoch", "step", "lr", "split", "loss"]
    columns += ["top1_error", "top5_error"]
    frames = []
    for run in runs.complete:
        for split, name in SPLITS.items():
            measured = ["loss", "top1_error", "top5_error"]
            found = run.metrics.rename(
                columns={f"{split}_{what}": what for what in measured}
            )
            found = found.assign(run=run.name, seed=run.seed, split=name)[columns]
            frames.append(found.dropna(subset=measured))
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)


def drops(run: Run) -> list[tuple[int, float]]:
    """After how many epochs the rate fell, and to which share of the rate before.

    They are read from the rates that the run had, not from its plan. A smooth schedule
    has no drops.
    """
    if run.record["recipe"]["optimisation"]["schedule"] not in ("fixed", "plateau"):
        return []
    metrics = run.metrics
    shares = (metrics["lr"] / metrics["lr"].shift())[1:]
    before = metrics["epoch"].shift()[1:]
    return [
        (int(epoch), share)
        for epoch, share in zip(before, shares, strict=True)
        if share < 1
    ]


def late_phase(run: Run) -> list[int]:
    """The epochs after which conv1 is slowed and the noise off, and conv1 is frozen.

    Epochs that the run has not come to are left out.
    """
    late = run.record["recipe"]["optimisation"]["late_epochs"]
    return [epoch for epoch in late if epoch < run.metrics["epoch"].max()]


def gaps(runs: Runs) -> pd.DataFrame:
    """Two rows a run: training and validation at the last epoch and at the best.

    The weights of the best epoch are kept as best.pt: it is the latest epoch with the
    lowest top-1 validation error. Gaps are validation minus training.
    """
    rows = [row for run in runs.complete for row in _gaps(run)]
    columns = ["recipe", "changes", "run", "seed", "moment", "epoch", "step"]
    columns += ["epochs", "train_loss", "val_loss", "train_top1_error"]
    columns += ["val_top1_error", "loss_gap", "top1_gap", "train_images", "val_images"]
    columns += ["batch", "rate", "data"]
    return pd.DataFrame(rows, columns=columns)


def _gaps(run: Run) -> list[dict[str, Any]]:
    metrics = run.metrics.dropna(subset=["val_top1_error"])
    if metrics.empty:
        return []
    errors = metrics["val_top1_error"]
    best = metrics[errors == errors.min()].iloc[-1]
    recipe, changes = setting(run)
    optimisation = run.record["recipe"]["optimisation"]
    return [
        {
            "recipe": recipe,
            "changes": changes,
            "run": run.name,
            "seed": run.seed,
            "moment": moment,
            "epochs": int(metrics["epoch"].max()),
            "loss_gap": row["val_loss"] - row["train_loss"],
            "top1_gap": row["val_top1_error"] - row["train_top1_error"],
            "train_images": images(run, "train"),
            "val_images": images(run, "val"),
            "batch": optimisation["batch_size"],
            "rate": optimisation["learning_rate"],
            "data": data(run),
            **row[["train_loss", "val_loss", "train_top1_error", "val_top1_error"]],
            "epoch": int(row["epoch"]),
            "step": int(row["step"]),
        }
        for moment, row in zip(MOMENTS, (metrics.iloc[-1], best), strict=True)
    ]


def augmented(recipe: dict[str, Any], *, late: bool) -> str:
    """`all`, `none` or `some` of crop, mirror and colour noise; noise ends when late."""
    augmentation = recipe["augmentation"]
    kinds = (
        augmentation["crop"] in ("random", "shared"),
        augmentation["flip"],
        augmentation["colour_noise"] != "none" and not late,
    )
    return "all" if all(kinds) else "some" if any(kinds) else "none"


def is_plain(run: Run) -> bool:
    """Whether the run is without any augmentation."""
    return augmented(run.record["recipe"], late=False) == "none"


def without_timings(runs: Runs) -> Runs:
    """All runs but those of R0 without augmentation, which only time a step."""
    return runs.where(lambda run: setting(run)[0] != RELEASED or not is_plain(run))
