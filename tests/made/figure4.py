"""Exported runs for Figure 4, small enough to count by hand."""

from pathlib import Path

import numpy as np
import pandas as pd

from tests.made.runs import CURVE_TO_5, write_run

NAMES = ("ant, emmet", "bat", "cat", "dog", "eel", "fox")
IMAGES = 10  # of the test split, image i of class i mod 6
QUERIES = (3, 1, 2, 0, 4)  # rows of the test split, of classes 0 to 4
SAME = (6, 3, 2, 1, 0)  # of the six in features, the first so many of each query
SAME_PIXELS = (1, 0, 0, 0, 0)
RANKS = (5, 3, 3, 6, 100, 100)  # in pixels, of 500: the first three are near
DATABASE = 500
PROBE = {"features": 0.2, "pixels": 0.6, "untrained features": 0.5}


def write_exported(
    reports: Path, *, seed: int = 0, without: str = "", **changes
) -> Path:
    """One exported run; `changes` replace arrays of the files, or go to `write_run`."""
    files = {
        "predictions.npz": predictions(),
        "neighbors.npz": neighbors(),
        "examples.npz": examples(),
    }
    for arrays in files.values():
        arrays |= {name: changes.pop(name) for name in arrays if name in changes}
    probe = PROBE | changes.pop("probe", {})
    manifest = {"splits": {"train": 450, "val": 50}} | changes
    curve = manifest.pop("curve", CURVE_TO_5)
    run = write_run(reports, curve, condition="released-145", seed=seed, **manifest)
    for name, arrays in files.items():
        np.savez(run / name, **arrays)
    errors(files["predictions.npz"]).to_csv(run / "errors.csv", index=False)
    probe_rows(probe).to_csv(run / "probe.csv", index=False)
    if without:
        (run / without).unlink()
    return run


def predictions() -> dict[str, np.ndarray]:
    """Image i has its true label at rank i mod 6, from 0; 5 is not among the five."""
    labels = np.arange(IMAGES) % 6
    classes = np.empty((IMAGES, 5), np.uint16)
    for image, label in enumerate(labels):
        ordered = [other for other in range(6) if other != label]
        ordered.insert(image % 6, label)
        classes[image] = ordered[:5]
    shares = np.tile(np.float16([0.5, 0.25, 0.125, 0.0625, 0.001]), (IMAGES, 1))
    views = {
        f"{name}_{views}": values
        for views in (1, 10)
        for name, values in (("classes", classes), ("probabilities", shares))
    }
    names = {"class_names": np.array(NAMES), "labels": labels.astype(np.uint16)}
    return names | views


def errors(arrays: dict[str, np.ndarray]) -> pd.DataFrame:
    """What the predictions say, for the test split; the validation split is made up."""
    right = arrays["classes_10"] == arrays["labels"][:, None]
    row = {
        "split": "test",
        "top1_error": 1 - right[:, 0].mean(),
        "top5_error": 1 - right.any(1).mean(),
        "n": len(right),
        "weights": "best.pt",
        "networks": 1,
        "protocol": "softmax of a made-up view",
    }
    other = row | {"split": "val", "top1_error": 0.001, "n": 50}
    return pd.DataFrame([each | {"views": v} for each in (other, row) for v in (1, 10)])


def neighbors() -> dict[str, np.ndarray]:
    """Distances in features grow with the rank, and within a rank with the query."""
    labels = np.arange(5)
    rank = np.arange(6)
    same = rank < np.array(SAME)[:, None]
    same_pixels = rank < np.array(SAME_PIXELS)[:, None]
    other = (labels + 1)[:, None]
    distance = (5.0 * rank + labels[:, None]).astype(np.float32)
    index = 6 * labels[:, None] + rank
    return {
        "query_index": np.array(QUERIES, np.int32),
        "query_label": labels.astype(np.uint16),
        "features_index": index.astype(np.int32),
        "features_distance": distance,
        "features_label": np.where(same, labels[:, None], other).astype(np.uint16),
        "pixels_index": (100 + index).astype(np.int32),
        "pixels_distance": 100 * distance,
        "pixels_label": np.where(same_pixels, labels[:, None], other).astype(np.uint16),
        "features_pixel_rank": np.tile(np.int32(RANKS), (5, 1)),
        "database_size": np.array(DATABASE),
    }


def examples() -> dict[str, np.ndarray]:
    """Test images 0 to 7 and all neighbours, each of one colour."""
    found = neighbors()
    wanted = [("test", row, row % 6) for row in range(8)]
    for space in ("features", "pixels"):
        pairs = zip(
            found[f"{space}_index"].ravel(),
            found[f"{space}_label"].ravel(),
            strict=True,
        )
        wanted += [("train", row, label) for row, label in pairs]
    split, index, label = zip(*wanted, strict=True)
    shade = np.arange(len(wanted), dtype=np.uint8)
    return {
        "images": np.broadcast_to(shade[:, None, None, None], (len(shade), 4, 4, 3)),
        "split": np.array(split),
        "index": np.array(index, np.int32),
        "label": np.array(label, np.uint16),
        "class_name": np.array([NAMES[each] for each in label]),
        "shown_index": np.arange(8, dtype=np.int32),
        "source": np.array("made up"),
    }


def probe_rows(errors: dict[str, float]) -> pd.DataFrame:
    """probe.csv with these errors."""
    row = {
        "n": 100,
        "train_images": 300,
        "dimensions": 4096,
        "l2": 0.1,
        "protocol": "softmax regression",
    }
    return pd.DataFrame(
        [{"vectors": name, "top1_error": error} | row for name, error in errors.items()]
    )
