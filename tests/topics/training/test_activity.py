"""diagnostics.csv as a table, and the ratio of gradient norms."""

import pandas as pd
import pytest

from analysis.evidence import runs
from analysis.evidence.runs import ReportError
from analysis.topics.training import activity
from tests.made.training_runs import write_diagnostics, write_training


def load(reports):
    return runs.load("tiny-imagenet", reports)


def test_the_ratio_is_conv1_over_fc8_by_run_and_state(tmp_path):
    write_diagnostics(write_training(tmp_path), gradients=(1.0, 2.0))
    write_diagnostics(write_training(tmp_path, seed=1), gradients=(3.0, 6.0))
    ratios = activity.gradient_ratios(activity.measured(load(tmp_path)))
    known = ratios.set_index(["state", "seed"])["ratio"]
    assert known["untrained"].tolist() == [0.25, 0.75]
    assert known["trained"].tolist() == [0.5, 1.5]


def test_the_table_has_a_row_a_layer_untrained_to_trained(tmp_path):
    write_diagnostics(write_training(tmp_path), zeros=(0.5, 0.6))
    write_diagnostics(write_training(tmp_path, seed=1), zeros=(0.5, 0.8))
    first, last = activity.shown(activity.measured(load(tmp_path))).to_dict("records")
    assert (first["Layer"], first["Units"], first["Seeds"]) == ("conv1", "96", "2")
    assert first["Zero activations, %"] == "50.0 → 70.0 (60.0–80.0)"
    assert first["Dead units, %"] == "25.0 → 25.0"
    assert last["Dead units, %"] == "–"
    assert "Saturated activations, %" not in first


def test_saturating_units_have_a_column(tmp_path):
    run = write_training(tmp_path, "R-tanh")
    write_diagnostics(run)
    frame = pd.read_csv(run / "diagnostics.csv")
    frame.assign(saturated_activations=0.125).to_csv(run / "diagnostics.csv")
    rows = activity.shown(activity.measured(load(tmp_path)))
    assert rows["Saturated activations, %"].iloc[0] == "12.5 → 12.5"


def test_only_what_the_export_has_finished_counts(tmp_path):
    run = write_training(tmp_path)
    frame = pd.DataFrame(columns=activity.COLUMNS)
    frame.to_csv(run / "diagnostics.csv", index=False)  # half an export
    assert not activity.exported(load(tmp_path).complete[0])
    write_diagnostics(run)
    assert activity.exported(load(tmp_path).complete[0])
    (run / "diagnostics.csv").unlink()
    assert not activity.exported(load(tmp_path).complete[0])
    assert activity.measured(load(tmp_path)).empty


def test_a_file_that_is_something_else_is_named(tmp_path):
    run = write_training(tmp_path)
    write_diagnostics(run)
    frame = pd.read_csv(run / "diagnostics.csv").drop(columns="gradient_norm")
    frame.to_csv(run / "diagnostics.csv", index=False)
    with pytest.raises(ReportError, match=r"diagnostics\.csv: columns missing: grad"):
        activity.measured(load(tmp_path))
    (run / "diagnostics.csv").write_text("")
    with pytest.raises(ReportError, match=r"diagnostics\.csv: not readable"):
        activity.measured(load(tmp_path))


def test_the_sentences_have_n_and_the_data(tmp_path):
    write_diagnostics(write_training(tmp_path))
    text = " ".join(activity.sentences(activity.measured(load(tmp_path))))
    assert "released-145 (1 seed; tiny-imagenet train), ReLU: gradient norm" in text
    assert "0.25 untrained, 0.5 trained (128 images)" in text
    assert "conv1 50.0 → 60.0 % (1,000 images)" in text
