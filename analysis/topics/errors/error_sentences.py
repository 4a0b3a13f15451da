"""What our runs say of the claims on errors, in sentences with data, n and interval."""

from typing import Any

import pandas as pd

from analysis.evidence.ensembles import Ensemble
from analysis.evidence.runs import ReportError, Run
from analysis.statistics.estimates import counted, signed

BASELINES = ("HOG", "pixels")  # in probe.csv; the first that is there counts
PROTOCOL = (
    "Intervals are 95 %: over seeds, Student's t, on these images; of one seed over "
    "images, Wilson's of an error and Agresti and Min's of a paired difference, which "
    "leave out how much seeds differ. Errors on other images than the paper's neither "
    "confirm nor contradict its numbers."
)


def errors(ours: pd.DataFrame, top: int, views: int = 10) -> list[str]:
    """Our test errors of a protocol, one sentence a recipe."""
    rows = ours[(ours["split"] == "test") & (ours["views"] == views)]
    sentences = []
    for row in rows.itertuples():
        found = getattr(row, f"top{top}")
        sentences.append(
            f"Ours, {row.images}, n = {row.n:,}, {counted(views, 'view')}, one network "
            f"`{row.system}`: top-{top} {found.per_cent} %, interval over {found.covers}."
        )
    return sentences


def view_gains(gains: pd.DataFrame) -> list[str]:
    """What ten views take off, and McNemar's exact test of each seed."""
    sentences = []
    for row in gains.itertuples():
        tests = ", ".join(p_value(found.p) for found in row.tests.values())
        sentences.append(
            f"Ours, {row.images}, n = {row.gain.images:,}, `{row.run}`, top-{row.top}: "
            f"{100 * row.one_view:.2f} % with one view, {100 * row.ten_views:.2f} % with "
            f"ten, gain {row.gain.points} points, interval over {row.gain.covers}. "
            f"McNemar's exact test, by seed: {tests}."
        )
    return sentences


def p_value(p: float) -> str:
    """Two digits; no smaller than 0.0001."""
    return f"p = {p:.2g}" if p >= 0.0001 else "p below 0.0001"


def splits(differences: pd.DataFrame) -> list[str]:
    """Held-out minus test error, ten views, with what sampling images allows."""
    return [
        f"Ours, `{row.run}`, ten views, top-{row.top}: {100 * row.val:.2f} % on "
        f"{row.val_n:,} images held out of training, {100 * row.test:.2f} % on "
        f"{row.test_n:,} of {row.images}; difference {signed(100 * row.difference)} "
        f"points, standard error of sampling images {100 * row.standard_error:.2f}; "
        f"{counted(row.seeds, 'seed')}."
        for row in differences[differences["views"] == 10].itertuples()
    ]


def averages(ensembles: list[Ensemble], networks: int) -> list[str]:
    """Our ensembles of so many networks: error, and gain over the members' mean."""
    return [
        f"Ours, {row['images']}, n = {row['error'].images:,}, ten views, {networks} "
        f"networks `{ensemble.members.name}` averaged: top-{row['top']} "
        f"{row['error'].per_cent} %, members' mean {100 * row['members']:.2f} %, gain "
        f"{row['gain'].points} points; intervals over images, one ensemble."
        for ensemble in ensembles
        for row in ensemble.rows()
        if row["networks"] == networks and row["views"] == 10
    ]


def shallow(runs: list[Run]) -> list[str]:
    """The linear classifiers of probe.csv that need no network, each named once."""
    sentences = [
        f"A shallow baseline, linear on {vectors}: top-1 {100 * row.top1_error:.2f} %, "
        f"n = {row.n:,}, one view, fitted to {row.train_images:,} images (probe.csv of "
        f"`{run.name}`)."
        for run in runs
        for vectors, row in baselines(run).items()
    ]
    return list(dict.fromkeys(sentences))


def baselines(run: Run) -> dict[str, Any]:
    """Rows of probe.csv on what is not learned, by BASELINES; none without the file.

    Of several rows of a baseline the one fitted to most images.
    """
    path = run.folder / "probe.csv"
    if not path.is_file():
        return {}
    try:
        rows = sorted(pd.read_csv(path).itertuples(), key=lambda row: row.train_images)
        kinds = {row.vectors.partition(",")[0]: row for row in rows}
    except (ValueError, AttributeError) as error:
        raise ReportError(f"{path}: not readable ({error})") from error
    return {name: kinds[name] for name in BASELINES if name in kinds}
