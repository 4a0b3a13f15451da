"""Speed as ratios measured in one process: ours and a peer's in turn, medians."""

import csv
import io
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

from repro import draws, runs
from repro.batches import Split, kept_on
from repro.checkpoints import Position
from repro.devices import set_deterministic
from repro.networks import build_network, initialise
from repro.presets import find_recipe
from repro.schedule import rates_at
from repro.train import train_one_epoch
from repro.training import Training
from repro.update_rule import build_optimizer
from repro.views import Pixels

RECIPE = "figure1-18pct-modern"
IMAGES = 6400
REPEATS = 7

Epoch = Callable[[], None]


def bench_step(device: torch.device, reports: Path, say=print) -> Path:
    """An epoch in our loop beside a bare PyTorch loop over tensors in memory.

    Same layers, batch size, update and threads, evaluation left out of both. Peers: a
    loop over slices of tensors, once with the layers as torch makes them and once in
    our memory format, and a loop over torch's DataLoader. Returns the table written.
    """
    set_deterministic(device.type == "cpu")  # as `repro train` does
    training = _training(device)
    peers = {
        "bare loop": _bare_loop(device, torch.contiguous_format),
        "bare loop, channels last": _bare_loop(device, torch.channels_last),
        "DataLoader loop": _bare_loop(device, torch.contiguous_format, loader=True),
    }
    rows = []
    for name, peer in peers.items():
        ours, theirs = in_turn(lambda: _our_epoch(training), peer, device)
        rows.append(_row(ours, theirs, name, training))
        say(
            f"step, {name}: ours {rows[-1]['ours']} images/s, peer {rows[-1]['peer']}; "
            f"our epoch costs {ours / theirs:.3f} of the peer's"
        )
    return write_table(reports / "bench" / f"step-{device.type}.csv", rows)


def in_turn(
    ours: Epoch, peer: Epoch, device: torch.device, repeats: int = REPEATS
) -> tuple[float, float]:
    """Median seconds of each, run in turn after one round that does not count."""
    seconds: dict[Epoch, list[float]] = {ours: [], peer: []}
    for _ in range(repeats + 1):
        for epoch, measured in seconds.items():
            start = time.perf_counter()
            epoch()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            measured.append(time.perf_counter() - start)
    ours_median, peer_median = (statistics.median(s[1:]) for s in seconds.values())
    return ours_median, peer_median


def write_table(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write the rows as CSV at once and return where."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    runs.write_text(path, text.getvalue())
    return path


def _row(ours: float, theirs: float, peer: str, training: Training) -> dict[str, Any]:
    return {
        "case": f"epoch of {RECIPE}, {IMAGES} images",
        "ours": round(IMAGES / ours),
        "peer": round(IMAGES / theirs),
        "ratio": round(theirs / ours, 3),
        "peer_name": peer,
        "unit": "images/s",
        "device": training.device.type,
        "threads": torch.get_num_threads(),
        "dtype": "float32",
        "batch": training.recipe.optimisation.batch_size,
    }


def _network(device: torch.device, memory_format: torch.memory_format):
    recipe = find_recipe(RECIPE)
    draws.seed_torch(draws.INITIAL, 0)
    network = build_network(recipe, classes=10, side=32)
    initialise(network, recipe.initial_values)
    network = network.to(device, memory_format=memory_format)
    return network, build_optimizer(network, recipe.optimisation)


def _training(device: torch.device) -> Training:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, size=(IMAGES, 32, 32, 3), dtype=np.uint8)
    labels = rng.integers(0, 10, size=IMAGES)
    network, optimizer = _network(device, torch.channels_last)
    mean = torch.full((32, 32, 3), 127.5, device=device)
    divisor, colour = torch.full((3,), 74.0), torch.zeros(3, 3)
    pixels = Pixels(mean, divisor.to(device), colour.to(device))
    split = kept_on(device, Split(images, labels, np.arange(IMAGES)))
    recipe = find_recipe(RECIPE)
    small = replace(recipe.optimisation, learning_rate=1e-4)  # random labels
    recipe = replace(recipe, optimisation=small)
    return Training(
        run=Path("bench"),
        recipe=recipe,
        seed=0,
        device=device,
        network=network,
        optimizer=optimizer,
        pixels=pixels,
        splits={"train": split},
        classes=10,
    )


def _our_epoch(training: Training) -> None:
    optimisation = training.recipe.optimisation
    steps = IMAGES // optimisation.batch_size
    train_one_epoch(training, Position(), steps, rates_at(optimisation, 0))


def _bare_loop(
    device: torch.device, memory_format: torch.memory_format, *, loader: bool = False
) -> Epoch:
    network, optimizer = _network(device, memory_format)
    size = find_recipe(RECIPE).optimisation.batch_size
    images = torch.randn(IMAGES, 3, 32, 32, device=device)
    images = images.to(memory_format=memory_format)
    labels = torch.randint(0, 10, (IMAGES,), device=device)
    batches = list(zip(images.split(size), labels.split(size), strict=True))
    if loader:
        batches = DataLoader(TensorDataset(images, labels), size, shuffle=True)

    def epoch() -> None:
        network.train()
        for x, y in batches:
            loss = F.cross_entropy(network(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

    return epoch
