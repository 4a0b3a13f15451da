"""The images that Figure 4 shows: thumbnails and, of its right, what they are."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.display.words import COLUMNS, QUERIES
from analysis.evidence.exported import arrays, unusable
from analysis.evidence.runs import Run
from analysis.topics.neighbors.retrieved import SPACES


@dataclass(frozen=True)
class Thumbnails:
    """The images of examples.npz, uint8 (H, W, 3), by split and row of the pack."""

    images: dict[tuple[str, int], np.ndarray]
    classes: dict[tuple[str, int], str]
    shown: tuple[int, ...]  # rows of the test split, for the left of the figure
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
    found = arrays(run, "examples.npz", names)
    rows = found["index"].tolist()
    keys = list(zip(found["split"].tolist(), rows, strict=True))
    return Thumbnails(
        images=dict(zip(keys, found["images"], strict=True)),
        classes=dict(zip(keys, found["class_name"].tolist(), strict=True)),
        shown=tuple(found["shown_index"].tolist()),
        source=str(found["source"]),
        path=run.folder / "examples.npz",
    )


def shown_neighbors(run: Run) -> pd.DataFrame:
    """One row for each image that the figure shows, of one seed.

    Of a space, a query and a rank: rows of the packs, class names, whether the same.
    """
    names = [
        f"{space}_{what}" for space in SPACES for what in ("index", "label", "distance")
    ]
    names += ["query_index", "query_label"]
    found = arrays(run, "neighbors.npz", names)
    classes = arrays(run, "predictions.npz", ["class_names"])["class_names"]
    rows = []
    for space in SPACES:
        for query in range(min(QUERIES, len(found["query_index"]))):
            label = found["query_label"][query]
            for place in range(min(COLUMNS, found[f"{space}_index"].shape[1])):
                own = found[f"{space}_label"][query, place]
                rows.append(
                    {
                        "space": space,
                        "query": int(found["query_index"][query]),
                        "query_label": str(classes[label]),
                        "rank": place + 1,
                        "row": int(found[f"{space}_index"][query, place]),
                        "label": str(classes[own]),
                        "same": bool(own == label),
                        "distance": float(found[f"{space}_distance"][query, place]),
                    }
                )
    return pd.DataFrame(rows)
