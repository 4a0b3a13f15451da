"""Run folders with made-up first-layer kernels, in the form that export writes."""

from pathlib import Path

import numpy as np

from repro.runs import folder
from tests.made.runs import CURVE_TO_5, write_run

SIDE = 5
EPOCHS = (0, 1, 2)
NETWORKS = {
    "released-145": {"towers": 2, "joined": ["conv3", "fc6", "fc7", "fc8"]},
    "R-dense": {"towers": 2, "joined": ["conv2", "conv3", "fc6", "fc7", "fc8"]},
    "R-nocomm": {"towers": 2, "joined": ["fc8"]},
    "R-half": {"towers": 1, "joined": []},
}


def grating(side: int, cycles: float, angle: float = 0.0) -> np.ndarray:
    """A grey plane wave (3, side, side) of so many cycles across, under a bell."""
    down, across = np.mgrid[:side, :side] - (side - 1) / 2
    phase = across * np.cos(angle) + down * np.sin(angle)
    wave = np.cos(2 * np.pi * cycles / side * phase) * bell(side)
    return np.tile(wave, (3, 1, 1))


def bell(side: int) -> np.ndarray:
    """A round bump (side, side)."""
    down, across = np.mgrid[:side, :side] - (side - 1) / 2
    return np.exp(-(down**2 + across**2) / (side / 2) ** 2)


def blob(side: int, colour=(1.0, -1.0, 0.0)) -> np.ndarray:
    """A round bump of one colour (3, side, side)."""
    return np.asarray(colour)[:, None, None] * bell(side)


def noise(count: int, seed: int = 0, side: int = SIDE) -> np.ndarray:
    """Initial values (count, 3, side, side)."""
    return np.random.default_rng(seed).normal(0, 0.01, (count, 3, side, side))


def specialised(count: int = 12, *, swapped: bool = False) -> np.ndarray:
    """One half grey gratings, the other colour blobs; gratings first unless swapped."""
    angles = np.linspace(0, np.pi, count // 2, endpoint=False)
    grey = [grating(SIDE, 1.5, angle) for angle in angles]
    colour = [blob(SIDE)] * (count // 2)
    return np.array(colour + grey if swapped else grey + colour)


def mixed(count: int = 12) -> np.ndarray:
    """Gratings and blobs by turns: both halves alike."""
    return specialised(count)[np.arange(count).reshape(2, -1).T.ravel()]


def write_kernels(
    reports: Path,
    kernels: np.ndarray,
    *,
    recipe: str = "released-145",
    setting: str = "",
    seed: int = 0,
    exported: bool = True,
    **changes,
) -> Path:
    """Write one run that goes from noise to `kernels` (C, 3, k, k) in two epochs."""
    profile = {"name": "tiny-imagenet"} | changes.pop("profile", {})
    name = f"{recipe}+{setting}" if setting else recipe
    manifest = {
        "splits": {"train": 1234, "val": 50},
        "export": {"weights": "best.pt"},
        "data": {"dataset": "tiny", "split": "train", "sha256": {"images": "47af"}},
    }
    manifest |= changes
    made = write_run(
        reports, CURVE_TO_5, condition=name, seed=seed, profile=profile, **manifest
    )
    run = made.parents[1] / name / made.name
    run.parent.mkdir(exist_ok=True)
    made.rename(run)
    record = folder.read_json(run / "recipe.json") | {"name": name}
    record["recipe"]["network"] = NETWORKS[recipe]
    folder.write_json(run / "recipe.json", record)
    if exported:
        write_files(run, kernels, seed)
    return run


def write_files(run: Path, kernels: np.ndarray, seed: int = 0) -> None:
    """kernels.npy and kernels-by-epoch.npz."""
    start = noise(len(kernels), seed, kernels.shape[-1])
    steps = [start, (start + kernels) / 2, kernels]
    np.save(run / "kernels.npy", kernels.astype(np.float32))
    stacked = np.stack(steps).astype(np.float32)
    np.savez(run / "kernels-by-epoch.npz", epochs=np.array(EPOCHS), kernels=stacked)


def write_comparison(reports: Path) -> None:
    """Towers that specialise in three runs, and one without them that does not."""
    for seed in range(3):
        write_kernels(reports, specialised(swapped=seed == 2), seed=seed)
    write_kernels(reports, mixed(), recipe="R-dense")
