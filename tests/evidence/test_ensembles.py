"""Averages of several networks, beside their members."""

import pytest

from analysis.evidence import runs
from analysis.evidence.ensembles import ensembles
from analysis.evidence.runs import ReportError
from tests.made.errors import mistakes, write_ensemble, write_exported

MEMBERS = ["released-145/seed-0", "released-145/seed-1"]


def load(reports):
    return runs.load("tiny-imagenet", reports)


@pytest.fixture
def reports(tmp_path):
    for seed, count in enumerate((40, 44, 90)):
        wrong = mistakes(count + 2, count, count // 2, count // 2)
        write_exported(tmp_path, seed=seed, wrong=wrong, images=100)
    return tmp_path


def test_the_gain_is_over_the_mean_of_the_members_alone(reports):
    write_ensemble(reports, MEMBERS, wrong=mistakes(38, 36, 20, 18), images=100)
    (found,) = ensembles(load(reports))
    assert found.members.seeds == [0, 1]
    gain = found.gain(10, 1)
    assert gain.value == pytest.approx(0.42 - 0.36)
    assert gain.over == "images" and gain.low < 0.06 < gain.high
    assert found.error(10, 1).per_cent.startswith("36.00 (")
    rows = {(row["views"], row["top"]): row for row in found.rows()}
    assert rows[10, 5]["members"] == pytest.approx(0.21)
    assert rows[1, 1]["gain"].value == pytest.approx(0.44 - 0.38)
    assert {row["networks"] for row in found.rows()} == {2}


def test_an_average_whose_members_are_not_here_does_not_count(reports):
    write_ensemble(reports, [*MEMBERS, "released-145/seed-7"], wrong=mistakes(1, 1))
    assert ensembles(load(reports)) == []


def test_an_average_on_other_images_is_refused(reports):
    write_ensemble(reports, MEMBERS, wrong=mistakes(1, 1), images=50)
    with pytest.raises(ReportError, match="five: not the test images of its members"):
        ensembles(load(reports))


def test_a_manifest_without_members_is_named(reports):
    folder = write_ensemble(reports, MEMBERS, wrong=mistakes(1, 1), images=100)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(ReportError, match="five.*lacks 'members'"):
        ensembles(load(reports))


def test_without_runs_or_averages_there_are_none(reports, tmp_path_factory):
    assert ensembles(load(reports)) == []
    assert ensembles(load(tmp_path_factory.mktemp("empty"))) == []
