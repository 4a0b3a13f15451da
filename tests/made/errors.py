"""Run folders with made-up mistakes, in the form that training and export write."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from repro.runs import folder as runs

CLASSES = 10
AUGMENTED = {"crop": "random", "flip": True, "colour_noise": "alike"}
EXPORTED = ["errors.csv", "predictions.npz"]


def write_exported(
    reports: Path,
    name: str = "released-145",
    seed: int = 0,
    *,
    wrong: Mapping[tuple[int, int], Iterable[int]],
    images: int = 20,
    metrics: Iterable[tuple[float, float, float]] = ((2.0, 0.8, 0.9), (1.0, 0.5, 0.7)),
    profile: str = "tiny-imagenet",
    dataset: str = "tiny-imagenet",
    epochs: int = 2,
    classes: int = CLASSES,
    **changes,
) -> Path:
    """Write one complete run.

    `wrong` lists by (views, top) the test images it gets wrong, those of top 5 among
    those of top 1; of twice as many held-out images as many are wrong. `metrics` are
    training loss, training error, validation error by epoch from 0 on.
    """
    folder = runs.run_folder(reports, profile, name, seed)
    record = {
        "name": name,
        "recipe": {"optimisation": {"epochs": epochs}, "augmentation": AUGMENTED},
        "profile": {"name": profile, "dataset": dataset, "note": ""},
        "seed": seed,
    }
    record["profile"] |= changes.pop("record", {})
    runs.write_json(folder / "recipe.json", record)
    runs.write_json(folder / "manifest.json", _manifest(dataset, seed) | changes)
    write_answers(folder, wrong, images=images, classes=classes)
    runs.write_metrics(
        folder,
        [
            {
                "epoch": epoch,
                "step": 10 * epoch,
                "train_loss": loss,
                "train_top1_error": train,
                "val_top1_error": val,
            }
            for epoch, (loss, train, val) in enumerate(metrics)
        ],
    )
    return folder


def _manifest(dataset: str, seed: int) -> dict:
    return {
        "status": "complete",
        "stop": "all epochs done",
        "commit": "0123456789abcdef",
        "dirty": False,
        "command": "repro train --profile tiny-imagenet --recipe released-145",
        "versions": {"python": "3.12.1"},
        "hardware": {"device": "cpu"},
        "precision": "float32",
        "data": {
            "dataset": dataset,
            "split": "train",
            "sha256": {"images": "47af8b02", "labels": "5e7a"},
        },
        "splits": {"train": 80, "val": 20},
        "protocol": "centre view, no augmentation",
        "started": f"2026-01-01T00:00:0{seed}+00:00",
        "ended": "2026-01-01T01:00:00+00:00",
        "export": {
            "weights": "best.pt",
            "test_sha256": {"images": "ce55", "labels": "f32b"},
            "files": EXPORTED,
        },
    }


def write_answers(
    folder: Path,
    wrong: Mapping[tuple[int, int], Iterable[int]],
    *,
    images: int = 20,
    classes: int = CLASSES,
) -> None:
    """errors.csv and predictions.npz with exactly these mistakes."""
    labels = np.arange(images) % classes
    arrays = {
        "labels": labels.astype(np.uint16),
        "class_names": np.array([f"class {number}" for number in range(classes)]),
    }
    rows = []
    for views in (1, 10):
        mistakes = {top: set(wrong[views, top]) for top in (1, 5)}
        assert mistakes[5] <= mistakes[1]
        answers = [
            _answers(label, classes, i in mistakes[1], i in mistakes[5])
            for i, label in enumerate(labels)
        ]
        arrays[f"classes_{views}"] = np.array(answers, np.uint16)
        shares = np.linspace(0.5, 0.1, 5, dtype=np.float16)
        arrays[f"probabilities_{views}"] = np.tile(shares, (images, 1))
        counts = {top: len(found) for top, found in mistakes.items()}
        for split, n in (("val", 2 * images), ("test", images)):
            errors = {f"top{top}_error": count / n for top, count in counts.items()}
            row = {"split": split, "views": views, **errors, "n": n}
            rows.append(row | {"weights": "best.pt", "networks": 1, "protocol": "p"})
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "predictions.npz", **arrays)
    pd.DataFrame(rows).to_csv(folder / "errors.csv", index=False)


def _answers(label: int, classes: int, wrong: bool, missed: bool) -> list[int]:
    """Five classes: the label first, second, or not among them."""
    others = [(label + step) % classes for step in range(1, 6)]
    if missed:
        return others
    return [others[0], label, *others[1:4]] if wrong else [label, *others[:4]]


def mistakes(one: int, ten: int, one5: int = 0, ten5: int = 0) -> dict:
    """The first so many images wrong: with one view, with ten, and their top 5."""
    counts = {(1, 1): one, (10, 1): ten, (1, 5): one5, (10, 5): ten5}
    return {key: range(count) for key, count in counts.items()}


def write_ensemble(
    reports: Path,
    members: list[str],
    *,
    name: str = "five",
    profile: str = "tiny-imagenet",
    **answers,
) -> Path:
    """Write the average of some runs of a profile."""
    folder = reports / profile / "ensembles" / name
    write_answers(folder, **answers)
    runs.write_json(folder / "manifest.json", {"members": members})
    return folder
