"""The tables of errors as a reader sees them."""

import pandas as pd

from analysis.claims.reported_errors import NOTES
from analysis.evidence.ensembles import Ensemble
from analysis.statistics.estimates import Estimate
from analysis.statistics.numbers import signed
from analysis.topics.errors.numbers import OURS


def shown(joined: pd.DataFrame) -> pd.DataFrame:
    """`error_tables.side_by_side`: others with the digits they printed."""
    rows = []
    for row in joined.itertuples():
        own = row.kind == OURS
        rows.append(
            {
                "Images": row.images,
                "Views": _said(row.views),
                "Top-1": _cell(row.top1, row.printed1),
                "Top-5": _cell(row.top5, row.printed5),
                "System": row.system,
                "Averaged": _said(row.models),
                "n": f"{row.n:,}",
                "Interval over": (row.top1 or row.top5).covers if own else "images",
                "Source": f"{row.kind}: {row.place}",
            }
        )
    return pd.DataFrame(rows)


def _said(number) -> str:
    return "not said" if pd.isna(number) else str(int(number))


def _cell(found: Estimate | None, printed) -> str:
    if found is None:
        return ""
    if printed is None or pd.isna(printed):
        return found.per_cent
    return f"{printed} ({100 * found.low:.1f}–{100 * found.high:.1f})"


def shown_gains(gains: pd.DataFrame) -> pd.DataFrame:
    """`error_tables.view_gains`: the gain, and every seed's test."""
    rows = []
    for row in gains.itertuples():
        tests = row.tests.items()
        counts = [f"{found.only_first} / {found.only_second}" for _, found in tests]
        rows.append(
            {
                "Images": row.images,
                "Network": row.run,
                "Error": f"top-{row.top}",
                "One view": f"{100 * row.one_view:.2f}",
                "Ten views": f"{100 * row.ten_views:.2f}",
                "Gain, points": row.gain.points,
                "n": f"{row.gain.images:,}",
                "Interval over": row.gain.covers,
                "Seed": ", ".join(str(seed) for seed, _ in tests),
                "Right only with ten / one": ", ".join(counts),
                "McNemar": ", ".join(p_value(found.p) for _, found in tests),
            }
        )
    return pd.DataFrame(rows)


def shown_splits(differences: pd.DataFrame) -> pd.DataFrame:
    """`error_tables.split_differences`."""
    rows = [
        {
            "Network": row.run,
            "Views": str(row.views),
            "Error": f"top-{row.top}",
            "Held out": f"{100 * row.val:.2f}",
            "n held out": f"{row.val_n:,}",
            row.images: f"{100 * row.test:.2f}",
            "n test": f"{row.test_n:,}",
            "Difference, points": signed(100 * row.difference),
            "Standard error": f"{100 * row.standard_error:.2f}",
            "Seeds": str(row.seeds),
        }
        for row in differences.itertuples()
    ]
    return pd.DataFrame(rows).fillna("")


def shown_averages(averages: list[Ensemble]) -> pd.DataFrame:
    """Error of every ensemble beside the mean error of its members."""
    rows = [
        {
            "Images": row["images"],
            "Ensemble": row["ensemble"],
            "Networks": str(row["networks"]),
            "Views": str(row["views"]),
            "Error": f"top-{row['top']}",
            "Averaged": row["error"].per_cent,
            "Members' mean": f"{100 * row['members']:.2f}",
            "Gain, points": row["gain"].points,
            "n": f"{row['gain'].images:,}",
            "Intervals over": "images, one ensemble",
        }
        for ensemble in averages
        for row in ensemble.rows()
    ]
    return pd.DataFrame(rows)


def shown_notes() -> pd.DataFrame:
    """Every error in the authors' notes, with its protocol."""
    rows = [
        {
            "Run": f"#{run}",
            "What": row.system,
            "Images": row.images.name,
            "n": f"{row.images.n:,}",
            "Views": str(row.views),
            "Top-1": str(row.top1),
            "Top-5": str(row.top5),
        }
        for (run, *_), row in NOTES.items()
    ]
    return pd.DataFrame(rows)


def p_value(p: float) -> str:
    """Two digits; no smaller than 0.0001."""
    return f"p = {p:.2g}" if p >= 0.0001 else "p below 0.0001"
