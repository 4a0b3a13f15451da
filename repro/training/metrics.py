"""Rows of metrics.csv: what an epoch gathered and what is measured after it."""

import time
from collections.abc import Callable, Generator
from pathlib import Path

from repro.runs import folder
from repro.runs.folder import RunError
from repro.training.checkpoints import Position
from repro.training.evaluate import evaluate
from repro.training.prepare import Training

Row = dict[str, float]
Stop = Callable[[list[Row]], str | None]  # the reason to end a run, given its rows


def never(rows: list[Row]) -> None:
    """A run goes on to its last epoch."""


def measured_row(training: Training, *, epoch: int, rate: float, at: Position) -> Row:
    """The row of `epoch`; `at` holds what its steps have gathered."""
    row: Row = {"epoch": epoch, "step": at.step, "lr": rate}
    if at.images:
        row |= {
            "running_loss": at.loss_sum / at.images,
            "seconds": round(at.seconds, 3),
            "images_per_second": round(at.images / at.seconds, 2),
            "data_wait_fraction": round(at.wait_seconds / at.seconds, 4),
        }
    for name, split in training.splits.items():
        measured = evaluate(
            training.network,
            split,
            training.recipe.augmentation,
            training.pixels,
            device=training.compute.device,
            ranks=training.compute.ranks,
        )
        row |= {f"{name}_{key}": value for key, value in measured.items()}
    return row


def rows_until(run: Path, step: int, epoch_steps: int) -> list[Row]:
    """The rows that the checkpoint at `step` knows; later ones are measured again.

    Raises RunError where some of them are missing.
    """
    rows: list[Row] = []
    if (run / "metrics.csv").exists():
        rows = folder.read_metrics(run).to_dict("records")
    rows = [row for row in rows if row["step"] <= step]
    if step and len(rows) != step // epoch_steps + 1:
        raise RunError(
            f"{run / 'metrics.csv'}: {len(rows)} rows, but the checkpoint is of epoch "
            f"{step // epoch_steps}; remove the folder to train again"
        )
    return rows


def line(run: Path, row: Row) -> str:
    """The row in words, for the log."""
    val = row.get("val_top1_error")
    shown = f", val error {100 * val:.2f} %" if val is not None else ""
    return (
        f"{run.parent.name} {run.name} epoch {row['epoch']}: "
        f"loss {row['running_loss']:.4f}, "
        f"train error {100 * row['train_top1_error']:.2f} %{shown}, "
        f"{row['images_per_second']:.0f} images/s"
    )


class Stopwatch:
    """Adds the seconds of an epoch, and those spent waiting for data, to a Position."""

    def __init__(self, at: Position):
        self.at, self.since = at, time.monotonic()

    def waiting(self, loader: Generator) -> Generator:
        """The loader's items; the time to get each counts as waiting."""
        try:
            while True:
                asked = time.monotonic()
                item = next(loader, None)
                self.at.wait_seconds += time.monotonic() - asked
                if item is None:
                    return
                yield item
        finally:
            loader.close()

    def note(self) -> None:
        """Bring `at.seconds` up to now."""
        now = time.monotonic()
        self.at.seconds += now - self.since
        self.since = now
