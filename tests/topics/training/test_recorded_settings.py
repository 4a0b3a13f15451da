"""Section 5's settings, read from the records of runs."""

from analysis.evidence import runs
from analysis.topics.training import recorded_settings
from tests.made.training_runs import write_training


def load(reports):
    return runs.load("tiny-imagenet", reports)


def test_runs_as_printed_are_counted(tmp_path):
    write_training(tmp_path)
    write_training(tmp_path, "released-145+batch_size=64", fields={"batch_size": 64})
    changed = {"output_weight_decay": 0.001}
    write_training(tmp_path, "released-145+output_weight_decay=0.001", fields=changed)
    (sentence,) = recorded_settings.optimiser(load(tmp_path))
    assert sentence.startswith("1 of 3 runs as printed; recorded: batch 128 or 64")
    assert "weight decay 0.0005 or 0.001" in sentence


def test_the_rates_are_those_that_the_runs_had(tmp_path):
    write_training(tmp_path)
    first, named, logged = recorded_settings.rates(load(tmp_path))
    assert first == "1 of 1 run with rate 0.01, divided 3 times by 10."
    assert "divided by 10 after epochs 1, 2, 3 of 4 (25 %, 50 %, 75 %)" in named
    assert "at epochs fixed beforehand" in named
    assert "biases at 2 times the first rate" in named
    assert "conv1 at 1e-05 after epoch 2, frozen after 3" in named
    assert "23, 51, 78 of 93, that is 25 %, 55 %, 84 %" in logged


def test_two_drops_or_another_factor_are_not_as_printed(tmp_path):
    write_training(tmp_path, rates=[0.01, 0.01, 0.01, 0.001, 0.0001])
    halved = [0.01, 0.01, 0.005, 0.0025, 0.00125]
    write_training(tmp_path, seed=1, rates=halved)
    first, named, _ = recorded_settings.rates(load(tmp_path))
    assert first.startswith("0 of 2 runs")
    assert "divided by 10 after epochs 2, 3 of 4" in named
    assert "divided by 2 after epochs 1, 2, 3 of 4" in named


def test_a_plateau_rule_and_no_drop_are_said(tmp_path):
    fields = {"schedule": "plateau", "bias_rate_factor": 1.0, "late_epochs": []}
    write_training(tmp_path, "released-145+a", fields=fields)
    write_training(tmp_path, "released-145+b", fields=fields, rates=[0.01] * 5)
    _, dropped, constant, _ = recorded_settings.rates(load(tmp_path))
    assert dropped.endswith("when the validation error has stopped improving.")
    assert constant == "released-145+b (1 seed): no drop."


def test_passes_are_epochs_times_images(tmp_path):
    """4 x 45,000 of 108 million."""
    write_training(tmp_path)
    (sentence,) = recorded_settings.passes(load(tmp_path))
    assert "4 epochs of 45,000 images, 0.167 % of the paper's 108 million" in sentence
