"""Run folders with made-up learning curves, in the form that training writes."""

from pathlib import Path

from repro.runs import folder

CURVE_TO_5 = (0.9, 0.8, 0.6, 0.4, 0.3, 0.25, 0.2)  # 25 % after exactly 5 epochs
CURVE_TO_10 = (0.9, *(0.8 - 0.05 * step for step in range(9)), 0.25, 0.2)
NEVER = (0.9, 0.8, 0.7)

PROFILE = {
    "name": "cifar10",
    "dataset": "cifar10",
    "side": 32,
    "validation_images": 5000,
    "note": "",
    "activations": {
        "conditions": ["figure1-18pct-modern", "figure1-18pct-original"],
        "further_conditions": ["figure1-13pct-modern"],
        "further_arms": [],
        "arms": ["relu", "tanh"],
    },
}


def write_run(
    reports: Path,
    errors: tuple[float, ...],
    *,
    condition: str = "figure1-18pct-modern",
    activation: str = "relu",
    rate: float = 0.01,
    seed: int = 1,
    **changes,
) -> Path:
    """Write one run; `errors` are by epoch, from before training on."""
    profile = PROFILE | changes.pop("profile", {})
    name = f"{condition}+learning_rate={rate:g}"
    name += "" if activation == "relu" else f"+activation={activation}"
    run = folder.run_folder(reports, profile["name"], name, seed)
    recipe = {
        "network": {"layout": "cifar-18pct", "activation": activation},
        "initial_values": {"scheme": "torch"},
        "optimisation": {
            "learning_rate": rate,
            "weight_decay": 0.0,
            "output_weight_decay": 0.0,
            "epochs": 40,
        },
        "augmentation": {"crop": "whole", "flip": False, "pixels": "standardised"},
    }
    record = {"name": name, "recipe": recipe, "profile": profile, "seed": seed}
    manifest = {
        "status": "complete",
        "stop": "train_top1_error at most 0.2",
        "commit": "0123456789abcdef",
        "dirty": False,
        "command": "repro reproduce --profile cifar10",
        "versions": {"python": "3.12.1", "torch": "2.11.0"},
        "hardware": {"device": "cpu", "processor": "an example", "threads": 2},
        "precision": "float32",
        "data": {
            "dataset": "cifar10",
            "split": "train",
            "sha256": {"images": "47af8b02", "labels": "5e7a"},
        },
        "splits": {"train": 45_000, "val": 5000},
        "protocol": "centre view, no augmentation",
        "started": f"2026-01-01T00:00:0{seed}+00:00",
        "ended": "2026-01-01T01:00:00+00:00",
    }
    folder.write_json(run / "recipe.json", record)
    folder.write_json(run / "manifest.json", manifest | changes)
    rows = [
        {"epoch": epoch, "step": 390 * epoch, "train_top1_error": error}
        for epoch, error in enumerate(errors)
    ]
    folder.write_metrics(run, rows)
    return run


def write_race(reports: Path, **changes) -> None:
    """One condition with everything: a search of two rates an arm, then two seeds."""
    arms = {"relu": (CURVE_TO_5, 0.01), "tanh": (CURVE_TO_10, 0.02)}
    for arm, (curve, rate) in arms.items():
        write_run(reports, curve, activation=arm, rate=rate, seed=0, **changes)
        slow = {"stop": "beaten: another rate needed 5.00 epochs"} | changes
        write_run(reports, NEVER, activation=arm, rate=4 * rate, seed=0, **slow)
        for seed in (1, 2):
            stretched = (curve[0], *curve) if seed == 2 else curve
            write_run(
                reports, stretched, activation=arm, rate=rate, seed=seed, **changes
            )
