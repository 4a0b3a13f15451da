"""One epoch of training: the loop over the batches."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from repro.data import batches
from repro.data.views import training_input
from repro.machine import draws
from repro.machine.devices import autocast
from repro.machine.process import Interrupted
from repro.machine.ranks import Ranks
from repro.runs.folder import RunError
from repro.training import checkpoints
from repro.training.checkpoints import Position
from repro.training.metrics import Stopwatch
from repro.training.prepare import Training
from repro.training.replica import loss_share, replica
from repro.training.schedule import Rates, late
from repro.training.update_rule import set_rates

CHECK_EVERY = 50  # steps between looks at the loss: each look waits for the device
SAVE_SECONDS = 600.0  # between checkpoints inside a long epoch


class Diverged(RunError):
    """The loss is no longer a number."""


def train_one_epoch(
    training: Training,
    at: Position,
    last_step: int,
    rates: Rates,
    *,
    signal: Callable[[], int | None] = lambda: None,
    advance: Callable[[int], object] = lambda images: None,
) -> None:
    """Train up to `last_step`, the end of the epoch, adding to the sums in `at`.

    `advance` is told the images of each step. On a signal the step is finished, the
    state saved and Interrupted raised; at the last step both are left to the end of the
    epoch, which has its row to write first.
    """
    recipe, network, optimizer = training.recipe, training.network, training.optimizer
    device, ranks = training.compute.device, training.compute.ranks
    split = training.splits["train"]
    batch_size = recipe.optimisation.batch_size
    epoch = last_step // batches.steps_per_epoch(len(split), batch_size) - 1
    noisy = not late(recipe.optimisation, epoch)
    set_rates(optimizer, rates, in_velocity=recipe.optimisation.rate_in_velocity)
    # after conv1 may have been frozen
    forward = replica(training.compiled or network, ranks)
    before = at.loss_sum if ranks.first else 0.0
    loss_sum = torch.tensor(before, dtype=torch.float64, device=device)  # of our rows
    watch = Stopwatch(at)
    saved = time.monotonic()
    network.train()
    loader = batches.in_order(
        split,
        batch_size=batch_size,
        seed=training.seed,
        steps=range(at.step, last_step),
        device=device,
        ranks=ranks,
    )
    for images, labels in watch.waiting(loader):
        rows = ranks.rows(batches.batch_images(len(split), batch_size, at.step))
        draws.seed_torch(draws.DROPOUT, training.seed, at.step)
        seen = training_input(
            images,
            recipe.augmentation,
            training.pixels,
            seed=training.seed,
            step=at.step,
            noisy=noisy,
            rows=rows,
        )
        with autocast(device, training.compute.precision):
            logits = forward(seen, rows)
        loss = loss_share(logits.float(), labels, rows, ranks)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach() * (rows.of / ranks.world_size)
        at.step += 1
        at.images += rows.of
        advance(rows.of)
        if at.step % CHECK_EVERY == 0 or at.step == last_step:
            at.loss_sum = _finite(ranks, loss_sum, rates.weights, at.step)
        if at.step == last_step:
            break
        due = time.monotonic() - saved > SAVE_SECONDS
        number, due = ranks.most(signal() or 0, due)
        if number or due:
            at.loss_sum = _finite(ranks, loss_sum, rates.weights, at.step)
            watch.note()
            if ranks.first:
                checkpoints.save(training.run, network, optimizer, at)
            saved = time.monotonic()
        if number:
            raise interrupted(training.run, at.step, number)
    watch.note()


def _finite(ranks: Ranks, loss_sum: Tensor, rate: float, step: int) -> float:
    value = ranks.total(loss_sum.clone()).item()
    need_finite(value, rate, step)
    return value


def need_finite(loss: float, rate: float, step: int) -> None:
    """Raise Diverged where it is not a finite number."""
    if not math.isfinite(loss):
        raise Diverged(f"diverged: loss is {loss} by step {step} at rate {rate:g}")


def interrupted(run: Path, step: int, number: int) -> Interrupted:
    """What a run that has saved its state raises on a signal."""
    return Interrupted(
        f"{run}: stopped after step {step}, saved; the same command goes on from here",
        number,
    )
