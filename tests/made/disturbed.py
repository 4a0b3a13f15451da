"""disturbed.csv with made-up errors, as export writes it."""

from pathlib import Path

import pandas as pd

from analysis.evidence.disturbed import FILE

SHARES = (1 / 16, 1 / 8, 1 / 4)
AMOUNTS = {f"colour axis {axis}": (3.0, 6.0) for axis in (1, 2, 3)}
AMOUNTS["light scaled"] = (1.25, 1.5)


def write_disturbed(
    run: Path,
    plain: float = 0.3,
    *,
    shifted: tuple[float, ...] = (0.3, 0.35, 0.4),
    light: tuple[float, ...] = (0.0,) * 8,
    images: int = 1000,
) -> None:
    """`shifted` are errors by share; `light` is what each of AMOUNTS adds, in order."""
    rows = [("none", 0.0, plain)]
    rows += [("shift", *each) for each in zip(SHARES, shifted, strict=True)]
    lit = [(name, amount) for name, found in AMOUNTS.items() for amount in found]
    rows += [(*each, plain + rise) for each, rise in zip(lit, light, strict=True)]
    frame = pd.DataFrame(rows, columns=["disturbance", "amount", "top1_error"])
    about = {"top5_error": 0.0, "split": "test", "views": 1, "n": images}
    frame.assign(**about, protocol="p").to_csv(run / FILE, index=False)
