"""Which runs a topic shows."""

import pytest

from analysis.evidence.runs import ALL, ReportError
from analysis.report import contents
from analysis.report.contents import LEDGER
from tests.made.runs import CURVE_TO_5, write_race, write_run


def choose(topic, profile, reports):
    return contents.choose(topic, contents.known(profile, reports))


def test_the_best_profile_answers(tmp_path):
    assert choose("activations", None, tmp_path).profile == "smoke"
    write_race(tmp_path, profile={"name": "smoke"})
    assert choose("activations", None, tmp_path).profile == "smoke"
    write_run(tmp_path, CURVE_TO_5)
    assert choose("activations", None, tmp_path).profile == "cifar10"
    assert choose("activations", "smoke", tmp_path).profile == "smoke"


def test_without_its_first_recipe_the_profile_with_most_runs_answers(tmp_path):
    write_run(tmp_path, CURVE_TO_5, condition="R0", profile={"name": "smoke"})
    assert choose("dropout", None, tmp_path).profile == "smoke"
    for seed in (0, 1):
        write_run(tmp_path, CURVE_TO_5, condition="released-145", seed=seed)
    one = {"name": "tiny-imagenet"}
    write_run(tmp_path, CURVE_TO_5, condition="released-145", profile=one)
    assert choose("dropout", None, tmp_path).profile == "cifar10"
    write_run(tmp_path, CURVE_TO_5, condition="R-nodrop", profile=one)
    assert choose("dropout", None, tmp_path).profile == "tiny-imagenet"


def test_the_ledger_reads_every_profile(tmp_path):
    write_run(tmp_path, CURVE_TO_5)
    write_run(tmp_path, CURVE_TO_5, profile={"name": "smoke"}, status="failed")
    runs = choose(LEDGER, None, tmp_path)
    assert (runs.profile, len(runs.complete), len(runs.incomplete)) == (ALL, 1, 1)
    assert choose(LEDGER, "smoke", tmp_path).profile == "smoke"


def test_an_unknown_profile_is_one_line(tmp_path):
    with pytest.raises(ReportError, match="unknown profile 'mnist'; known: imagenet"):
        contents.known("mnist", tmp_path)
