"""The images that figures show: the thumbnails of examples.npz."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.evidence.exported import arrays, unusable
from analysis.evidence.runs import Run


@dataclass(frozen=True)
class Thumbnails:
    """The images of examples.npz by split and row of the pack."""

    images: dict[tuple[str, int], np.ndarray]  # uint8 (H, W, 3)
    classes: dict[tuple[str, int], str]
    shown: tuple[int, ...]  # rows of the test split, for Figure 4, left
    source: str
    path: Path

    def image(self, split: str, row: int) -> np.ndarray:
        """Raises ReportError where the file lacks it."""
        if (split, row) not in self.images:
            raise unusable(self.path, f"image {row} of the {split} split is missing")
        return self.images[split, row]


def thumbnails(run: Run) -> Thumbnails:
    """What examples.npz holds; raises ReportError naming the file."""
    names = ("images", "split", "index", "class_name", "shown_index", "source")
    path = run.folder / "examples.npz"
    found = arrays(path, names)
    rows = found["index"].tolist()
    keys = list(zip(found["split"].tolist(), rows, strict=True))
    return Thumbnails(
        images=dict(zip(keys, found["images"], strict=True)),
        classes=dict(zip(keys, found["class_name"].tolist(), strict=True)),
        shown=tuple(found["shown_index"].tolist()),
        source=str(found["source"]),
        path=path,
    )
