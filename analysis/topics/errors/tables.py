"""The tables of errors as a reader sees them."""

import pandas as pd

from analysis.claims.reported_errors import NOTES
from analysis.display.sections import Html, folded, table
from analysis.evidence.ensembles import Ensemble
from analysis.statistics.estimates import Estimate
from analysis.statistics.numbers import signed
from analysis.topics.errors.numbers import OURS


def errors_table(joined: pd.DataFrame) -> Html:
    """What `numbers.side_by_side` found."""
    caption = (
        "Errors, per cent, with 95 % intervals: rows of the same images and number "
        "of views stand together, and only those compare. Others' intervals are computed "
        "here from their number of images"
    )
    return table(shown(joined), caption=caption)


def shown(joined: pd.DataFrame) -> pd.DataFrame:
    """The cells of `numbers.side_by_side`; others keep the digits that they printed."""
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


def gains_table(gains: pd.DataFrame) -> Html:
    """What `numbers.view_gains` found: the gain, and every seed's test."""
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
    caption = (
        "The same network with one view and with ten, paired by image: McNemar's exact "
        "test and the gain with its 95 % interval"
    )
    return table(pd.DataFrame(rows), caption=caption)


def splits_table(differences: pd.DataFrame) -> Html:
    """What `numbers.split_differences` found; empty where no network held images out."""
    if differences.empty:
        return Html("")
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
    caption = (
        "The same network on images held out of training and on test images, per cent; "
        "standard error of the difference from sampling images alone"
    )
    return table(pd.DataFrame(rows).fillna(""), caption=caption)


def averages_table(averages: list[Ensemble]) -> Html:
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
    caption = "Averages of several networks of one recipe, test images"
    return table(pd.DataFrame(rows), caption=caption)


def notes_table() -> Html:
    """Every error in the authors' notes, with its protocol, folded."""
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
    caption = (
        "Errors in the comments of the authors' released parameter files, per cent"
    )
    title = f"All {len(rows)} errors in the authors' notes"
    return folded(title, table(pd.DataFrame(rows), caption=caption))


def p_value(p: float) -> str:
    """Two digits; no smaller than 0.0001."""
    return f"p = {p:.2g}" if p >= 0.0001 else "p below 0.0001"
