"""Gradients and silent units of two arms, by hand."""

import pytest

from analysis.claims import claims
from analysis.evidence import runs
from analysis.ledger.lines import lines
from analysis.topics.training import topic
from tests.made.training_runs import write_diagnostics, write_training

STATES = ("untrained", "trained")


def offered(reports):
    return topic.measured(runs.load("tiny-imagenet", reports))


def words(reports):
    (claim,) = [claim for claim in claims.load() if claim.id == "X23"]
    found = lines(claim, offered(reports)["X23"], "tiny-imagenet")
    return [line.verdict.word for line in found]


def write(reports, seeds=(0, 1), *, tanh=(0.5, 0.5), relu=(1.0, 2.0)):
    """Norms at conv1; at fc8 it is 4. With ReLU 50 and 60 % of zeros, with tanh none."""
    for seed in seeds:
        write_diagnostics(write_training(reports, seed=seed), gradients=relu)
        other = write_training(reports, "R-tanh", seed)
        write_diagnostics(other, gradients=tanh, zeros=(0.0, 0.0))


def test_both_quantities_before_and_after_training(tmp_path):
    write(tmp_path)
    found = offered(tmp_path)["X23"]
    assert [each.quantity for each in found] == ["gradient"] * 2 + ["zeros"] * 2
    assert [each.value for each in found] == pytest.approx([2, 4, 50, 60])
    assert [each.unit for each in found] == ["times"] * 2 + ["points"] * 2
    assert found[0].stated == "2, untrained: 0.25 and 0.125"
    assert found[3].stated == "+60.00, trained: 60.0 % and 0.0 %"
    assert [each.images for each in found] == [128, 128, 1_000, 1_000]
    assert all(each.seeds == (2, 2) for each in found)
    names = ("released-145", "R-tanh")
    assert found[0].runs == tuple(f"{n}/seed-{s}" for n in names for s in (0, 1))
    assert words(tmp_path) == ["direction reproduced"] * 4


def test_gradients_that_do_not_differ(tmp_path):
    write(tmp_path, tanh=(1.0, 3.0))
    assert words(tmp_path)[:2] == ["inconclusive", "contradicted"]


def test_one_run_an_arm_settles_nothing(tmp_path):
    write(tmp_path, [0])
    assert words(tmp_path) == ["inconclusive"] * 4


def test_a_gradient_of_zero_has_no_ratio(tmp_path):
    write(tmp_path, tanh=(0.0, 0.5))
    found = offered(tmp_path)["X23"]
    assert [each.stated.split(":")[0] for each in found] == [
        "4, trained",
        "+50.00, untrained",
        "+60.00, trained",
    ]


def test_runs_that_are_not_exported_do_not_count(tmp_path):
    write_diagnostics(write_training(tmp_path))
    write_training(tmp_path, "R-tanh")
    assert "X23" not in offered(tmp_path)


def test_units_that_are_never_active_without_normalisation(tmp_path):
    """A quarter of conv1 in every run: no difference, and no spread."""
    for seed in (0, 1):
        for recipe in ("released-145", "R-nolrn"):
            write_diagnostics(write_training(tmp_path, recipe, seed))
    (found,) = offered(tmp_path)["S3.3c"]
    assert (found.value, found.low, found.high) == (0, 0, 0)
    assert found.stated == "0.00, trained: 25.0 % and 25.0 %"
    assert found.runs[0] == "R-nolrn/seed-0" and found.seeds == (2, 2)

    for recipe, share in (("R-nolrn", "0.75"), ("released-145", "0.35")):
        path = tmp_path / f"tiny-imagenet/runs/{recipe}/seed-1/diagnostics.csv"
        path.write_text(path.read_text().replace(",0.25,", f",{share},"))
    (found,) = offered(tmp_path)["S3.3c"]
    assert found.value == pytest.approx(20) and found.low < 0 < found.high
