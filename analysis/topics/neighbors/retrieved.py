"""What is retrieved for test images: the arithmetic behind Figure 4, right.

Arrays are of S seeds, Q queries and k neighbours of each, the nearest first. Queries are
the same images with every seed; intervals draw them again, ranges are over the seeds.
"""

import numpy as np
import pandas as pd

from analysis.evidence.features import FEATURES, PIXELS, SPACES, Neighbors
from analysis.statistics.estimates import Estimate
from analysis.statistics.images import bootstrap
from analysis.statistics.numbers import Line, mean_and_range

FILES = ("neighbors.npz", "examples.npz", "predictions.npz")
QUERIES, COLUMNS = 5, 6  # of figure 4, right: test images, training images of each
COUNTED = (1, COLUMNS)  # the nearest one, and those that the figure shows
NEAR = 0.01  # of the training images by distance in pixels
DECILES = 10


def estimate(hits: np.ndarray, of: np.ndarray | None = None) -> tuple[Estimate, Line]:
    """The sum of `hits` over that of `of`, both (S, Q); without `of` the mean of `hits`.

    The estimate is of the seeds' mean, with an interval over queries; the line is over
    the seeds that have something to count.
    """
    of = np.ones(hits.shape) if of is None else of
    sums = [(seed.sum(), all_.sum()) for seed, all_ in zip(hits, of, strict=True)]
    by_seed = [part / whole for part, whole in sums if whole]
    return bootstrap(hits.mean(0), of.mean(0)), mean_and_range(by_seed)


def precision(found: Neighbors) -> pd.DataFrame:
    """One row for each of COUNTED: share of the query's class, by space, and the gain.

    `gain` is the share in features minus that in pixels, of the same queries.
    """
    rows = []
    for k in COUNTED:
        shares = {space: found.same(space)[:, :, :k].mean(2) for space in SPACES}
        row = {"k": k} | {space: estimate(share) for space, share in shares.items()}
        rows.append(row | {"gain": estimate(shares[FEATURES] - shares[PIXELS])})
    return pd.DataFrame(rows)


def outside(found: Neighbors) -> pd.DataFrame:
    """How many of the features' first neighbours are not near in pixels.

    One row is for all of them and one for those of the query's class: the share beyond
    the nearest NEAR of the training images in pixels, and the median rank as a share.
    """
    rank = found.rank[:, :, :COLUMNS]
    same = found.same(FEATURES)[:, :, :COLUMNS]
    far = rank > NEAR * found.database
    rows = []
    for which, counted in (("all", np.ones_like(same)), ("of the query's class", same)):
        if counted.any():
            rows.append(
                {
                    "neighbours": which,
                    "far": estimate((far & counted).sum(2), counted.sum(2)),
                    "median": float(np.median(rank[counted]) / found.database),
                    "count": counted.sum() / len(counted),
                }
            )
    return pd.DataFrame(rows)


def deciles(found: Neighbors) -> pd.DataFrame:
    """Share of the query's class by distance, ten classes of equally many pairs.

    One row for each space and decile of all (query, neighbour) pairs of a seed; `near`
    and `far` are the mean limits of its distances.
    """
    rows = []
    for space in SPACES:
        distance = found.distance[space]
        place = np.stack([_deciles(each) for each in distance])
        for decile in range(DECILES):
            inside = place == decile
            if inside.any():
                hits = (found.same(space) & inside).sum(2)
                share, seeds = estimate(hits, inside.sum(2))
                rows.append(
                    {
                        "space": space,
                        "decile": decile + 1,
                        **_limits(distance, inside),
                        "share": share,
                        "seeds": seeds,
                        "pairs": inside[0].sum(),
                    }
                )
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
    _, lowest, highest = zip(*deciles["seeds"], strict=True)
    ranges = {"lowest_seed": lowest, "highest_seed": highest}
    return deciles[columns].assign(**parts, **ranges)


def shown(found: Neighbors) -> pd.DataFrame:
    """One row for each image that the figure shows of the first seed.

    `row` and `query` are rows of the packs, labels are names of classes.
    """
    rows = []
    for space in SPACES:
        indices, classes = found.rows[space][0], found.classes[space][0]
        same, distance = found.same(space)[0], found.distance[space][0]
        for query in range(min(QUERIES, len(found.queries))):
            for place in range(min(COLUMNS, indices.shape[1])):
                at = query, place
                rows.append(
                    {
                        "space": space,
                        "query": int(found.queries[query]),
                        "query_label": found.names[found.labels[query]],
                        "rank": place + 1,
                        "row": int(indices[at]),
                        "label": found.names[classes[at]],
                        "same": bool(same[at]),
                        "distance": float(distance[at]),
                    }
                )
    return pd.DataFrame(rows)
