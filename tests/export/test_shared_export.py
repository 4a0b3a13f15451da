"""Several processes export as one does; only the first has the run folder."""

import shutil

import numpy as np
import pandas as pd

from repro.export import steps
from repro.export.export import export
from repro.export.steps import STEPS
from repro.machine.ranks import joined
from repro.runs import exported
from tests.made.started_ranks import started
from tests.made.tiny_finished_run import CPU


def by_all(folder, *data):
    """Rank 1 is on another machine: it has no such folder. Data by rank."""
    for names, step in list(STEPS.items()):
        if step not in (*steps.SHARED, steps._kernels):
            del STEPS[names]  # the slow ones, which rank 0 takes alone
    with joined() as ranks:
        mine = folder if ranks.first else folder / "not here"
        own = data[ranks.rank % len(data)]
        export(mine, device=CPU, data=own, ranks=ranks)


def test_two_processes_export_as_one(data, trained, tmp_path):
    shared, alone = tmp_path / "shared", tmp_path / "alone"
    for ranks, folder in ((2, shared), (1, alone)):
        shutil.copytree(trained, folder)
        folders = tmp_path / str(ranks)
        codes, said, errors = started(folders, by_all, folder, data, ranks=ranks)
        assert codes == [0] * ranks, errors
        assert len(said.splitlines()) == 3  # one a step, of one rank
    names = [{path.name for path in folder.iterdir()} for folder in (shared, alone)]
    assert names[0] == names[1] > {*exported.LARGE, "kernels.npy"}
    pd.testing.assert_frame_equal(
        *(pd.read_csv(folder / "errors.csv") for folder in (shared, alone))
    )
    ours, theirs = (np.load(f / "predictions.npz") for f in (shared, alone))
    for name in ("labels", "classes_1", "classes_10"):
        np.testing.assert_array_equal(ours[name], theirs[name])
    np.testing.assert_allclose(
        ours["probabilities_10"].astype(float), theirs["probabilities_10"], atol=2e-3
    )
    for name in exported.LARGE:  # of 160 and 30 images: batches of 500
        ours, theirs = (np.load(f / name) for f in (shared, alone))
        np.testing.assert_allclose(ours.astype(float), theirs, rtol=2e-3, atol=1e-3)


def test_a_rank_without_the_data_is_named_and_nothing_is_written(
    data, trained, tmp_path
):
    folder = tmp_path / "run"
    shutil.copytree(trained, folder)
    before = {path.name for path in folder.iterdir()}
    codes, _, errors = started(tmp_path / "ranks", by_all, folder, data, tmp_path)
    assert 0 not in codes
    assert "rank 1 of 2: " in errors
    assert "is not packed" in errors
    assert {path.name for path in folder.iterdir()} == before
