"""A linear probe: how well a softmax on given vectors tells the classes.

The probe is a multinomial logistic regression on standardised vectors, fitted by
full-batch L-BFGS. It is put on the network's features, on pixels, on the features of an
untrained network and on HOG: the rows of probe.csv.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from skimage.feature import hog
from torch import Tensor

from repro.data.batches import Split
from repro.data.fixed_images import PROBED, fixed_images
from repro.data.views import centre_views
from repro.export.features import features
from repro.trained.classifier import Classifier, in_sequence

L2 = (10.0, 1.0, 0.1, 0.01, 0.001, 0.0001)  # each fit starts from the one before
HELD_OUT = 0.2  # of the training vectors, to choose the L2
ITERATIONS = 100  # at most, for each L2

Weights = tuple[Tensor, Tensor]

PROTOCOL = (
    "softmax regression on standardised vectors by L-BFGS; L2 of "
    f"{', '.join(f'{value:g}' for value in L2)} chosen on {100 * HELD_OUT:.0f} % of "
    "the training images, then fitted to all of them"
)

AT_MOST = 10_000  # images of a split
MOST = 50_000  # training images of the last row
PIXEL_SIDE = 32
CELLS, BLOCK, ORIENTATIONS = 7, 2, 9  # of HOG: a side in cells, a block in cells
HOG = (
    f"HOG: {ORIENTATIONS} orientations, {CELLS} x {CELLS} cells, blocks of {BLOCK} x "
    f"{BLOCK} cells"
)

Vectors = Callable[[str, np.ndarray], Tensor]


def probe_rows(
    untrained: Classifier,
    splits: dict[str, Split],
    matrices: dict[str, np.ndarray],
    *,
    classes: int,
    device: torch.device,
) -> list[dict[str, Any]]:
    """Rows of probe.csv: the same images, the same probe, four kinds of vectors.

    `matrices` are the trained network's features, row by row of train and test. Where
    there are more training images a last row is of HOG on up to MOST of them.
    """

    def of_features(split: str, positions: np.ndarray) -> Tensor:
        return torch.from_numpy(matrices[split][positions]).to(device).float()

    def of_untrained(split: str, positions: np.ndarray) -> Tensor:
        found = features(untrained, splits[split], device, positions)
        return torch.cat([batch.clone() for batch in found])  # none of inference mode

    def of_pixels(split: str, positions: np.ndarray) -> Tensor:
        return pixels(untrained, splits[split], positions, device)

    seen = {
        split: fixed_images(len(splits[split]), PROBED, at_most)
        for split, at_most in (("train", MOST), ("test", AT_MOST))
    }
    labels = {
        split: labels_of(splits[split], positions).to(device)
        for split, positions in seen.items()
    }
    gradients = {
        split: histograms(untrained, splits[split], positions, device)
        for split, positions in seen.items()
    }

    def of_gradients(split: str, positions: np.ndarray) -> Tensor:
        return gradients[split][: len(positions)]  # the first of those seen

    kinds: dict[str, tuple[Vectors, int]] = {
        "features": (of_features, AT_MOST),
        "pixels": (of_pixels, AT_MOST),
        "untrained features": (of_untrained, AT_MOST),
        "HOG": (of_gradients, AT_MOST),
    }
    if len(seen["train"]) > AT_MOST:
        kinds["HOG, more images"] = (of_gradients, MOST)
    rows = []
    for kind, (vectors, at_most) in kinds.items():
        train = vectors("train", seen["train"][:at_most]), labels["train"][:at_most]
        test = vectors("test", seen["test"]), labels["test"]
        row = {"vectors": kind, **probe(train, test, classes)}
        if vectors is of_gradients:
            row["protocol"] += f"; {HOG}"
        rows.append(row)
    return rows


def labels_of(split: Split, positions: np.ndarray) -> Tensor:
    """(N,) without reading the images."""
    rows = torch.from_numpy(split.indices[positions])
    return torch.as_tensor(split.labels)[rows]


def pixels(
    classifier: Classifier, split: Split, positions: np.ndarray, device: torch.device
) -> Tensor:
    """(N, D): the centre views, averaged down to at most 32 pixels a side, flat."""
    found = []
    for images, _ in in_sequence(split, device, positions):
        seen = classifier.centre(images)
        if seen.shape[2] > PIXEL_SIDE:
            seen = F.adaptive_avg_pool2d(seen, PIXEL_SIDE)
        found.append(seen.flatten(1))
    return torch.cat(found)


def histograms(
    classifier: Classifier, split: Split, positions: np.ndarray, device: torch.device
) -> Tensor:
    """(N, D): histograms of oriented gradients of the centre views (Dalal, Triggs 2005).

    Of the channel that changes most. What CELLS equal cells leave over at the far edges
    is not looked at.
    """
    found = []
    for images, _ in in_sequence(split, device, positions):
        views = centre_views(images, classifier.augmentation).cpu().numpy()
        cell = views.shape[1] // CELLS
        for view in views[:, : CELLS * cell, : CELLS * cell]:
            vector = hog(
                view,
                orientations=ORIENTATIONS,
                pixels_per_cell=(cell, cell),
                cells_per_block=(BLOCK, BLOCK),
                channel_axis=-1,
            )
            found.append(vector.astype(np.float32))
    return torch.from_numpy(np.stack(found)).to(device)


def probe(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], classes: int
) -> dict[str, Any]:
    """Errors on `test` of a probe fitted to `train`, each (N, D) vectors and (N,) labels.

    The last fifth of `train` chooses the L2; of equal errors the larger L2 wins.
    """
    vectors, labels = train
    fitted = len(labels) - max(1, round(HELD_OUT * len(labels)))
    mean, std = _standard(vectors[:fitted])
    scaled = (vectors - mean) / std
    tried = _path(scaled[:fitted], labels[:fitted], classes)
    errors = [error(each, scaled[fitted:], labels[fitted:]) for each in tried]
    best = errors.index(min(errors))
    mean, std = _standard(vectors)
    weights = fit((vectors - mean) / std, labels, L2[best], tried[best])
    return {
        "top1_error": error(weights, (test[0] - mean) / std, test[1]),
        "n": len(test[1]),
        "train_images": len(labels),
        "dimensions": vectors.shape[1],
        "l2": L2[best],
        "protocol": PROTOCOL,
    }


def _path(vectors: Tensor, labels: Tensor, classes: int) -> list[Weights]:
    """The fits to `vectors`, from the largest L2 to the smallest."""
    start = (vectors.new_zeros(classes, vectors.shape[1]), vectors.new_zeros(classes))
    fits: list[Weights] = []
    for l2 in L2:
        fits.append(fit(vectors, labels, l2, fits[-1] if fits else start))
    return fits


def fit(vectors: Tensor, labels: Tensor, l2: float, start: Weights) -> Weights:
    """Minimise mean cross-entropy + l2 / 2 * |weight|^2; biases are free.

    Weights are (classes, D), biases (classes,).
    """
    weight, bias = (part.clone().requires_grad_() for part in start)
    optimizer = torch.optim.LBFGS(
        [weight, bias],
        max_iter=ITERATIONS,
        tolerance_grad=1e-5,
        history_size=10,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(F.linear(vectors, weight, bias), labels)
        loss = loss + l2 / 2 * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weight.detach(), bias.detach()


def error(weights: Weights, vectors: Tensor, labels: Tensor) -> float:
    """Share of labels that are not the most probable class."""
    predicted = F.linear(vectors, *weights).argmax(1)
    return (predicted != labels).double().mean().item()


def _standard(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each dimension; 1 where it never changes."""
    std = vectors.std(0, correction=0)
    return vectors.mean(0), torch.where(std > 0, std, torch.ones_like(std))
