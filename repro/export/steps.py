"""The steps of `repro export`: each writes some of the files of repro.runs.exported.

A step reads what is in its Subject and what earlier steps have written.
"""

import copy
from collections.abc import Callable

import numpy as np

from repro.data.fixed_images import DIAGNOSED, fixed_images
from repro.export.codes import code_rows
from repro.export.diagnostics import IMAGES, diagnose
from repro.export.disturbed import disturbed_rows
from repro.export.dropout import dropout_rows, removed_row
from repro.export.errors import VIEWS, protocol_of, save_errors, top_five
from repro.export.examples import examples
from repro.export.features import save_features
from repro.export.neighbors import (
    feature_space,
    neighbors,
    pixel_space,
    query_positions,
)
from repro.export.probe import probe_rows
from repro.export.subject import Subject
from repro.networks.counts import layer_rows
from repro.recipes.recipe import crop_size
from repro.runs import exported
from repro.runs.folder import read_metrics, save_array, save_arrays, save_table
from repro.trained.run import read_state
from repro.training import kernel_snapshots

Step = Callable[[Subject], None]


def _errors(subject: Subject) -> None:
    """The errors of validation and test images, and the predictions for the latter."""
    found = {
        (split, views): top_five(
            [subject.trained],
            subject.splits[split],
            views,
            subject.device,
            subject.ranks,
        )
        for split in ("val", "test")
        if split in subject.splits
        for views in VIEWS
    }
    if not subject.ranks.first:
        return
    side = subject.packs["test"].images.shape[1]
    size = crop_size(subject.trained.augmentation, side)
    save_errors(
        subject.folder,
        found,
        subject.classes,
        weights=subject.finished.weights,
        networks=1,
        protocol=lambda views: protocol_of(views, size, side),
    )


def _layers(subject: Subject) -> None:
    """Every layer of the network, with its counts."""
    side = subject.trained.pixels.mean.shape[0]
    rows = layer_rows(subject.finished.recipe, classes=len(subject.classes), side=side)
    save_table(subject.folder / exported.LAYERS, rows)


def _kernels(subject: Subject) -> None:
    """The kernels of the exported weights, and those of every epoch up to last.pt's."""
    folder = subject.folder
    kernels = kernel_snapshots.kernels(subject.trained.network)
    save_array(folder / exported.KERNELS, kernels)
    last = copy.deepcopy(subject.trained.network)
    last.load_state_dict(read_state(folder / "last.pt"))
    epochs = read_metrics(folder)["epoch"].tolist()
    initial = subject.untrained.network
    found = kernel_snapshots.by_epoch(folder, initial, last, epochs)
    save_arrays(folder / exported.KERNELS_BY_EPOCH, found)


def _features(subject: Subject) -> None:
    """Features of training and test images, rows as in the splits."""
    for split, name in exported.FEATURES.items():
        save_features(
            subject.folder / name,
            subject.trained,
            subject.splits[split],
            subject.device,
            subject.ranks,
        )


def _neighbors(subject: Subject) -> None:
    """The nearest neighbours, nearest first; every index is a row of its pack.

    `query_index`, `query_label` (Q,) of the test set; `features_index`, `_distance` and
    `_label`, `pixels_index`, `_distance` and `_label`, and `features_pixel_rank`
    (Q, k) of the training set, of which `database_size` images were searched.
    """
    device, matrices = subject.device, _matrices(subject)
    spaces = {
        split: {
            "features": feature_space(matrix, device),
            "pixels": pixel_space(subject.splits[split], device),
        }
        for split, matrix in matrices.items()
    }
    test, train = subject.splits["test"], subject.splits["train"]
    queries = query_positions(test)
    found = neighbors(queries, spaces["test"], spaces["train"])
    labels = subject.packs["train"].labels
    for space in ("features", "pixels"):
        rows = train.indices[found[f"{space}_index"]]
        found[f"{space}_index"] = rows.astype(np.int32)
        found[f"{space}_label"] = labels[rows].astype(np.uint16)
    found["query_index"] = test.indices[queries].astype(np.int32)
    found["query_label"] = subject.packs["test"].labels[queries].astype(np.uint16)
    found["database_size"] = np.array(len(train))
    save_arrays(subject.folder / exported.NEIGHBORS, found)


def _matrices(subject: Subject) -> dict[str, np.ndarray]:
    """The features of training and test images, (N, D) each, as memory maps."""
    return {
        split: np.load(subject.folder / name, mmap_mode="r")
        for split, name in exported.FEATURES.items()
    }


def _examples(subject: Subject) -> None:
    """The images that figures show."""
    with np.load(subject.folder / exported.NEIGHBORS) as found:
        shown = examples(subject.packs, found)
    save_arrays(subject.folder / exported.EXAMPLES, shown)


def _probe(subject: Subject) -> None:
    """The linear probe on features, pixels, the untrained network's features and HOG."""
    rows = probe_rows(
        subject.untrained,
        subject.splits,
        _matrices(subject),
        classes=len(subject.classes),
        device=subject.device,
    )
    save_table(subject.folder / exported.PROBE, rows)


def _codes(subject: Subject) -> None:
    """Full search, and codes of an auto-encoder and of random projections."""
    rows = code_rows(subject.splits, _matrices(subject), subject.device)
    save_table(subject.folder / exported.CODES, rows)


def _diagnostics(subject: Subject) -> None:
    """Units and gradients of every layer, at the initial values and at the end."""
    train = subject.splits["train"]
    chosen = fixed_images(len(train), DIAGNOSED, IMAGES)
    rows = []
    for state in ("untrained", "trained"):
        seen = diagnose(getattr(subject, state), train, chosen, subject.device)
        rows += [{"state": state, **row} for row in seen]
    save_table(subject.folder / exported.DIAGNOSTICS, rows)


def _dropout(subject: Subject) -> None:
    """The test error by what dropout does at test, and without units."""
    about = (subject.trained, subject.splits["test"], subject.device)
    seed = subject.finished.seed
    rows = [*dropout_rows(*about, seed=seed), removed_row(*about, seed=seed)]
    save_table(subject.folder / exported.DROPOUT, rows)


def _disturbed(subject: Subject) -> None:
    """The test error in other light, and of shifted images."""
    covariance = np.array(subject.packs["train"].manifest["rgb_covariance"])
    test = subject.splits["test"]
    rows = disturbed_rows(subject.trained, test, covariance, subject.device)
    save_table(subject.folder / exported.DISTURBED, rows)


# What a step writes, and the step; later ones read what earlier ones wrote.
STEPS: dict[tuple[str, ...], Step] = {
    (exported.ERRORS, exported.PREDICTIONS): _errors,
    (exported.LAYERS,): _layers,
    (exported.KERNELS, exported.KERNELS_BY_EPOCH): _kernels,
    exported.LARGE: _features,
    (exported.NEIGHBORS,): _neighbors,
    (exported.EXAMPLES,): _examples,
    (exported.PROBE,): _probe,
    (exported.CODES,): _codes,
    (exported.DIAGNOSTICS,): _diagnostics,
    (exported.DROPOUT,): _dropout,
    (exported.DISTURBED,): _disturbed,
}

# Shared out among the ranks, as they see most images; the others are rank 0's.
SHARED = (_errors, _features)
