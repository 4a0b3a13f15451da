"""What is retrieved for test images: the arithmetic behind Figure 4, right.

Of S seeds, Q queries and k neighbours of each, nearest first. Queries are the same
images with every seed; intervals draw them again, ranges are over the seeds.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display import words
from analysis.evidence import exported
from analysis.evidence.exported import unusable
from analysis.evidence.runs import Run, Runs
from analysis.statistics import estimates, images
from analysis.statistics.numbers import mean_and_range

FILES = ("neighbors.npz", "examples.npz", "predictions.npz")
SPACES = {"features": "last hidden layer", "pixels": "pixels"}
QUERIES, COLUMNS = 5, 6  # of figure 4, right: test images, training images of each
COUNTED = (1, COLUMNS)  # the nearest one, and those that the figure shows
NEAR = 0.01  # of the training images by distance in pixels
DECILES = 10


@dataclass(frozen=True)
class Neighbors:
    """neighbors.npz of some seeds; `same`, `distance` and `rank` are (S, Q, k)."""

    queries: np.ndarray  # (Q,), rows of the test split
    same: dict[str, np.ndarray]  # by space: whether of the query's class
    distance: dict[str, np.ndarray]  # by space: Euclidean
    rank: np.ndarray  # in pixels, from 1, of the neighbours in features
    database: int  # training images searched
    classes: int

    @property
    def chance(self) -> float:
        """Agreement of a random training image where classes have equally many."""
        return 1 / self.classes

    @property
    def pairs(self) -> int:
        """Neighbours of each query."""
        return self.rank.shape[2]


def neighbors(runs: Runs) -> Neighbors:
    """What the seeds retrieved; raises ReportError where they asked different queries."""
    names = ["query_index", "query_label", "features_pixel_rank", "database_size"]
    names += [f"{space}_{what}" for space in SPACES for what in ("label", "distance")]
    seeds = [exported.arrays(run, "neighbors.npz", names) for run in runs.complete]
    for run, found in zip(runs.complete, seeds, strict=True):
        for name in ("query_index", "query_label", "database_size"):
            if not np.array_equal(found[name], seeds[0][name]):
                path = run.folder / "neighbors.npz"
                raise unusable(path, f"{name} differs from another seed's")
    first = seeds[0]
    labels = first["query_label"][:, None]
    return Neighbors(
        queries=first["query_index"],
        same={
            space: np.stack([found[f"{space}_label"] == labels for found in seeds])
            for space in SPACES
        },
        distance={
            space: np.stack([found[f"{space}_distance"] for found in seeds])
            for space in SPACES
        },
        rank=np.stack([found["features_pixel_rank"] for found in seeds]),
        database=int(first["database_size"]),
        classes=_classes(runs.complete[0]),
    )


def _classes(run: Run) -> int:
    names = exported.arrays(run, "predictions.npz", ["class_names"])
    return int((names["class_names"] != "").sum())  # outputs without images: no name


def estimate(
    hits: np.ndarray, of: np.ndarray | None = None
) -> tuple[estimates.Estimate, words.Line]:
    """Sums of (S, Q) over sums of (S, Q): over queries, of the seeds' mean, and by seed.

    Without `of` means. Seeds without anything to count are left out of the line.
    """
    of = np.ones(hits.shape) if of is None else of
    sums = [(seed.sum(), all_.sum()) for seed, all_ in zip(hits, of, strict=True)]
    by_seed = [part / whole for part, whole in sums if whole]
    return images.bootstrap(hits.mean(0), of.mean(0)), mean_and_range(by_seed)


def precision(found: Neighbors) -> pd.DataFrame:
    """One row for each of COUNTED: share of the query's class, by space, and the gain.

    `gain` is features less pixels, of the same queries.
    """
    rows = []
    for k in COUNTED:
        shares = {space: found.same[space][:, :, :k].mean(2) for space in SPACES}
        estimates = {space: estimate(share) for space, share in shares.items()}
        gain = estimate(shares["features"] - shares["pixels"])
        rows.append({"k": k} | estimates | {"gain": gain})
    return pd.DataFrame(rows)


def outside(found: Neighbors) -> pd.DataFrame:
    """How many of the features' first neighbours are not near in pixels.

    One row for all of them and one for those of the query's class: share beyond the
    nearest NEAR of the training images in pixels, and the median rank as a share.
    """
    k = COLUMNS
    rank, same = found.rank[:, :, :k], found.same["features"][:, :, :k]
    far = rank > NEAR * found.database
    rows = []
    for which, counted in (("all", np.ones_like(same)), ("of the query's class", same)):
        if counted.any():
            far_ones = estimate((far & counted).sum(2), counted.sum(2))
            median = float(np.median(rank[counted]) / found.database)
            row = {"neighbours": which, "far": far_ones, "median": median}
            rows.append(row | {"count": counted.sum() / len(counted)})
    return pd.DataFrame(rows)


def deciles(found: Neighbors) -> pd.DataFrame:
    """Share of the query's class by distance, ten classes of equally many pairs.

    One row for each space and decile of all (query, neighbour) pairs of a seed; `near`
    and `far` are the mean limits of its distances.
    """
    rows = []
    for space in SPACES:
        place = np.stack([_deciles(each) for each in found.distance[space]])
        for decile in range(DECILES):
            inside = place == decile
            if inside.any():
                hits = (found.same[space] & inside).sum(2)
                share, seeds = estimate(hits, inside.sum(2))
                limits = _limits(found.distance[space], inside)
                row = {"space": space, "decile": decile + 1, **limits}
                row |= {"share": share, "seeds": seeds, "pairs": inside[0].sum()}
                rows.append(row)
    return pd.DataFrame(rows)


def _deciles(distance: np.ndarray) -> np.ndarray:
    """(Q, k) of 0 to 9, by the order of all distances; of equals the first is nearer."""
    order = distance.ravel().argsort(kind="stable")
    place = np.empty(order.size, int)
    place[order] = np.arange(order.size) * DECILES // order.size
    return place.reshape(distance.shape)


def _limits(distance: np.ndarray, inside: np.ndarray) -> dict[str, float]:
    each = [one[within] for one, within in zip(distance, inside, strict=True)]
    return {
        "near": float(np.mean([one.min() for one in each])),
        "far": float(np.mean([one.max() for one in each])),
    }


def flat(deciles: pd.DataFrame) -> pd.DataFrame:
    """The table of deciles with plain numbers, to download."""
    columns = ["space", "decile", "near", "far", "pairs"]
    parts = {
        name: [getattr(each, name) for each in deciles["share"]]
        for name in ("value", "low", "high")
    }
    ranges = dict(
        zip(
            ("lowest_seed", "highest_seed"),
            zip(*[line[1:] for line in deciles["seeds"]], strict=True),
            strict=True,
        )
    )
    return deciles[columns].assign(**parts, **ranges)


def shown_neighbors(run: Run) -> pd.DataFrame:
    """One row for each image that the figure shows, of one seed.

    Of a space, a query and a rank: rows of the packs, class names, whether the same.
    """
    names = [
        f"{space}_{what}" for space in SPACES for what in ("index", "label", "distance")
    ]
    names += ["query_index", "query_label"]
    found = exported.arrays(run, "neighbors.npz", names)
    classes = exported.arrays(run, "predictions.npz", ["class_names"])["class_names"]
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
