"""Run folders of R0, of what it is compared with and of the plateau, with made-up rows."""

from pathlib import Path

import pandas as pd

from repro.runs import folder

SPLITS = {"train": 45_000, "val": 2_500}
PLAN = {
    "input_scales": [1.0, 0.1],
    "middle_stds": [0.01, 0.03],
    "positive_biases": [0.0, 1.0],
    "seeds": 2,
}
PROFILE = {"name": "tiny-imagenet", "side": 64, "classes": 0, "note": ""}
PROFILE |= {"dataset": "tiny-imagenet", "plateau": PLAN}
HARDWARE = {"device": "cpu", "processor": "an example", "threads": 2}


def recipe() -> dict:
    """R0's fields, those that the topic reads."""
    return {
        "network": {
            "layout": "2012",
            "activation": "relu",
            "width": 1.0,
            "stem_kernel": 11,
            "dropout": 0.5,
            "dropout_kind": "mask",
        },
        "normalisation": {"normaliser": "cross-map"},
        "initial_values": {
            "scheme": "gaussian",
            "stem_std": 0.01,
            "std": 0.01,
            "middle_std": 0.03,
            "hidden_std": 0.01,
            "output_std": 0.01,
            "positive_bias": 1.0,
            "biased": ["conv2", "conv4", "conv5", "fc6", "fc7"],
        },
        "optimisation": {
            "learning_rate": 0.01,
            "bias_rate_factor": 2.0,
            "momentum": 0.9,
            "weight_decay": 0.0005,
            "hidden_weight_decay": 0.0005,
            "output_weight_decay": 0.0005,
            "batch_size": 128,
            "epochs": 4,
            "schedule": "fixed",
            "drop_epochs": [1, 2, 3],
            "late_epochs": [2, 3],
            "late_rate": 1e-05,
        },
        "augmentation": {
            "crop": "random",
            "crop_share": 0.875,
            "pixels": "centred",
            "flip": True,
            "input_scale": 1.0,
            "colour_noise": "released",
        },
    }


def changed(record: dict, changes: dict) -> dict:
    """`record` with fields replaced, each in the part that has it."""
    parts = {part: dict(fields) for part, fields in record.items()}
    for field, value in changes.items():
        (owner,) = [part for part in parts.values() if field in part]
        owner[field] = value
    return parts


def write(reports: Path, name: str, seed: int, rows: list, *, fields=None, **changes):
    """One run folder; `fields` are changed in R0's recipe, `changes` in the manifest."""
    profile = PROFILE | changes.pop("profile", {})
    run = folder.run_folder(reports, profile["name"], name, seed)
    record = {"name": name, "seed": seed, "profile": profile}
    record["recipe"] = changed(recipe(), fields or {})
    manifest = {
        "status": "complete",
        "stop": "all epochs done",
        "commit": "0123456789abcdef",
        "dirty": False,
        "command": "repro reproduce --profile tiny-imagenet",
        "versions": {"python": "3.12.1", "torch": "2.11.0"},
        "hardware": HARDWARE,
        "precision": "float32",
        "data": {
            "dataset": profile["dataset"],
            "split": "train",
            "sha256": {"images": "47af8b02", "labels": "5e7a"},
        },
        "splits": SPLITS,
        "protocol": "centre view, no augmentation",
        "started": f"2026-01-01T00:00:0{seed}+00:00",
        "ended": "2026-01-01T01:00:00+00:00",
    }
    folder.write_json(run / "recipe.json", record)
    folder.write_json(run / "manifest.json", manifest | changes)
    folder.write_metrics(run, rows)
    return run


def rows(train, val, *, losses=None, rates=None, speeds=None, steps=100) -> list:
    """metrics.csv from top-1 errors by epoch, from before training on."""
    last = len(train) - 1
    rates = rates or [0.01] * len(train)
    speeds = speeds or [None] + [100.0] * last
    losses = losses or [5 * error for error in train]
    return [
        {
            "epoch": epoch,
            "step": steps * epoch,
            "lr": rates[epoch],
            "running_loss": losses[epoch] if epoch else None,
            "train_loss": losses[epoch],
            "train_top1_error": train[epoch],
            "train_top5_error": train[epoch] / 2,
            "val_loss": 5 * val[epoch] if val else None,
            "val_top1_error": val[epoch] if val else None,
            "val_top5_error": val[epoch] / 2 if val else None,
            "seconds": 45_000 / speeds[epoch] if speeds[epoch] else None,
            "images_per_second": speeds[epoch],
            "data_wait_fraction": 0.01 if speeds[epoch] else None,
        }
        for epoch in range(len(train))
    ]


TRAIN = (1.0, 0.8, 0.6, 0.4, 0.3)
VAL = (1.0, 0.8, 0.7, 0.6, 0.65)
RATES = [0.01, 0.01, 0.001, 0.0001, 0.00001]


def write_training(reports: Path, name="released-145", seed=0, **changes) -> Path:
    """R0: four epochs, a drop after each of the first three, best after the third."""
    found = {key: changes.pop(key) for key in ("train", "val") if key in changes}
    curve = {"train": TRAIN, "val": VAL} | found
    timed = {key: changes.pop(key) for key in ("speeds", "losses") if key in changes}
    rates = changes.pop("rates", RATES)
    measured = rows(**curve, rates=rates, **timed)
    return write(reports, name, seed, measured, **changes)


def write_start(reports: Path, seed=0, *, signal, left=None, **changes) -> Path:
    """A run of the grid of 3 epochs of 10 steps; `left` is the epoch that showed it."""
    axes = {"input_scale": 1.0, "middle_std": 0.03, "positive_bias": 1.0}
    axes |= {key: changes.pop(key) for key in axes if key in changes}
    shown = "+".join(f"{field}={value:g}" for field, value in sorted(axes.items()))
    last = left or 3
    losses = [4.6] * last + [4.5 if left else 4.6]
    errors = [0.99] * (last + 1)
    found = {"preflight": signal, "splits": {"train": 1_280, "val": 2_500}}
    found |= {"stop": "left ln(100)"} if left else {}
    extra = changes.pop("extra", "")
    name = f"plateau+{shown}{extra}"
    measured = rows(errors, errors, losses=losses, steps=10)
    fields = axes | {"schedule": "constant", "epochs": 3, "late_epochs": []}
    return write(reports, name, seed, measured, fields=fields, **(found | changes))


def write_diagnostics(run: Path, *, gradients=(1.0, 2.0), zeros=(0.5, 0.6)) -> None:
    """diagnostics.csv of two layers; conv1's gradient norm untrained and trained."""
    table = []
    for state, norm, zero in zip(
        ("untrained", "trained"), gradients, zeros, strict=True
    ):
        table += [
            {
                "state": state,
                "layer": "conv1",
                "activation": "ReLU",
                "units": 96,
                "dead_units": 0.25,
                "zero_activations": zero,
                "gradient_norm": norm,
            },
            {
                "state": state,
                "layer": "fc8",
                "activation": "none",
                "units": 100,
                "gradient_norm": 4.0,
            },
        ]
    frame = pd.DataFrame(table).assign(n=1000, gradient_n=128)
    frame["saturated_activations"] = None
    frame.to_csv(run / "diagnostics.csv", index=False)
    manifest = folder.read_json(run / "manifest.json")
    written = manifest | {"export": {"files": ["diagnostics.csv"]}}
    folder.write_json(run / "manifest.json", written)
