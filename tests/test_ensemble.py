"""Several runs together: the mean of their probabilities, by hand."""

import numpy as np
import pytest
import torch

from repro.ensemble import ensemble_errors
from repro.finished_runs import classifier, open_finished
from repro.overrides import override
from repro.packs import open_pack
from repro.probabilities import probabilities
from repro.runs import RunError
from tests.tiny_finished_run import CPU, SMALL, write_finished_run, write_tiny_splits


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("ensemble")
    write_tiny_splits(root / "data")
    short = override(SMALL, {"epochs": 1})
    write_finished_run(root / "one", root / "data", short, seed=1)
    write_finished_run(
        root / "two", root / "data", override(short, {"crop": "centre"}), seed=2
    )
    return root


def test_two_networks_against_their_mean_by_hand(root):
    both = [root / "one", root / "two"]
    rows = ensemble_errors(both, device=CPU, data=root / "data")
    assert [row["views"] for row in rows] == [1, 10]
    assert {row["networks"] for row in rows} == {2}
    assert {row["split"] for row in rows} == {"test"}
    test = open_pack("cifar10-subset", "test", root / "data")
    images, total = torch.from_numpy(test.images.copy()), 0
    for run in both:
        one = classifier(open_finished(run), root / "data", CPU)
        total = total + probabilities(one, images, 10)
    order = np.argsort(-total.numpy(), axis=1, kind="stable")
    right = order == test.labels[:, None]
    assert rows[1]["top1_error"] == pytest.approx(1 - right[:, 0].mean())
    assert rows[1]["top5_error"] == pytest.approx(1 - right[:, :5].any(1).mean())
    assert rows[1]["n"] == 30


def test_one_network_is_an_ensemble_of_one(root):
    alone = ensemble_errors([root / "one"], device=CPU, data=root / "data")
    assert [row["networks"] for row in alone] == [1, 1]


def test_what_cannot_be_averaged_is_refused(root):
    with pytest.raises(RunError, match="twice"):
        ensemble_errors([root / "one"] * 2, device=CPU, data=root / "data")
    with pytest.raises(RunError, match="no run here"):
        ensemble_errors([root / "one", root], device=CPU, data=root / "data")
    with pytest.raises(RunError, match="needs runs"):
        ensemble_errors([], device=CPU, data=root / "data")
