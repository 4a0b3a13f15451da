"""The files that `repro export` writes, each by a step of its own.

A step reads what is in its Subject and what earlier steps have written.
"""

import copy
from collections.abc import Callable

import numpy as np

from repro.data.fixed_images import DIAGNOSED, QUERIES, fixed_images
from repro.export import errors
from repro.export import neighbors as retrieval
from repro.export.code_search import code_rows
from repro.export.diagnostics import IMAGES, diagnose
from repro.export.disturbed import disturbed_rows
from repro.export.dropout import dropout_rows
from repro.export.examples import examples
from repro.export.features import save_features
from repro.export.probed_vectors import probe_rows
from repro.export.removed_units import removed_row
from repro.export.subject import Subject
from repro.networks.layer_table import layer_rows
from repro.recipes.recipe import crop_size
from repro.runs import folder as runs
from repro.runs.files import save_array, save_arrays, save_table
from repro.trained.network import read_state
from repro.training import kernel_snapshots

LARGE = ("features-train.npy", "features-test.npy")  # not committed


def _errors(subject: Subject) -> None:
    """errors.csv, and predictions.npz of the test images in the order of their pack."""
    side = subject.packs["test"].images.shape[1]
    size = crop_size(subject.trained.augmentation, side)
    rows, of_test = [], {}
    for split in [name for name in ("val", "test") if name in subject.splits]:
        for views in errors.VIEWS:
            images = subject.splits[split]
            top = errors.top_five(
                [subject.trained], images, views, subject.device, subject.ranks
            )
            row = errors.error_row(
                top,
                split=split,
                views=views,
                weights=subject.finished.weights,
                networks=1,
                protocol=errors.protocol(views, size, side),
            )
            rows.append(row)
            if split == "test":
                of_test[views] = top
    if not subject.ranks.first:
        return
    arrays = errors.prediction_arrays(of_test, subject.classes)
    save_arrays(subject.folder / "predictions.npz", arrays)
    save_table(subject.folder / "errors.csv", rows)


def _layers(subject: Subject) -> None:
    """layers.csv."""
    side = subject.trained.pixels.mean.shape[0]
    rows = layer_rows(subject.finished.recipe, classes=len(subject.classes), side=side)
    save_table(subject.folder / "layers.csv", rows)


def _kernels(subject: Subject) -> None:
    """kernels.npy, of the exported weights, and kernels-by-epoch.npz, to last.pt's."""
    folder = subject.folder
    save_array(
        folder / "kernels.npy", kernel_snapshots.kernels(subject.trained.network)
    )
    last = copy.deepcopy(subject.trained.network)
    last.load_state_dict(read_state(folder / "last.pt"))
    epochs = runs.read_metrics(folder)["epoch"].tolist()
    initial = subject.untrained.network
    found = kernel_snapshots.by_epoch(folder, initial, last, epochs)
    save_arrays(folder / "kernels-by-epoch.npz", found)


def _features(subject: Subject) -> None:
    """features-train.npy and features-test.npy, rows as in the splits."""
    for split in ("train", "test"):
        save_features(
            subject.folder / f"features-{split}.npy",
            subject.trained,
            subject.splits[split],
            subject.device,
            subject.ranks,
        )


def _neighbors(subject: Subject) -> None:
    """neighbors.npz, nearest first; every index is a row of its pack.

    `query_index`, `query_label` (Q,) of the test set; `features_index`, `_distance` and
    `_label`, `pixels_index`, `_distance` and `_label`, and `features_pixel_rank`
    (Q, k) of the training set, of which `database_size` images were searched.
    """
    spaces = {
        split: {
            "features": retrieval.feature_space(
                _matrix(subject, split), subject.device
            ),
            "pixels": retrieval.pixel_space(subject.splits[split], subject.device),
        }
        for split in ("test", "train")
    }
    test, train = subject.splits["test"], subject.splits["train"]
    queries = fixed_images(len(test), QUERIES, retrieval.QUERIES)
    found = retrieval.neighbors(queries, spaces["test"], spaces["train"])
    labels = subject.packs["train"].labels
    for space in ("features", "pixels"):
        rows = train.indices[found[f"{space}_index"]]
        found[f"{space}_index"] = rows.astype(np.int32)
        found[f"{space}_label"] = labels[rows].astype(np.uint16)
    found["query_index"] = test.indices[queries].astype(np.int32)
    found["query_label"] = subject.packs["test"].labels[queries].astype(np.uint16)
    found["database_size"] = np.array(len(train))
    save_arrays(subject.folder / "neighbors.npz", found)


def _matrix(subject: Subject, split: str) -> np.ndarray:
    return np.load(subject.folder / f"features-{split}.npy", mmap_mode="r")


def _examples(subject: Subject) -> None:
    """examples.npz."""
    with np.load(subject.folder / "neighbors.npz") as neighbors:
        save_arrays(subject.folder / "examples.npz", examples(subject.packs, neighbors))


def _probe(subject: Subject) -> None:
    """probe.csv: on features, pixels, the untrained network's features and HOG."""
    matrices = {split: _matrix(subject, split) for split in ("train", "test")}
    rows = probe_rows(
        subject.untrained,
        subject.splits,
        matrices,
        classes=len(subject.classes),
        device=subject.device,
    )
    save_table(subject.folder / "probe.csv", rows)


def _codes(subject: Subject) -> None:
    """codes.csv: full search, codes of an auto-encoder and of random projections."""
    matrices = {split: _matrix(subject, split) for split in ("train", "test")}
    rows = code_rows(subject.splits, matrices, subject.device)
    save_table(subject.folder / "codes.csv", rows)


def _diagnostics(subject: Subject) -> None:
    """diagnostics.csv: at the initial values and at the end."""
    train = subject.splits["train"]
    chosen = fixed_images(len(train), DIAGNOSED, IMAGES)
    rows = []
    for state in ("untrained", "trained"):
        seen = diagnose(getattr(subject, state), train, chosen, subject.device)
        rows += [{"state": state, **row} for row in seen]
    save_table(subject.folder / "diagnostics.csv", rows)


def _dropout(subject: Subject) -> None:
    """dropout.csv: the test error by what dropout does at test, and without units."""
    about = (subject.trained, subject.splits["test"], subject.device)
    seed = subject.finished.seed
    rows = [*dropout_rows(*about, seed=seed), removed_row(*about, seed=seed)]
    save_table(subject.folder / "dropout.csv", rows)


def _disturbed(subject: Subject) -> None:
    """disturbed.csv: the test error in other light, and of shifted images."""
    covariance = np.array(subject.packs["train"].manifest["rgb_covariance"])
    test = subject.splits["test"]
    rows = disturbed_rows(subject.trained, test, covariance, subject.device)
    save_table(subject.folder / "disturbed.csv", rows)


# What a step writes, and the step; later ones read what earlier ones wrote.
STEPS: dict[tuple[str, ...], Callable[[Subject], None]] = {
    ("errors.csv", "predictions.npz"): _errors,
    ("layers.csv",): _layers,
    ("kernels.npy", "kernels-by-epoch.npz"): _kernels,
    LARGE: _features,
    ("neighbors.npz",): _neighbors,
    ("examples.npz",): _examples,
    ("probe.csv",): _probe,
    ("codes.csv",): _codes,
    ("diagnostics.csv",): _diagnostics,
    ("dropout.csv",): _dropout,
    ("disturbed.csv",): _disturbed,
}

# Shared out among the ranks, as they see most images; the others are rank 0's.
SHARED = (_errors, _features)

# What a comparison of two runs needs, without what takes longest.
COMPARISON_STEPS = {
    names: step
    for names, step in STEPS.items()
    if step in (_errors, _layers, _kernels, _diagnostics, _dropout, _disturbed)
}
