"""Tables 1 and 2 beside our errors: one row a system, images and number of views."""

from collections.abc import Iterable

import pandas as pd

from analysis.claims.reported_errors import NOTES, PAPER, RERUNS, ReportedError
from analysis.evidence import features
from analysis.evidence.answers import TOPS, VIEWS, Group, read_errors
from analysis.evidence.arms import R0
from analysis.evidence.ensembles import Ensemble
from analysis.evidence.runs import Runs
from analysis.statistics import images
from analysis.statistics.estimates import Estimate
from analysis.statistics.images import mean_error, share

MEMBERS = 5  # section 6 averages so many networks of one kind
OURS = "ours"
COLUMNS = ["images", "views", "system", "models", "top1", "top5", "n", "kind", "place"]
COLUMNS += ["printed1", "printed5"]  # the digits of the source
# The notes on the networks of tables 1 and 2; the others are ablations and relatives.
TABLED = ("145-2010", "145", "146-2012-2011")


def reported(rows: Iterable[ReportedError]) -> pd.DataFrame:
    """What others report, each error with an interval over its images."""
    return pd.DataFrame(
        [
            {
                "images": row.images.name,
                "views": row.views,
                "system": row.system,
                "models": row.networks,
                "top1": _estimate(row.top1, row.images.n),
                "top5": _estimate(row.top5, row.images.n),
                "n": row.images.n,
                "kind": row.kind,
                "place": row.place,
                "printed1": row.top1,
                "printed5": row.top5,
            }
            for row in rows
        ],
        columns=COLUMNS,
    )


def _estimate(per_cent, images: int) -> Estimate | None:
    return None if per_cent is None else share(float(per_cent) / 100, images)


def ours(groups: list[Group]) -> pd.DataFrame:
    """Mean errors over the seeds of every group, one row a split and number of views."""
    rows = []
    for number, group in enumerate(groups):
        errors = pd.concat([read_errors(run.folder) for run in group.runs])
        for (split, views), found in errors.groupby(["split", "views"], sort=False):
            rows.append({"group": number} | _row(group, split, views, found))
    columns = [*COLUMNS, "group", "run", "split", "seeds", "weights"]
    return pd.DataFrame(rows, columns=columns)


def _row(group: Group, split: str, views: int, found: pd.DataFrame) -> dict:
    n = int(found["n"].iloc[0])
    seeds = ", ".join(map(str, group.seeds))
    return {
        "images": group.images(split),
        "views": views,
        "system": group.name,
        "models": 1,
        "top1": mean_error(found["top1_error"].tolist(), images=n),
        "top5": mean_error(found["top5_error"].tolist(), images=n),
        "n": n,
        "kind": OURS,
        "place": f"seed {seeds}",
        "run": group.name,
        "split": split,
        "seeds": len(found),
        "weights": "+".join(sorted(set(found["weights"]))),
    }


def averaged(ensembles: list[Ensemble]) -> pd.DataFrame:
    """Our ensembles in the same columns."""
    rows = []
    for ensemble in ensembles:
        for views in VIEWS:
            top1, top5 = (ensemble.error(views, top) for top in TOPS)
            rows.append(
                {
                    "images": ensemble.members.images("test"),
                    "views": views,
                    "system": f"{ensemble.members.name}, averaged",
                    "models": len(ensemble.members.runs),
                    "top1": top1,
                    "top5": top5,
                    "n": top1.images,
                    "kind": OURS,
                    "place": f"ensembles/{ensemble.name}",
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def side_by_side(groups: list[Group], ensembles: list[Ensemble]) -> pd.DataFrame:
    """All errors; rows of the same images and number of views stand together.

    Our test images come first, then those of the paper in its order.
    """
    notes = [row for (run, *_), row in NOTES.items() if run in TABLED]
    frames = [
        reported([*PAPER.values(), *notes, *RERUNS]),
        ours(groups)[COLUMNS],
        averaged(ensembles),
    ]
    joined = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    joined["views"] = joined["views"].astype("Int64")
    mine = joined.loc[joined["kind"] == OURS, "images"]
    ordered = dict.fromkeys([*mine, *joined["images"]])
    order = {name: place for place, name in enumerate(ordered)}
    joined["order"] = joined["images"].map(order)
    joined["row"] = range(len(joined))
    keys = ["order", "views", "row"]
    joined = joined.sort_values(keys, ascending=[True, False, True], na_position="last")
    return joined[COLUMNS].reset_index(drop=True)


def view_gains(groups: list[Group]) -> pd.DataFrame:
    """How much ten views take off the error of the same networks with one view."""
    rows = []
    for group in groups:
        for top in TOPS:
            one, ten = group.wrong(1, top), group.wrong(10, top)
            pairs = zip(group.seeds, one, ten, strict=True)
            rows.append(
                {
                    "run": group.name,
                    "images": group.images("test"),
                    "top": top,
                    "one_view": float(one.mean()),
                    "ten_views": float(ten.mean()),
                    "gain": images.paired(one, ten),
                    "tests": {seed: images.mcnemar(*pair) for seed, *pair in pairs},
                }
            )
    columns = ["run", "images", "top", "one_view", "ten_views", "gain", "tests"]
    return pd.DataFrame(rows, columns=columns)


def split_differences(ours: pd.DataFrame) -> pd.DataFrame:
    """Error on the held-out images minus that on the test images, same networks.

    Both sets of images are the same for every seed, so that seeds do not average the
    sampling error out: `standard_error` is that of one network with the mean errors.
    """
    rows = []
    for (_, views), found in ours.groupby(["group", "views"], sort=False):
        by_split = found.set_index("split")
        if not {"val", "test"} <= set(by_split.index):
            continue
        val, test = by_split.loc["val"], by_split.loc["test"]
        for top in TOPS:
            a, b = val[f"top{top}"].value, test[f"top{top}"].value
            error = images.unpaired_standard_error(a, val["n"], b, test["n"])
            rows.append(
                {
                    "run": test["run"],
                    "views": views,
                    "top": top,
                    "images": test["images"],
                    "val": a,
                    "val_n": val["n"],
                    "test": b,
                    "test_n": test["n"],
                    "difference": a - b,
                    "standard_error": error,
                    "seeds": test["seeds"],
                }
            )
    return pd.DataFrame(rows)


def flat(joined: pd.DataFrame) -> pd.DataFrame:
    """`side_by_side` with each estimate as three columns of fractions, to download."""
    plain = joined.drop(columns=["top1", "top5", "printed1", "printed5"])
    for top in TOPS:
        for part in ("value", "low", "high"):
            found = joined[f"top{top}"]
            values = [None if each is None else getattr(each, part) for each in found]
            plain[f"top{top}_{part}"] = pd.Series(
                values, dtype=float, index=plain.index
            )
    return plain


def main_group(known: list[Group]) -> Group | None:
    """The group of R0 with most seeds; of equals the one that trained longest."""
    own = [group for group in known if R0.condition(group.name) is not None]
    return max(own, key=lambda group: (len(group.runs), group.epochs), default=None)


def baselines(group: Group) -> pd.DataFrame:
    """Rows of probe.csv on vectors that are not learned, one a seed and `kind`.

    Of several rows of a kind the one fitted to most images counts.
    """
    found = features.probes(Runs("", group.runs))
    found = found.assign(kind=found["vectors"].str.split(",").str[0])
    found = found.sort_values("train_images", kind="stable")
    return found.drop_duplicates(["seed", "kind"], keep="last")
