"""The first layer's kernels as training goes: kept after epochs 1 to 8, 16, 32, ...

The first epochs change them most, so that each of those is kept.

Those before training need no file: they follow from recipe and seed.
"""

from pathlib import Path

import numpy as np
from torch import nn

from repro.runs.folder import save_array


def kernels(network: nn.Module) -> np.ndarray:
    """The weights of the first layer, (C, 3, k, k) float32; tower 1 is the first half."""
    first = next(iter(network.state_dict().values()))
    return first.float().cpu().contiguous().numpy().copy()


def keep(run: Path, network: nn.Module, epoch: int) -> None:
    """Write kernels-epoch-<epoch>.npy after epochs 1 to 8 and powers of two."""
    if epoch <= 8 or epoch & (epoch - 1) == 0:
        save_array(run / f"kernels-epoch-{epoch}.npy", kernels(network))


def by_epoch(
    run: Path, initial: nn.Sequential, last: nn.Sequential, trained: list[int]
) -> dict[str, np.ndarray]:
    """`epochs` (E,) and `kernels` (E, C, 3, k, k): epoch 0, those kept, the last one.

    `trained` are the epochs of metrics.csv; without any the weights are from elsewhere
    and only they are there, as epoch -1.
    """
    if not trained:
        return {"epochs": np.array([-1]), "kernels": kernels(last)[None]}
    found = {0: kernels(initial)}
    for epoch in trained:
        path = run / f"kernels-epoch-{epoch}.npy"
        if path.exists():
            found[epoch] = np.load(path)
    found[trained[-1]] = kernels(last)
    order = sorted(found)
    return {
        "epochs": np.array(order),
        "kernels": np.stack([found[epoch] for epoch in order]),
    }
